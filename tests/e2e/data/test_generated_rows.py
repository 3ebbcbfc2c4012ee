"""Rows that a profile describes are in a new environment's tables, the same in each, and what a table refuses is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, Result

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: made
services:
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: opensesame}
    volumes: ["rows:/var/lib/postgresql/data"]
    healthcheck: {test: ["CMD", "pg_isready", "-U", "postgres", "-h", "127.0.0.1"], interval: 10s, start_period: 30s}
  cache:
    image: redis:7
    command: [redis-server, --appendonly, "yes"]
    volumes: ["keys:/data"]
    healthcheck: {test: ["CMD", "redis-cli", "ping"], interval: 10s, start_period: 30s}
volumes: {rows: {}, keys: {}}
"""
SCHEMA = """
create type state as enum ('new', 'paid', 'sent');
create table countries (code text primary key, name text not null);
insert into countries values ('DE', 'Germany'), ('FR', 'France'), ('SE', 'Sweden');
create table customers (
  id bigint generated always as identity primary key, name text not null, email varchar(60) unique not null,
  country text not null references countries, referred_by bigint references customers, notes jsonb, seen inet
);
create table orders (
  id bigserial primary key, customer_id bigint not null references customers, state state not null,
  cents integer not null check (cents between 1 and 50000), placed timestamptz not null, paid timestamptz,
  total numeric generated always as (cents / 100.0) stored, tags text[] not null default '{}',
  check (paid >= placed)
);
create table lines (
  order_id bigint references orders, number integer, sku text not null, primary key (order_id, number)
);
create table teams (id integer primary key, lead_id integer not null);
create table people (id integer primary key, team_id integer not null references teams deferrable);
alter table teams add foreign key (lead_id) references people deferrable;
create function refuse() returns trigger language plpgsql as $$ begin raise exception 'nobody may'; end $$;
create trigger refuse before insert on people for each row execute function refuse();
"""
PROFILE = """
profile: made
classification: synthetic
seed: 11
services:
  db:
    files: [schema.sql]
    tables:
      lines:
        rows: {per: orders, min: 1, max: 3}
        columns:
          number: {sequence: {per: order_id}}
          sku: {pattern: "[A-Z]{3}-[0-9]{4}"}
      orders:
        rows: 5000
        columns:
          customer_id: {references: customers.id, distribution: zipf}
          state: {choice: {new: 1, paid: 8, sent: 1}}
          cents: {integer: {min: 1, max: 50000}}
          placed: {timestamp: {from: 2024-01-01, to: 2024-12-31}}
          paid: {timestamp: {after: placed, within: 3d}, null_rate: 0.1}
          tags: {array: {of: word, max: 4}}
      customers:
        rows: 700
        locale: de_DE
        columns:
          name: full_name
          email: email
          notes: {json: {vip: boolean, words: {array: {of: sentence}}}}
          seen: ipv4
          referred_by: {references: customers.id}
      teams: {rows: 10}
      people: {rows: 100}
    verify: ["select count(*) = 5000 from orders"]
  cache:
    tables:
      session: {rows: 5000, ttl: 86400, columns: {user: {integer: {max: 700}}, agent: user_agent}}
      best: {rows: 100, key: best, type: zset, columns: {member: {user_name: null, unique: true}, score: integer}}
    verify: ["EXISTS session:5000"]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("made")
    (directory / "compose.yaml").write_text(COMPOSE)
    (directory / "localenv.yaml").write_text("data: made\n")
    (directory / "schema.sql").write_text(SCHEMA)
    (directory / "profiles" / "data").mkdir(parents=True)
    (directory / "profiles" / "data" / "made.yaml").write_text(PROFILE)
    return directory


@pytest.fixture(scope="module")
def up(own: Installation, made: Path) -> Result:
    return own.must("up", cwd=made)


def ask(own: Installation, cwd: Path, statement: str, environment: str = "development") -> str:
    words = ("exec", environment, "db", "--", "psql", "-U", "postgres", "-Atc", statement)
    return own.must(*words, cwd=cwd).stdout.strip()


def contents(own: Installation, cwd: Path, environment: str = "development") -> str:
    hashes = ", ".join(
        f"(select md5(string_agg(t::text, '|' order by t::text)) from {table} t)"  # noqa: S608
        for table in ("customers", "orders", "lines", "people")
    )
    return ask(own, cwd, f"select {hashes}", environment)


def test_every_table_has_its_rows(own: Installation, made: Path, up: Result) -> None:
    counts = "select (select count(*) from customers), (select count(*) from orders), (select count(*) from people)"
    assert ask(own, made, counts) == "700|5000|100"
    assert ask(own, made, "select min(n), max(n) from (select count(*) n from lines group by order_id) t") == "1|3"


def test_what_is_in_them_fits_together(own: Installation, made: Path, up: Result) -> None:
    assert ask(own, made, "select count(distinct country), count(*) filter (where referred_by is null) from customers") == "3|1"
    assert ask(own, made, "select count(*) from orders where paid < placed or total is null") == "0"
    assert ask(own, made, "select bool_or(paid is null), bool_or(paid > placed), count(distinct state) from orders") == "t|t|3"
    assert ask(own, made, "select count(*) from lines where sku !~ '^[A-Z]{3}-[0-9]{4}$'") == "0"
    assert ask(own, made, "select bool_and(jsonb_typeof(notes -> 'vip') = 'boolean') from customers") == "t"


def test_keys_are_in_redis(own: Installation, made: Path, up: Result) -> None:
    def redis(*words: str) -> str:
        return own.must("exec", "development", "cache", "--", "redis-cli", *words, cwd=made).stdout.strip()

    assert redis("DBSIZE") == "5001"
    assert int(redis("HGET", "session:77", "user")) <= 700
    assert 0 < int(redis("TTL", "session:77")) <= 86400
    assert redis("ZCARD", "best") == "100"


def test_the_database_goes_on_counting_behind_them(own: Installation, made: Path, up: Result) -> None:
    statement = "insert into customers (name, email, country) values ('Ada', 'ada@example.test', 'SE') returning id"
    assert ask(own, made, f"begin; {statement}; rollback").splitlines()[1] == "701"
    assert ask(own, made, "select nextval('orders_id_seq') > 5000") == "t"


def test_progress_names_the_tables(up: Result) -> None:
    assert "5000 rows of orders -> db" in up.said


def test_the_same_profile_gives_the_same_rows_and_another_column_changes_none(own: Installation, made: Path, up: Result) -> None:
    first = contents(own, made)
    (made / "schema.sql").write_text(
        SCHEMA.replace("create table teams", "create table later (id serial primary key, word text);\ncreate table teams")
    )
    (made / "profiles" / "data" / "made.yaml").write_text(
        PROFILE.replace("      teams:", "      later: {rows: 10, columns: {word: word}}\n      teams:")
    )
    own.must("up", "again", "--tier", "development", cwd=made)
    assert contents(own, made, "again") == first
    assert ask(own, made, "select count(*) from later", "again") == "10"
    own.must("destroy", "again", "--yes", cwd=made)


def test_a_row_that_the_table_refuses_is_told_and_nothing_stays(own: Installation, made: Path, up: Result) -> None:
    profile = made / "profiles" / "data" / "made.yaml"
    profile.write_text(PROFILE.replace("max: 50000}", "max: 90000}"))
    failed = own.run("up", "broken", "--tier", "development", "--output", "json", cwd=made)
    assert failed.exit_code == 1
    assert failed.json["where"] == "profiles/data/made.yaml:19:11"
    assert 'violates check constraint "orders_cents_check"' in failed.json["message"]
    assert failed.json["message"].startswith("orders row ")
    assert "give cents generators that keep to it" in failed.stdout
    profile.write_text(
        PROFILE.replace(
            "customer_id: {references: customers.id, distribution: zipf}", "customer_id: {integer: {min: 1, max: 900}}"
        )
    )
    failed = own.run("up", "broken", "--tier", "development", "--output", "json", cwd=made)
    assert 'violates foreign key constraint "orders_customer_id_fkey"' in failed.json["message"]
    profile.write_text(PROFILE)
    own.must("up", "broken", "--tier", "development", cwd=made)
    assert ask(own, made, "select count(*) from orders", "broken") == "5000"
    own.must("destroy", "broken", "--yes", cwd=made)


def test_a_table_that_is_not_there_is_told_with_the_nearest(own: Installation, made: Path, up: Result) -> None:
    (made / "profiles" / "data" / "made.yaml").write_text(PROFILE.replace("      customers:", "      custmers:"))
    failed = own.run("up", "broken", "--tier", "development", cwd=made)
    assert failed.exit_code == 1
    assert "has no table custmers" in failed.stderr
    assert "nearest: customers" in failed.stderr
    own.must("destroy", "--all", "--yes", cwd=made)
