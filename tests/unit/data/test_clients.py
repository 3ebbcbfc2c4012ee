from __future__ import annotations

import pytest

from localenv.core.data.clients import ClientError, call_for, client_error
from localenv.core.data.engines import data_engine
from localenv.core.data.redis_commands import first_error, with_markers
from localenv.core.wanted import ImageDetails
from localenv.errors import InvalidInput

POSTGRES = {"POSTGRES_USER": "shop", "POSTGRES_DB": "store", "POSTGRES_PASSWORD": "hunter2"}
MARIADB = {"MARIADB_ROOT_PASSWORD": "hunter2", "MARIADB_DATABASE": "store"}


@pytest.mark.parametrize(
    ("image", "engine"),
    [
        ("postgres:16-alpine", "postgresql"),
        ("docker.io/library/postgres@sha256:abc", "postgresql"),
        ("localhost:5000/team/postgis:15", "postgresql"),
        ("mariadb:11", "mariadb"),
        ("mysql:8.4", "mysql"),
        ("valkey/valkey:8", "redis"),
        ("prom/postgres-exporter", None),
        ("dpage/pgadmin4", None),
        ("postgrest/postgrest:v12", None),
        ("nginx", None),
    ],
)
def test_the_engine_is_known_by_the_image(image: str, engine: str | None) -> None:
    assert data_engine(image, None) == engine


def test_an_image_of_another_name_is_known_by_its_data_path() -> None:
    details = ImageDetails(reference="team/store", id="sha256:1", volumes=("/var/lib/postgresql/data",))
    assert data_engine("team/store", details) == "postgresql"


@pytest.mark.parametrize(("engine", "file", "variables"), [("postgresql", "a.sql", POSTGRES), ("mariadb", "a.sql.gz", MARIADB)])
def test_a_password_is_never_an_argument(engine: str, file: str, variables: dict[str, str]) -> None:
    call = call_for(engine, file, "", variables)  # type: ignore[arg-type]
    assert not any("hunter2" in argument for argument in call.argv)
    assert "hunter2" in call.environment.values()
    assert "hunter2" not in repr(call)


def test_a_csv_file_is_copied_into_the_table_of_its_name() -> None:
    call = call_for("postgresql", "fixtures/countries.csv.zst", "code,name\n", POSTGRES)
    assert call.argv[-1] == 'copy "countries" ("code", "name") from stdin with (format csv, header true)'


@pytest.mark.parametrize("header", ['id,"x""; drop table y"', "a b", "id;name", ""])
def test_a_header_that_names_no_columns_is_refused_with_its_place(header: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        call_for("postgresql", "countries.csv", header, POSTGRES)
    assert raised.value.where == "countries.csv:1"


def test_a_file_of_another_kind_says_what_works() -> None:
    with pytest.raises(InvalidInput, match=r"dump\.bak cannot be loaded into mariadb"):
        call_for("mariadb", "dump.bak", "", MARIADB)


@pytest.mark.parametrize(
    ("engine", "output", "error"),
    [
        (
            "postgresql",
            'psql:<stdin>:12: ERROR:  relation "orderz" does not exist\nLINE 1: insert',
            ClientError(line=12, message='relation "orderz" does not exist'),
        ),
        (
            "postgresql",
            'ERROR:  invalid input syntax for type integer: "x"\nCONTEXT:  COPY t, line 3, column a: "x"',
            ClientError(line=3, message='invalid input syntax for type integer: "x"'),
        ),
        (
            "mariadb",
            "ERROR 1146 (42S02) at line 7: Table 'store.orderz' doesn't exist",
            ClientError(line=7, message="Table 'store.orderz' doesn't exist"),
        ),
        ("mariadb", "something else\n", ClientError(line=None, message="something else")),
    ],
)
def test_an_error_names_its_line(engine: str, output: str, error: ClientError) -> None:
    assert client_error(engine, output) == error  # type: ignore[arg-type]


def test_a_failing_redis_command_is_told_by_its_line() -> None:
    sent = b"".join(with_markers([b"# comment\n", b"SET a 1\n", b"\n", b"INCRBY a x\n", b"SET b 2\n"]))
    assert sent == (b"SET a 1\nECHO localenv:line:2\nINCRBY a x\nECHO localenv:line:4\nSET b 2\nECHO localenv:line:5\n")
    output = "OK\nlocalenv:line:2\nERR value is not an integer\n\nlocalenv:line:4\nOK\nlocalenv:line:5\n"
    assert first_error(output) == ClientError(line=4, message="ERR value is not an integer")
    assert first_error("OK\nlocalenv:line:2\n") is None
