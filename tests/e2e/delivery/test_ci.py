"""``ci``: an environment for the time of one command, of which nothing is left however it ended."""

from __future__ import annotations

import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.e2e.scenario import Installation, docker, eventually

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: brief
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    volumes: ["./page:/usr/share/nginx/html", "./fixed:/usr/share/nginx/html/fixed:ro"]
  cache:
    image: redis:7
    ports: ["6379"]
    volumes: ["kept:/data"]
    healthcheck: {test: ["CMD", "redis-cli", "ping"], interval: 1s}
volumes: {kept: {}}
"""
FAILING = """
name: brief
services:
  web: {image: "nginx:1.27", ports: ["80"], depends_on: {cache: {condition: service_healthy}}}
  cache:
    image: redis:7
    environment: {API_TOKEN: tok-3f1b77aa90c2}
    command: ["sh", "-c", "echo using $$API_TOKEN; exec redis-server"]
    healthcheck: {test: ["CMD-SHELL", "echo pulse is gone for $$API_TOKEN; exit 1"], interval: 1s, retries: 2}
"""
NEVER_READY = """
name: brief
services:
  slow:
    image: redis:7
    healthcheck: {test: ["CMD", "false"], interval: 1s, retries: 1000}
"""
TOKEN = "tok-3f1b77aa90c2"
WAIT_HERE = "import os, pathlib, signal; pathlib.Path('here-' + os.environ['LOCALENV_ENVIRONMENT']).touch(); signal.pause()"
"""Each in a file of its own: several run in one directory."""
WAIT = "import pathlib, signal; pathlib.Path('begun').touch(); signal.pause()"
NOTHING: dict[str, list[str]] = {"containers": [], "networks": [], "volumes": []}


@pytest.fixture
def trial(tmp_path: Path) -> Path:
    directory = tmp_path / "brief"
    (directory / "page").mkdir(parents=True)
    (directory / "page/index.html").write_text("first edition\n")
    (directory / "fixed").mkdir()
    (directory / "fixed/index.html").write_text("first rules\n")
    (directory / "compose.yaml").write_text(COMPOSE)
    return directory


def python(code: str) -> tuple[str, ...]:
    return ("--", sys.executable, "-c", code)


def traces(own: Installation) -> dict[str, Any]:
    """All that an environment of ci leaves anywhere: empty once it is gone."""
    state = [*(own.home / "environments").glob("*_ci-*"), *(own.home / "locks").glob("*_ci-*")]
    router = (own.home / "router").rglob("*ci-*")
    listed = own.must("ls", "--all", "--output", "json", cwd=own.home).json["environments"]
    return {
        **{kind: [name for name in names if "_ci-" in name] for kind, names in own.left_behind().items()},
        "files": [str(path) for path in (*state, *router)],
        "listed": [item["name"] for item in listed if item["name"].startswith("ci-")],
        "ledger": ledger(own),
    }


def ledger(own: Installation) -> list[str]:
    """Rows about environments of ci: records, addresses, ports."""
    with closing(sqlite3.connect(own.home / "ledger.sqlite")) as database:
        query = "select name from environments union all select name from subnets union all select name from ports"
        return [name for (name,) in database.execute(query) if name.startswith("ci-")]


def nothing_left(own: Installation) -> bool:
    return not any(traces(own).values())


def begun(trial: Path) -> bool:
    return (trial / "begun").exists()


def test_a_command_finds_the_environment_and_its_code_comes_back(own: Installation, trial: Path) -> None:
    code = """
import os, socket, ssl, sys, http.client
context = ssl.create_default_context(cafile=os.environ["LOCALENV_CA"])
host, _, port = os.environ["LOCALENV_URL"].removeprefix("https://").partition(":")
connection = http.client.HTTPSConnection(host, int(port or 443), context=context)
connection.sock = context.wrap_socket(socket.create_connection(("127.0.0.1", int(port or 443))), server_hostname=host)
connection.request("GET", "/")
print(connection.getresponse().read().decode().strip())
with socket.create_connection((os.environ["LOCALENV_HOST_CACHE"], int(os.environ["LOCALENV_PORT_CACHE"]))) as cache:
    cache.sendall(b"PING\\r\\n")
    print(cache.recv(7).decode().strip(), sys.stdin.read(), os.environ["LOCALENV_ENVIRONMENT"][:3])
sys.exit(7)
"""
    report, junit = trial / "out/report", trial / "out/junit.xml"
    done = own.run("ci", "--artifacts", "out/report", "--junit", "out/junit.xml", *python(code), cwd=trial, stdin="typed")
    assert done.exit_code == 7, done.said
    assert done.stdout == "first edition\n+PONG typed ci-\n"
    assert nothing_left(own), traces(own)
    summary = json.loads((report / "summary.json").read_text())
    assert (summary["schema"], summary["outcome"], summary["exit_code"]) == ("localenv.ci/1", "failed", 7)
    assert {service["name"]: service["state"] for service in summary["services"]} == {"web": "healthy", "cache": "healthy"}
    assert json.loads((report / "plan.json").read_text())["schema"] == "localenv.plan/1"
    assert "Ready to accept connections" in (report / "logs/cache-1.log").read_text()
    suite = next(ET.parse(junit).iter("testsuite"))  # noqa: S314 - what was just written
    assert (suite.get("tests"), suite.get("failures")) == ("3", "1")


def test_an_environment_that_does_not_come_up_is_told_in_reports_and_removed(own: Installation, trial: Path) -> None:
    (trial / "compose.yaml").write_text(FAILING)
    done = own.run("ci", "--artifacts", "out", "--junit", "junit.xml", *python("open('ran', 'w')"), cwd=trial)
    assert done.exit_code == 1, done.said
    assert "cache failed to start" in done.stderr
    assert not (trial / "ran").exists()
    assert nothing_left(own), traces(own)
    summary = json.loads((trial / "out/summary.json").read_text())
    assert (summary["outcome"], summary["error"]["code"]) == ("environment-failed", "start-failed")
    assert "using ***" in (trial / "out/logs/cache-1.log").read_text()
    assert "pulse is gone" in (trial / "out/health/cache-1.txt").read_text()
    cases = {case.get("name"): case for case in ET.parse(trial / "junit.xml").iter("testcase")}  # noqa: S314 - just written
    assert (cases["cache"][0].get("message") or "").startswith("environment: cache: ")
    assert cases["web"][0].tag == "skipped"
    written = [path for path in (*(trial / "out").rglob("*"), trial / "junit.xml") if path.is_file()]
    assert len(written) >= 5
    assert [path.name for path in written if TOKEN in path.read_text()] == []


def test_a_command_that_is_not_there_costs_no_environment(own: Installation, trial: Path) -> None:
    done = own.run("ci", "--", "no-such-command", cwd=trial)
    assert (done.exit_code, "no-such-command" in done.stderr) == (127, True)
    assert nothing_left(own), traces(own)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_command_and_then_the_environment(own: Installation, trial: Path, number: signal.Signals) -> None:
    process = own.start("ci", *python(WAIT), cwd=trial)
    eventually(lambda: begun(trial), what="the command")
    process.send_signal(number)
    assert process.wait(60) == 128 + number
    assert nothing_left(own), traces(own)


def test_a_signal_while_the_environment_comes_up_removes_what_there_is(own: Installation, trial: Path) -> None:
    (trial / "compose.yaml").write_text(NEVER_READY)
    process = own.start("ci", *python("open('ran', 'w')"), cwd=trial)
    eventually(lambda: bool(docker("ps", "-q", "--filter", "name=brief_ci-")), what="the container that is waited for")
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 128 + signal.SIGTERM
    assert not (trial / "ran").exists()
    assert nothing_left(own), traces(own)


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_at_a_terminal_reaches_the_command_once(own: Installation, trial: Path, times: int) -> None:
    code = """
import os, pathlib, signal
count = 0
def told(*_):
    global count
    count += 1
    pathlib.Path('told').write_text(str(count))
    raise SystemExit(5)
signal.signal(signal.SIGINT, told)
pathlib.Path('begun').write_text(str(os.getpid()))
signal.pause()
"""
    terminal, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "localenv", "ci", *python(code)],
        cwd=trial,
        env=own.environment | {"PYTHONPATH": str(Path(__file__).parents[3]), "TERM": "xterm"},
        stdin=child,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(child)
    eventually(lambda: begun(trial) and bool((trial / "begun").read_text()), what="the command")
    command = Path("/proc") / (trial / "begun").read_text()
    os.killpg(process.pid, signal.SIGINT)
    eventually(lambda: not command.exists(), what="the end of the command")
    if times > 1:
        process.send_signal(signal.SIGINT)
    assert process.wait(60) == 5
    os.close(terminal)
    assert (trial / "told").read_text() == "1"
    assert nothing_left(own), traces(own)


@pytest.mark.parametrize("next_command", ["gc", "ci"])
def test_what_a_sigkill_leaves_the_next_one_removes(own: Installation, trial: Path, next_command: str) -> None:
    process = own.start("ci", *python(WAIT), cwd=trial)
    eventually(lambda: begun(trial), what="the command")
    assert [name for name in own.must("gc", "--dry-run", cwd=trial).stdout.split() if name.startswith("ci-")] == []
    process.kill()
    process.wait()
    docker_names = own.left_behind()
    assert docker_names["containers"], docker_names
    end_orphan(trial)
    if next_command == "gc":
        told = own.must("gc", "--dry-run", "--output", "json", cwd=trial).json
        assert [each["project"] for each in told["environments"]] == ["brief"]
        assert own.left_behind()["containers"], "a dry run removed something"
        own.must("gc", cwd=trial)
    else:
        own.must("ci", *python("pass"), cwd=trial)
    assert nothing_left(own), traces(own)


def test_what_cannot_be_removed_keeps_nothing_else_from_being(own: Installation, trial: Path) -> None:
    killed = [own.start("ci", "--name", name, *python(WAIT_HERE), cwd=trial) for name in ("ci-a", "ci-b")]
    eventually(lambda: len(list(trial.glob("here-*"))) == 2, what="both commands")
    for process in killed:
        process.kill()
        process.wait()
    end_orphan(trial)
    guest = docker("run", "--detach", "--network=brief_ci-a_default", "debian:bookworm-slim", "sleep", "600")[0]
    try:
        refused = own.run("gc", "--output", "json", cwd=trial)
        assert refused.exit_code == 1
        told = refused.json
        assert [each["name"] for each in told["environments"]] == ["ci-b"]
        assert [each["what"] for each in told["failures"]] == ["ci-a of brief"]
        assert "ci-a of brief: " in own.run("gc", cwd=trial).stderr
    finally:
        docker("rm", "--force", guest)
    own.must("gc", cwd=trial)
    assert nothing_left(own), traces(own)


def end_orphan(trial: Path) -> None:
    """End the command that lives on without the ``ci`` that was killed."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and os.access(entry / "cwd", os.R_OK) and (entry / "cwd").resolve() == trial:
            os.kill(int(entry.name), signal.SIGTERM)


def test_two_at_once_are_apart_and_leave_the_live_source_to_development(own: Installation, trial: Path) -> None:
    """The first environment of a tier that mounts the working tree has it: a ci before it must not."""
    runs = [own.start("ci", *python(WAIT_HERE), cwd=trial) for _ in range(2)]
    eventually(lambda: len(list(trial.glob("here-*"))) == 2, what="both commands")
    own.must("up", cwd=trial)
    names = [path.name.removeprefix("here-") for path in trial.glob("here-*")]
    (trial / "page/index.html").write_text("second edition\n")
    (trial / "fixed/index.html").write_text("second rules\n")
    hosts = {name: f"{name}.brief.localhost" for name in ("development", *names)}
    pages = {name: (own.get(host).body, own.get(host, "/fixed/").body) for name, host in hosts.items()}
    for run in runs:
        run.send_signal(signal.SIGTERM)
    assert [run.wait(60) for run in runs] == [128 + signal.SIGTERM] * 2
    first, second = ("first edition\n", "first rules\n"), ("second edition\n", "second rules\n")
    assert pages == {"development": second, **dict.fromkeys(names, first)}
    assert nothing_left(own), traces(own)
    assert own.get("development.brief.localhost").status == 200
    own.must("destroy", "--yes", cwd=trial)


def test_one_that_is_kept_is_a_persons_own_from_then_on(own: Installation, trial: Path) -> None:
    done = own.run("ci", "--keep", "--name", "look", *python("raise SystemExit(4)"), cwd=trial)
    assert (done.exit_code, "localenv destroy look" in done.stderr) == (4, True), done.said
    own.must("gc", cwd=trial)
    assert own.get("look.brief.localhost").status == 200
    again = own.run("ci", "--name", "look", *python("pass"), cwd=trial)
    assert (again.exit_code, "already" in again.stderr) == (1, True)
    assert own.get("look.brief.localhost").status == 200
    own.must("destroy", "look", "--yes", cwd=trial)
    assert own.left_behind() == NOTHING


def test_a_dry_run_tells_the_plan_and_makes_nothing(own: Installation, trial: Path) -> None:
    told = own.must("ci", "--dry-run", "--", "pytest", "-q", cwd=trial)
    assert "then run pytest -q" in told.stdout
    assert "a copy" in told.stdout or "volume" in told.stdout
    assert nothing_left(own), traces(own)
