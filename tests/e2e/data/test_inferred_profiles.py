"""A profile inferred from a running database fills an empty one without an edit, whatever its schema asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.e2e.data.hostile import write_project
from tests.e2e.scenario import Installation, Result

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

PROFILE = "profiles/data/guessed.yaml"
_COUNT = "select '{}', count(*) from {}"


@pytest.fixture(scope="module")
def project(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("guessed")
    write_project(directory, "guessed")
    own.must("up", "--data", "empty", cwd=directory)
    return directory


@pytest.fixture(scope="module")
def inferred(own: Installation, project: Path) -> Result:
    return own.must("data", "infer", "--rows", "40", "--output", PROFILE, cwd=project)


@pytest.fixture(scope="module")
def filled(own: Installation, project: Path, inferred: Result) -> Result:
    return own.must("up", "second", "--tier", "development", "--data", "guessed", cwd=project)


def test_it_says_what_is_left_out_and_why(inferred: Result, project: Path) -> None:
    assert inferred.stdout == ""
    assert "db: rows for 12 of 15 tables" in inferred.stderr
    assert "unpartitioned is partitioned and has no partition" in inferred.stderr
    text = (project / PROFILE).read_text()
    assert "#   countries has 2 rows already: they stay and are referenced" in text
    assert "#   schema_migrations belongs to the framework's migrations" in text


def test_every_table_has_its_rows(own: Installation, project: Path, filled: Result) -> None:
    wanted = yaml.safe_load((project / PROFILE).read_text())["services"]["db"]["tables"]
    told = _psql(own, project, "second", " union all ".join(_COUNT.format(name, _quoted(name)) for name in wanted))
    found = dict(line.rsplit("|", 1) for line in told.splitlines())
    assert found == {name: str(each["rows"]) for name, each in wanted.items()}
    assert _psql(own, project, "second", "select count(*) from countries") == "2"


def test_what_checks_cannot_say_holds_too(own: Installation, project: Path, filled: Result) -> None:
    orphans = "select count(*) from users u left join countries c on c.code = u.country where c.code is null"
    assert _psql(own, project, "second", orphans) == "0"
    dangling = "select count(*) from notes where subject_type = 'User' and subject_id not in (select id from users)"
    assert _psql(own, project, "second", dangling) == "0"
    cycle = "select count(*) from cycle_a a join cycle_b b on b.id = a.b_id join cycle_a c on c.id = b.a_id"
    assert _psql(own, project, "second", cycle) == "40"
    assert _psql(own, project, "second", "select count(*) from events_1 join events_2 on false") == "0"
    assert int(_psql(own, project, "second", "insert into users (email, country, manager_id, share, tags) "
                     "values ('a@b', 'DE', 1, 0, '{x}') returning id").splitlines()[0]) == 41  # fmt: skip


def test_mariadb_is_filled_too(own: Installation, project: Path, filled: Result) -> None:
    wanted = yaml.safe_load((project / PROFILE).read_text())["services"]["other"]["tables"]
    names = {name: "`" + name.replace("`", "``") + "`" for name in wanted}
    told = mariadb(own, project, "second", " union all ".join(_COUNT.format(name, quoted) for name, quoted in names.items()))
    assert dict(line.split("\t") for line in told.splitlines()) == {name: str(each["rows"]) for name, each in wanted.items()}


def test_a_profile_that_is_there_stays(own: Installation, project: Path, inferred: Result) -> None:
    refused = own.run("data", "infer", "--output", PROFILE, cwd=project)
    assert refused.exit_code == 1
    assert f"{PROFILE} is there already" in refused.stderr


def test_without_a_file_it_is_printed(own: Installation, project: Path, inferred: Result) -> None:
    printed = own.must("data", "infer", cwd=project).stdout
    services = yaml.safe_load(printed)["services"]
    assert sorted(services) == ["db", "other"]
    orders = services["other"]["tables"]["order `x`.y"]["columns"]
    assert orders["state"] == {"choice": ["new", "paid"]}
    assert orders["low"] == {"integer": {"min": 4, "max": 46}}
    assert orders["ends"] == {"timestamp": {"after": "begins", "within": "30d"}}
    assert services["other"]["tables"]["events"]["columns"]["at"]["date"]["to"] == "2024-04-30"
    assert services["other"]["tables"]["names"]["columns"]["title"] == {"pattern": "[a-z]{6}", "unique": True}


def test_a_service_without_tables_is_named(own: Installation, project: Path, inferred: Result) -> None:
    refused = own.run("data", "infer", "--service", "nothing", cwd=project)
    assert refused.exit_code == 1
    assert "has no service nothing" in refused.stderr


def _psql(own: Installation, directory: Path, environment: str, statement: str) -> str:
    arguments = ("exec", "-T", environment, "db", "--", "psql", "-U", "postgres", "-d", "shop", "-Atqc", statement)
    return own.must(*arguments, cwd=directory).stdout.strip()


def _quoted(name: str) -> str:
    schema, _, table = name.partition(".") if name.startswith("sales.") else ("public", "", name)
    return f'"{schema}"."' + table.replace('"', '""') + '"'


def mariadb(own: Installation, directory: Path, environment: str, statement: str) -> str:
    client = ("mariadb", "-uroot", "-popensesame", "--batch", "--skip-column-names", "shop", "-e", statement)
    return own.must("exec", "-T", environment, "other", "--", *client, cwd=directory).stdout.strip()
