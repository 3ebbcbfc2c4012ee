"""How each engine's own client is called inside its container, and how its errors name a line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from pathlib import PurePosixPath

from localenv.core.data.engines import DataEngine
from localenv.errors import InvalidInput
from localenv.values import dataclass

__all__ = ["ClientCall", "ClientError", "call_for", "client_error", "load_call", "pipe_call", "script_call", "statement_call"]

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_PSQL_ERROR = re.compile(r"^psql:<stdin>:(\d+): (?:ERROR|FATAL): +(.*)$", re.MULTILINE)
_COPY_LINE = re.compile(r"^CONTEXT:  COPY [^,]+, line (\d+)", re.MULTILINE)
_SQL_ERROR = re.compile(r"^ERROR \d+ \([^)]*\)(?: at line (\d+))?: (.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCall:
    """One call of a client in the container; the file's content goes to its standard input."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Holds the password: never on the command line, where a process list shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientError:
    """What a client said: line of the file and message."""

    line: int | None
    message: str


def call_for(engine: DataEngine, file: str, header: str, variables: Mapping[str, str]) -> ClientCall:
    """Return the call that loads ``file`` (``.sql``, ``.csv``, ``.redis``) into a service with these variables.

    ``header`` is the first line of a CSV file: its columns. The table is the file's name.
    """
    suffix = PurePosixPath(_plain(file)).suffix
    if suffix == ".sql" and engine != "redis":
        return _postgresql(variables, ("-1", "-f", "-")) if engine == "postgresql" else _mysql(engine, variables, ())
    if suffix == ".csv" and engine != "redis":
        table = PurePosixPath(_plain(file)).stem
        columns = [column.strip().strip('"') for column in header.lstrip("\ufeff").strip().split(",")]
        return _csv(engine, file, table, columns, variables)
    if suffix == ".redis" and engine == "redis":
        return _redis(variables)
    raise InvalidInput(
        f"{file} cannot be loaded into {engine}",
        hints=("use .sql or .csv for PostgreSQL and MariaDB, .redis for Redis; .gz and .zst may follow",),
        code="data-file",
    )


def statement_call(engine: DataEngine, statement: str, variables: Mapping[str, str]) -> ClientCall:
    """Return the call that runs one statement and prints bare values (``verify`` of a data profile)."""
    if engine == "postgresql":
        return _postgresql(variables, ("-At", "-c", statement))
    if engine == "redis":
        return _redis(variables)
    return _mysql(engine, variables, ("--skip-column-names", "-e", statement))


def load_call(engine: DataEngine, statements: str, variables: Mapping[str, str]) -> ClientCall:
    """Return the call that runs LOAD DATA of MariaDB or MySQL from its standard input."""
    return _mysql(engine, variables, ("--local-infile=1", "--skip-column-names", "-e", statements))


def pipe_call(variables: Mapping[str, str]) -> ClientCall:
    """Return the call that hands commands in Redis' own protocol on from its standard input."""
    call = _redis(variables)
    return ClientCall(argv=(*call.argv, "--pipe"), environment=call.environment)


def script_call(engine: DataEngine, variables: Mapping[str, str], *, bare: bool = False) -> ClientCall:
    """Return the call that runs statements from its standard input until the first fails; ``bare`` prints values alone."""
    if engine == "postgresql":
        return _postgresql(variables, ("-At", "-f", "-") if bare else ("-f", "-"))
    if engine == "redis":
        return _redis(variables)
    return _mysql(engine, variables, ("--raw", "--skip-column-names") if bare else ())


def client_error(engine: DataEngine, output: str) -> ClientError:
    """Read the first error out of what a client printed."""
    if engine == "postgresql" and (found := _PSQL_ERROR.search(output)):
        inside = _COPY_LINE.search(output)
        line = int(found[1]) + (int(inside[1]) if inside else 0)
        return ClientError(line=line, message=found[2])
    if engine == "postgresql" and (found := re.search(r"^ERROR: +(.*)$", output, re.MULTILINE)):
        inside = _COPY_LINE.search(output)
        return ClientError(line=int(inside[1]) if inside else None, message=found[1])
    if found := _SQL_ERROR.search(output):
        return ClientError(line=int(found[1]) if found[1] else None, message=found[2])
    last = next((line for line in reversed(output.splitlines()) if line.strip()), "no output")
    return ClientError(line=None, message=last.strip())


def settle_call(engine: DataEngine, variables: Mapping[str, str]) -> ClientCall | None:
    """What has a database do at once what it would do later in every clone, there copying each table's file.

    PostgreSQL marks rows as committed when they are first read, and a minute after a start autovacuum rewrites tables that
    were filled (manual, "Routine Vacuuming"). ``None`` for an engine that leaves files alone which nobody writes to.
    """
    if engine != "postgresql":
        return None
    user, _, environment = _postgresql_login(variables)
    return ClientCall(argv=("vacuumdb", "--all", "--analyze", "--quiet", "-U", user), environment=environment)


def _plain(file: str) -> str:
    return file.removesuffix(".gz").removesuffix(".zst")


def _csv(engine: DataEngine, file: str, table: str, columns: list[str], variables: Mapping[str, str]) -> ClientCall:
    for name in (table, *columns):
        if not _PLAIN_NAME.fullmatch(name):
            raise InvalidInput(
                f"{name!r} cannot be a table or a column",
                where=f"{file}:1",
                hints=("a CSV file is named like its table, and its first line names the columns",),
                code="data-file",
            )
    if engine == "postgresql":
        listed = ", ".join(f'"{column}"' for column in columns)
        return _postgresql(variables, ("-c", f'copy "{table}" ({listed}) from stdin with (format csv, header true)'))
    listed = ", ".join(f"`{column}`" for column in columns)
    statement = (
        f"load data local infile '/dev/stdin' into table `{table}` character set utf8mb4 fields terminated by ',' "
        f"optionally enclosed by '\"' escaped by '' lines terminated by '\\n' ignore 1 lines ({listed})"
    )
    return _mysql(engine, variables, ("--local-infile=1", "--show-warnings", "-e", statement))


def _postgresql(variables: Mapping[str, str], arguments: tuple[str, ...]) -> ClientCall:
    user, database, environment = _postgresql_login(variables)
    argv = ("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-U", user, "-d", database, *arguments)
    return ClientCall(argv=argv, environment=environment)


def _postgresql_login(variables: Mapping[str, str]) -> tuple[str, str, dict[str, str]]:
    """User, database, and what the client needs to sign in."""
    user = variables.get("POSTGRES_USER") or variables.get("POSTGRESQL_USERNAME") or "postgres"
    database = variables.get("POSTGRES_DB") or variables.get("POSTGRESQL_DATABASE") or user
    password = variables.get("POSTGRES_PASSWORD") or variables.get("POSTGRESQL_PASSWORD") or ""
    return user, database, {"PGPASSWORD": password} if password else {}


def _mysql(engine: DataEngine, variables: Mapping[str, str], arguments: tuple[str, ...]) -> ClientCall:
    def value(name: str) -> str:
        return variables.get(f"MARIADB_{name}") or variables.get(f"MYSQL_{name}") or ""

    password = value("ROOT_PASSWORD")
    user = "root"
    if not password and value("USER"):
        user, password = value("USER"), value("PASSWORD")
    client = "mysql" if engine == "mysql" else "mariadb"
    database = (value("DATABASE"),) if value("DATABASE") else ()
    return ClientCall(
        argv=(client, f"--user={user}", "--batch", "--default-character-set=utf8mb4", *arguments, *database),
        environment={"MYSQL_PWD": password} if password else {},
    )


def _redis(variables: Mapping[str, str]) -> ClientCall:
    password = variables.get("REDIS_PASSWORD") or variables.get("VALKEY_PASSWORD") or ""
    return ClientCall(argv=("redis-cli",), environment={"REDISCLI_AUTH": password} if password else {})
