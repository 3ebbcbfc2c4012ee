"""A data profile's files are in the volumes of a new environment, through each engine's own client."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.data.fixtures import ROWS, mariadb, postgres, redis, write
from tests.e2e.scenario import Installation, Result, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e]


@pytest.fixture(scope="module")
def filled(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("filled")
    write(directory)
    return directory


@pytest.fixture(scope="module")
def loaded(own: Installation, filled: Path) -> Result:
    return own.must("up", "--data", "everything", cwd=filled)


def test_postgres_has_the_rows(own: Installation, filled: Path, loaded: Result) -> None:
    counts = "select (select count(*) from people), (select count(*) from orders), (select count(*) from more)"
    assert postgres(own, filled, counts) == f"{ROWS}|{ROWS}|2"
    assert postgres(own, filled, "select name, note from people where id = 7") == 'Ann, 7|says "hello" 7'


def test_mariadb_has_the_rows(own: Installation, filled: Path, loaded: Result) -> None:
    assert mariadb(own, filled, "select count(*) from items") == str(ROWS)
    assert mariadb(own, filled, "select name from items where id = 7") == "item, 7 \N{SNOWMAN}"


def test_redis_has_the_keys(own: Installation, filled: Path, loaded: Result) -> None:
    assert redis(own, filled, "GET", "greeting") == "hello there"
    assert redis(own, filled, "LLEN", "list") == "3"


def test_the_volume_has_the_files(own: Installation, filled: Path, loaded: Result) -> None:
    assert own.get("development.filled.localhost").body == "loaded page"
    assert own.get("development.filled.localhost", "/deep/page.html").body == "deep page"


def test_progress_is_told_in_plain_lines(loaded: Result) -> None:
    for file in ("people.csv", "orders.csv.gz", "more.sql.zst", "items.csv", "keys.redis"):
        assert file in loaded.said
    assert "\x1b" not in loaded.said
    assert "\r" not in loaded.said


def test_volumes_say_class_and_profile(own: Installation, filled: Path, loaded: Result) -> None:
    form = '{{index .Labels "localenv.classification"}}'
    for key in ("rows", "tables", "keys", "pages"):
        assert docker("volume", "inspect", "--format", form, f"filled_development_{key}") == ["synthetic"]
    listed = own.must("ls", "--output", "json", cwd=filled).json["environments"]
    assert listed[0]["data_class"] == "synthetic"
    assert "everything" in own.must("status", "--output", "json", cwd=filled).stdout


def test_a_second_up_loads_nothing(own: Installation, filled: Path, loaded: Result) -> None:
    postgres(own, filled, "delete from people where id = 1")
    own.must("up", cwd=filled)
    own.must("restart", cwd=filled)
    assert postgres(own, filled, "select count(*) from people") == str(ROWS - 1)


def test_down_keeps_the_data_and_up_loads_nothing(own: Installation, filled: Path, loaded: Result) -> None:
    before = postgres(own, filled, "select count(*) from people")
    own.must("down", cwd=filled)
    own.must("up", cwd=filled)
    assert postgres(own, filled, "select count(*) from people") == before
    assert redis(own, filled, "GET", "greeting") == "hello there"


def test_an_unknown_profile_is_told_with_the_nearest(own: Installation, filled: Path) -> None:
    result = own.run("up", "other", "--tier", "development", "--data", "everythin", cwd=filled)
    assert result.exit_code == 1
    assert "everything" in result.stderr


def test_real_data_may_go_into_production_and_nowhere_else(own: Installation, filled: Path, loaded: Result) -> None:
    own.must("destroy", "--yes", cwd=filled)
    profile = (filled / "profiles" / "data" / "everything.yaml").read_text()
    (filled / "profiles" / "data" / "customers.yaml").write_text(
        profile.replace("synthetic", "real").replace("profile: everything", "profile: customers")
    )
    refused = own.run("up", "staging", "--data", "customers", cwd=filled)
    assert refused.exit_code == 1
    assert "staging" in refused.stderr
    assert "real" in refused.stderr
    own.must("up", "production", "--data", "customers", cwd=filled)
    form = '{{index .Labels "localenv.classification"}}'
    assert docker("volume", "inspect", "--format", form, "filled_production_rows") == ["real"]
    listed = own.must("ls", "--output", "json", cwd=filled).json["environments"]
    assert [(item["name"], item["data_class"]) for item in listed] == [("production", "real")]
    own.must("destroy", "production", "--confirm", "production", "--reason", "tried", cwd=filled)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}
