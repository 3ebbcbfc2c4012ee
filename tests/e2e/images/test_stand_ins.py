"""Stand-ins behave as the images whose names they carry, as far as Compose files count on it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.images.containers import Container

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

Start = Callable[..., Container]


def write_scripts(directory: Path, shell: str) -> str:
    (directory / "1.sql").write_text("CREATE TABLE tea (name varchar(20)); INSERT INTO tea VALUES ('assam'), ('o''clock');\n")
    (directory / "2.sql.gz").write_bytes(gzip.compress(b"INSERT INTO tea VALUES ('chai');\n"))
    (directory / "3.sh").write_text(shell)
    (directory / "4.txt").write_text("not a script\n")
    directory.chmod(0o755)
    return f"--volume={directory}:/docker-entrypoint-initdb.d:ro"


def test_postgres_runs_its_scripts_once_and_keeps_its_rows(start: Start, tmp_path: Path) -> None:
    scripts = write_scripts(
        tmp_path, 'psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --command "INSERT INTO tea VALUES (\'sh\')"\n'
    )
    database = start(
        "postgres", scripts, "--env=POSTGRES_USER=app", "--env=POSTGRES_DB=shop", '--env=POSTGRES_PASSWORD=it\'s "x"'
    )
    database.says("pg_isready", "--username=app", "--dbname=shop")
    count = ("psql", "--username=app", "--dbname=shop", "--tuples-only", "--no-align", "--command=SELECT count(*) FROM tea")
    assert database.says(*count) == "4"
    assert database.stop() == 0
    database.start()
    assert database.says(*count) == "4"


def test_postgres_asks_for_its_password_over_the_network_only(start: Start) -> None:
    database = start("postgres", "--env=POSTGRES_PASSWORD=right")
    database.says("pg_isready", "--username=postgres")
    own = database.says("hostname", "-i").split()[0]
    login = ("psql", f"--host={own}", "--username=postgres", "--no-password", "--tuples-only", "--command=SELECT 1")
    assert "no password supplied" in database.run(*login).stderr
    assert database.run("env", "PGPASSWORD=right", *login).stdout.strip() == "1"
    assert "password authentication failed" in database.run("env", "PGPASSWORD=wrong", *login).stderr


def test_postgres_takes_its_password_from_a_file(start: Start, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from a file\n")
    tmp_path.chmod(0o755)
    database = start("postgres", f"--volume={tmp_path}:/run/secrets:ro", "--env=POSTGRES_PASSWORD_FILE=/run/secrets/password")
    database.says("pg_isready", "--username=postgres")
    own = database.says("hostname", "-i").split()[0]
    login = ("psql", f"--host={own}", "--username=postgres", "--tuples-only", "--command=SELECT 1")
    assert database.run("env", "PGPASSWORD=from a file", *login).stdout.strip() == "1"


def test_postgres_without_a_password_says_so_and_ends(start: Start) -> None:
    database = start("postgres")
    assert database.exit_code() == 1
    assert "set POSTGRES_PASSWORD" in database.logs()


def test_a_failing_script_ends_postgres_with_an_error(start: Start, tmp_path: Path) -> None:
    (tmp_path / "1.sql").write_text("SELECT 1;\nINSERT INTO nowhere VALUES (1);\n")
    tmp_path.chmod(0o755)
    database = start("postgres", f"--volume={tmp_path}:/docker-entrypoint-initdb.d:ro", "--env=POSTGRES_PASSWORD=x")
    assert database.exit_code() != 0
    assert '1.sql:2: ERROR:  relation "nowhere" does not exist' in database.logs()


def test_postgres_takes_settings_as_arguments(start: Start) -> None:
    database = start("postgres", "--env=POSTGRES_PASSWORD=x", command=("-c", "max_connections=17"))
    show = ("psql", "--username=postgres", "--tuples-only", "--command=SHOW max_connections")
    assert database.says(*show) == "17"


def test_mariadb_makes_accounts_and_runs_its_scripts_once(start: Start, tmp_path: Path) -> None:
    scripts = write_scripts(tmp_path, "echo ran the shell script\n")
    secret = 'it\'s "x" \\ y'
    database = start(
        "mariadb",
        scripts,
        f"--env=MYSQL_ROOT_PASSWORD={secret}",
        "--env=MARIADB_DATABASE=shop",
        "--env=MYSQL_USER=app",
        "--env=MARIADB_PASSWORD=word",
    )
    database.says("healthcheck.sh", "--connect", "--innodb_initialized")
    count = (
        "mariadb",
        "--host=127.0.0.1",
        "--user=app",
        "--password=word",
        "--skip-column-names",
        "shop",
        "--execute=SELECT count(*) FROM tea",
    )
    assert database.says(*count) == "3"
    root = ("mysql", "--user=root", f"--password={secret}", "--skip-column-names", "--execute=SELECT 1")
    assert database.says(*root) == "1"
    assert database.run("mysql", "--user=root", "--execute=SELECT 1").returncode != 0
    assert "ran the shell script" in database.logs()
    assert database.stop() == 0
    database.start()
    assert database.says(*count) == "3"


def test_mariadb_takes_its_password_from_a_file(start: Start, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from a file\n")
    tmp_path.chmod(0o755)
    database = start("mariadb", f"--volume={tmp_path}:/run/secrets:ro", "--env=MYSQL_ROOT_PASSWORD_FILE=/run/secrets/password")
    database.says("healthcheck.sh", "--connect")
    login = ("mariadb", "--host=127.0.0.1", "--user=root", "--password=from a file", "--skip-column-names", "--execute=SELECT 1")
    assert database.says(*login) == "1"


def test_mariadb_without_a_password_says_so_and_ends(start: Start) -> None:
    database = start("mariadb")
    assert database.exit_code() == 1
    assert "set MARIADB_ROOT_PASSWORD" in database.logs()


def test_redis_answers_from_other_containers_and_keeps_what_it_saved(start: Start) -> None:
    cache = start("redis")
    assert cache.says("redis-cli", "ping") == "PONG"
    own = cache.says("hostname", "-i").split()[0]
    assert cache.says("redis-cli", "-h", own, "set", "a", "b") == "OK"
    cache.says("redis-cli", "save")
    assert cache.stop() == 0
    cache.start()
    assert cache.says("redis-cli", "get", "a") == "b"


def test_redis_takes_options_and_another_command(start: Start) -> None:
    guarded = start("redis", command=("--requirepass", "word", "--appendonly", "yes"))
    assert guarded.says("redis-cli", "--no-auth-warning", "-a", "word", "ping") == "PONG"
    assert "NOAUTH" in guarded.says("redis-cli", "ping")


def test_nginx_serves_files_and_fills_templates(start: Start, tmp_path: Path) -> None:
    (tmp_path / "site.conf.template").write_text('server { listen 8080; location / { return 200 "${GREETING} $host"; } }\n')
    tmp_path.chmod(0o755)
    server = start("nginx", f"--volume={tmp_path}:/etc/nginx/templates:ro", "--env=GREETING=good morning")
    assert "serves nothing yet" in server.says("curl", "--silent", "--fail", "http://127.0.0.1/")
    assert server.says("curl", "--silent", "http://127.0.0.1:8080/") == "good morning 127.0.0.1"
    assert '"GET / HTTP' in server.logs()
    assert server.stop() == 0


@pytest.mark.parametrize(
    ("recipe", "command", "said"),
    [
        ("python", ("python", "-c", "import flask, psycopg2, redis; print('all there')"), "all there"),
        ("node", ("node", "--print", "1 + 1"), "2"),
        ("busybox", ("sh", "-c", "nc -h 2>&1 | grep -c Usage; wget --help 2>&1 | grep -c Usage"), "1\n1"),
        ("base", ("sh", "-c", ". /etc/os-release; echo $ID"), "debian"),
    ],
)
def test_a_tool_image_runs_its_tool(start: Start, recipe: str, command: tuple[str, ...], said: str) -> None:
    container = start(recipe, command=command)
    assert container.exit_code() == 0
    assert container.logs().strip() == said
