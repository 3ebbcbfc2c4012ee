"""Rows that a profile describes are in MariaDB's tables, whether it takes LOAD DATA or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.scenario import Installation

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: maria
services:
  other:
    image: mariadb:11
    environment: {MARIADB_ROOT_PASSWORD: opensesame, MARIADB_DATABASE: shop, MARIADB_USER: ada, MARIADB_PASSWORD: lovelace}
    volumes: ["tables:/var/lib/mysql"]
    healthcheck: {test: [CMD, healthcheck.sh, --connect, --innodb_initialized], interval: 10s, start_period: 60s}
volumes: {tables: {}}
"""
SCHEMA = """
create table colours (name varchar(20) primary key);
insert into colours values ('red'), ('green');
create table items (
  id int unsigned auto_increment primary key, sku varchar(30) not null unique, colour varchar(20) not null,
  price decimal(8,2) not null check (price > 0), state enum('new','old') not null, flags set('a','b'), sold boolean not null,
  made datetime not null, code binary(4), mask bit(3), place point, note json, total decimal(9,2) as (price * 2) stored,
  foreign key (colour) references colours (name)
) character set utf8mb4;
create table parts (item_id int unsigned not null, number int not null, name varchar(60) not null, above int unsigned,
  primary key (item_id, number), foreign key (item_id) references items (id));
"""
PROFILE = """
profile: made
classification: synthetic
seed: 5
services:
  other:
    files: [schema.sql]
    tables:
      items:
        rows: 9000
        columns:
          sku: {template: "SKU-{row:05d}"}
          price: {decimal: {min: 0.5, max: 900}}
          state: {choice: {new: 9, old: 1}}
          made: timestamp
          note: {json: {on: boolean, text: {constant: "a\\tb'\\\\c\\nd"}}}
          code: {bytes: {length: 4}}
          place: {constant: POINT(13.4 52.5)}
          mask: {pattern: "[01]{3}"}
      parts:
        rows: {per: items, min: 0, max: 2}
        columns: {name: full_name, above: {integer: {}, null_rate: 0.5}}
    verify: ["select count(*) = 9000 from items"]
"""


def ask(own: Installation, cwd: Path, statement: str, environment: str = "development") -> str:
    words = ("mariadb", "-uada", "-plovelace", "--default-character-set=utf8mb4", "-N", "-e", statement, "shop")
    return own.must("exec", environment, "other", "--", *words, cwd=cwd).stdout.strip()


@pytest.fixture
def made(tmp_path: Path) -> Path:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "localenv.yaml").write_text("data: made\n")
    (tmp_path / "schema.sql").write_text(SCHEMA)
    (tmp_path / "profiles" / "data").mkdir(parents=True)
    (tmp_path / "profiles" / "data" / "made.yaml").write_text(PROFILE)
    return tmp_path


def hashes(own: Installation, cwd: Path, environment: str = "development") -> str:
    columns = "concat_ws('|', id, sku, colour, price, state, flags, sold, made, hex(code), mask + 0, st_astext(place), note)"
    return ask(own, cwd, f"select sum(crc32({columns})), count(*) from items", environment)  # noqa: S608 - fixed


def test_rows_are_loaded_and_the_same_by_either_way(own: Installation, made: Path) -> None:
    own.must("up", cwd=made)
    counts = "count(*), count(distinct colour), sum(total = price * 2), count(code), count(place)"
    assert ask(own, made, f"select {counts} from items").split() == ["9000", "2", "9000", "9000", "9000"]  # noqa: S608 - fixed
    text = "select distinct hex(json_value(note, '$.text')) from items"
    assert ask(own, made, text) == b"a\tb'\\c\nd".hex().upper()
    assert ask(own, made, "select max(n), min(n) from (select count(*) n from parts group by item_id) t").split() == ["2", "1"]
    first = hashes(own, made)
    insert = "insert into items (sku, colour, price, state, sold, made) values ('x', 'red', 1, 'new', 1, now())"
    assert ask(own, made, f"{insert}; select max(id) from items") == "9001"  # noqa: S608 - fixed
    nobody = COMPOSE.replace("MARIADB_ROOT_PASSWORD: opensesame", 'MARIADB_RANDOM_ROOT_PASSWORD: "yes"')
    (made / "compose.yaml").write_text(nobody.replace("    volumes: [", "    command: [--local-infile=0]\n    volumes: ["))
    own.must("up", "again", "--tier", "development", cwd=made)
    assert hashes(own, made, "again") == first
    own.must("destroy", "--all", "--yes", cwd=made)


def test_what_a_table_refuses_is_told_by_row_and_column(own: Installation, made: Path) -> None:
    profile = made / "profiles" / "data" / "made.yaml"
    for wrong, where, words in (
        ("state: {choice: {new: 9, gone: 1}}", "14:11", "items row "),
        ("price: {decimal: {min: -1, max: 900}}", "13:11", "CONSTRAINT `items.price` failed"),
        ("sku: {choice: [a, b]}", "12:11", "9000 rows must differ, and there are 2 choices"),
    ):
        name = wrong.partition(":")[0]
        lines = [f"          {wrong}" if line.strip().startswith(f"{name}:") else line for line in PROFILE.splitlines()]
        profile.write_text("\n".join(lines) + "\n")
        failed = own.run("up", "--output", "json", cwd=made)
        assert failed.exit_code == 1, wrong
        assert words in failed.json["message"], failed.json
        assert failed.json["where"] == f"profiles/data/made.yaml:{where}", failed.json
    profile.write_text(PROFILE.replace("seed: 5", "seed: 6"))
    own.must("up", cwd=made)
    own.must("destroy", "--all", "--yes", cwd=made)
