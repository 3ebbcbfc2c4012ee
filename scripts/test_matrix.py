"""Runs the contract and end-to-end suites with every supported version of Compose and of the engine; prints a table.

    scripts/test-matrix                       everything: most of an hour on two cores
    scripts/test-matrix --suite contract      the contract alone: a few minutes
    scripts/test-matrix --only 'engine 28'    rows whose name holds these words
    scripts/test-matrix -- -k compose -x      words for pytest

Nothing is installed. Debian testing's packages are unpacked into a cache, other Compose versions are built from the Go
module proxy, and the other engine runs in a network and mount namespace of its own with its own data. Needs Debian or
Ubuntu, root and Go; a row whose parts cannot be had says why and makes the run fail.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET  # reads only what the pytest started here has written
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("docker.io", "docker-cli", "docker-compose", "docker-buildx", "containerd")
SUITES = {"contract": ("tests/contract",), "e2e": ("tests/e2e",), "all": ("tests/contract", "tests/e2e")}
READY_SECONDS = 60.0


class Missing(Exception):
    """A part of a row cannot be had on this machine."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One combination."""

    compose: str
    """``own`` is what this machine has, ``testing`` Debian testing's, anything else is built."""
    engine: str = "own"

    @property
    def name(self) -> str:
        return f"compose {self.compose}, engine {self.engine}"


@dataclass(kw_only=True)
class Outcome:
    """What a row showed."""

    row: Row
    compose: str = ""
    engine: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    failed: list[str] = field(default_factory=list)
    missing: str = ""

    @property
    def good(self) -> bool:
        return not self.missing and not self.failed and self.counts.get("tests", 0) > 0


ROWS = (
    Row(compose="own"),
    Row(compose="2.20.3"),
    Row(compose="testing"),
    Row(compose="5.6.0"),
    Row(compose="own", engine="testing"),
    Row(compose="testing", engine="testing"),
    Row(compose="5.6.0", engine="testing"),
)


def main(arguments: Sequence[str]) -> int:
    """Run the chosen rows; 0 when all of them passed."""
    options = parsed(arguments)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "localenv" / "matrix"
    cache.mkdir(parents=True, exist_ok=True)
    outcomes = []
    for row in (row for row in ROWS if options.only in row.name):
        say(f"{row.name} ...")
        outcomes.append(run_row(row, cache, SUITES[options.suite], options.pytest))
        say(line_of(outcomes[-1]))
    print("\n" + table(outcomes))
    (cache / "matrix.json").write_text(json.dumps([summary(outcome) for outcome in outcomes], indent=2) + "\n")
    return 0 if outcomes and all(outcome.good for outcome in outcomes) else 1


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/test-matrix", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--suite", choices=sorted(SUITES), default="all")
    parser.add_argument("--only", default="", metavar="WORDS", help="rows whose name holds these words")
    parser.add_argument("pytest", nargs="*", help="words for pytest, after --")
    return parser.parse_args(arguments)


def run_row(row: Row, cache: Path, paths: Sequence[str], words: Sequence[str]) -> Outcome:
    outcome = Outcome(row=row)
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="localenv-matrix-")))
        try:
            environment = {**os.environ, **compose_variables(row.compose, cache, scratch)}
            inside: list[str] = []
            if row.engine == "testing":
                pid, socket = stack.enter_context(engine_apart(debian_testing(cache), cache, scratch))
                environment["DOCKER_HOST"] = f"unix://{socket}"
                inside = ["nsenter", f"--target={pid}", "--net", "--mount", f"--wdns={ROOT}"]
        except (Missing, subprocess.CalledProcessError) as error:
            outcome.missing = told(error)
            return outcome
        outcome.compose = version_of(["docker", "compose", "version", "--short"], environment)
        outcome.engine = version_of(["docker", "version", "--format={{.Server.Version}}"], environment)
        run_suite(outcome, inside, environment, [*paths, *words])
    return outcome


def run_suite(outcome: Outcome, inside: Sequence[str], environment: dict[str, str], words: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="localenv-matrix-") as folder:
        report = Path(folder) / "report.xml"
        began = time.monotonic()
        subprocess.run(
            [*inside, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *words],
            cwd=ROOT,
            env=environment,
            check=False,
        )
        outcome.seconds = time.monotonic() - began
        if not report.exists():
            outcome.missing = "pytest wrote no report"
            return
        suite = next(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314 - pytest's own file
    outcome.counts = {key: int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")}
    broken = (case for case in suite.iter("testcase") if case.find("failure") is not None or case.find("error") is not None)
    outcome.failed = [f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name')}" for case in broken]


# --- parts ----------------------------------------------------------------------------------------------------------


def compose_variables(version: str, cache: Path, scratch: Path) -> dict[str, str]:
    """Variables with which ``docker compose`` is this version; buildx comes with it, because each wants a recent one."""
    if version == "own":
        return {}
    testing = debian_testing(cache) / "usr/libexec/docker/cli-plugins"
    plugin = testing / "docker-compose" if version == "testing" else built_compose(version, cache)
    plugins = scratch / "client" / "cli-plugins"
    plugins.mkdir(parents=True)
    (plugins / "docker-compose").symlink_to(plugin)
    (plugins / "docker-buildx").symlink_to(testing / "docker-buildx")
    return {"DOCKER_CONFIG": str(plugins.parent)}


def once(place: Path, make: Callable[[Path], None]) -> Path:
    """Make a folder of the cache whole or not at all."""
    if not place.exists():
        unfinished = place.with_name(f"{place.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        make(unfinished)
        unfinished.rename(place)
    return place


def built_compose(version: str, cache: Path) -> Path:
    """Build a Compose version from its Go module."""
    need("go")
    module = f"github.com/docker/compose/v{version.partition('.')[0]}"

    def make(folder: Path) -> None:
        say(f"building Compose {version} (about a minute, once)")
        found = output(["go", "mod", "download", "-json", f"{module}@v{version}"], cwd=folder)
        source = folder / "source"
        shutil.copytree(json.loads(found)["Dir"], source, copy_function=shutil.copyfile)
        flag = f"-X {module}/internal.Version=v{version}"
        output(["go", "build", "-trimpath", f"-ldflags={flag}", f"-o={folder / 'docker-compose'}", "./cmd"], cwd=source)
        shutil.rmtree(source)

    return once(cache / f"compose-{version}", make) / "docker-compose"


def debian_testing(cache: Path) -> Path:
    """Unpack Debian testing's engine, client and plugins; nothing is installed."""
    for program in ("apt-get", "dpkg-deb"):
        need(program)

    def make(folder: Path) -> None:
        say("fetching Debian testing's engine and plugins (once)")
        state = folder / "apt"
        (state / "lists" / "partial").mkdir(parents=True)
        (state / "cache" / "archives" / "partial").mkdir(parents=True)
        (state / "testing.sources").write_text(testing_source())
        settings = {
            "Dir::Etc::sourcelist": state / "testing.sources",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "Dir::State::lists": state / "lists",
            "Dir::Cache": state / "cache",
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
        }
        apt = ["apt-get", "-qq", *(f"-o={key}={value}" for key, value in settings.items())]
        output([*apt, "update"], cwd=state)
        output([*apt, "download", *PACKAGES], cwd=state)
        for package in sorted(state.glob("*.deb")):
            output(["dpkg-deb", "--extract", str(package), str(folder / "prefix")], cwd=state)
        shutil.rmtree(state)

    return once(cache / "debian-testing", make) / "prefix"


def testing_source() -> str:
    """Derive a source for Debian testing from this machine's own for its own release."""
    release = re.search(r"^VERSION_CODENAME=\"?([a-z]+)", Path("/etc/os-release").read_text(), re.MULTILINE)
    own = release[1] if release else ""
    for file in sorted(Path("/etc/apt").glob("sources.list.d/*.sources")):
        for block in re.split(r"\n\s*\n", file.read_text()):
            suites = re.search(r"^Suites:(.*)$", block, re.MULTILINE)
            if suites and own in suites[1].split():
                plain = "\n".join(line for line in block.splitlines() if not line.startswith("#"))
                return re.sub(r"^Suites:.*$", "Suites: testing", plain, flags=re.MULTILINE) + "\n"
    for file in (Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt").glob("sources.list.d/*.list"))):
        for line in file.read_text().splitlines() if file.exists() else ():
            found = re.match(rf"deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+{own}\s+(.*)$", line)
            if own and found:
                signed = re.search(r"signed-by=(\S+)", found[1] or "")
                key = f"Signed-By: {signed[1]}\n" if signed else ""
                return f"Types: deb\nURIs: {found[2]}\nSuites: testing\nComponents: {found[3]}\n{key}"
    raise Missing(f"no apt source for {own or 'this release'} to derive one for testing from")


@contextlib.contextmanager
def engine_apart(prefix: Path, cache: Path, scratch: Path) -> Iterator[tuple[int, Path]]:
    """Run the unpacked engine beside this machine's own; yields its process and socket. It has this machine's images."""
    for program in ("unshare", "nsenter", "ip", "runc", "iptables"):
        need(program)
    if os.geteuid() != 0:
        raise Missing("an engine of its own needs root")
    socket = scratch / "docker.sock"
    places = {"data-root": cache / "engine", "exec-root": scratch / "exec", "pidfile": scratch / "pid"}
    search = os.pathsep.join([str(prefix / "usr/sbin"), str(prefix / "usr/bin"), os.environ["PATH"]])
    with (cache / "engine.log").open("wb") as log:
        engine = subprocess.Popen(
            [
                *("unshare", "--net", "--mount", "--propagation=private", "--", str(prefix / "usr/sbin/dockerd")),
                *(f"--{name}={place}" for name, place in places.items()),
                *(f"--host=unix://{socket}", "--config-file=/dev/null"),
            ],
            env={**os.environ, "PATH": search},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            await_engine(engine, socket, cache / "engine.log")
            output(["nsenter", f"--target={engine.pid}", "--net", "ip", "link", "set", "lo", "up"], cwd=ROOT)
            copy_images(socket)
            yield engine.pid, socket
        finally:
            engine.terminate()
            engine.wait(timeout=READY_SECONDS)


def await_engine(engine: subprocess.Popen[bytes], socket: Path, log: Path) -> None:
    environment = {**os.environ, "DOCKER_HOST": f"unix://{socket}"}
    deadline = time.monotonic() + READY_SECONDS
    while not version_of(["docker", "version", "--format={{.Server.Version}}"], environment):
        if engine.poll() is not None or time.monotonic() > deadline:
            raise Missing(f"the engine did not start: {log}")
        time.sleep(0.2)


def copy_images(socket: Path) -> None:
    """Give the other engine the images that this machine's has under a name and it has not."""
    other = {**os.environ, "DOCKER_HOST": f"unix://{socket}"}
    names = image_names({**os.environ}) - image_names(other)
    if not names:
        return
    say(f"copying {len(names)} images to the other engine")
    with subprocess.Popen(["docker", "save", "--", *sorted(names)], stdout=subprocess.PIPE) as saving:
        subprocess.run(["docker", "load", "--quiet"], env=other, stdin=saving.stdout, stdout=subprocess.DEVNULL, check=True)


def image_names(environment: dict[str, str]) -> set[str]:
    words = ["docker", "images", "--filter=dangling=false", "--format={{.Repository}}:{{.Tag}} {{.ID}}"]
    lines = output(words, cwd=ROOT, env=environment).splitlines()
    return {line.partition(" ")[0] for line in lines if "<none>" not in line}


# --- small things ---------------------------------------------------------------------------------------------------


def need(program: str) -> None:
    if shutil.which(program) is None:
        raise Missing(f"{program} is not installed")


def output(words: Sequence[str], *, cwd: Path, env: dict[str, str] | None = None) -> str:
    return subprocess.run(words, cwd=cwd, env=env, check=True, capture_output=True, text=True).stdout


def version_of(words: Sequence[str], environment: dict[str, str]) -> str:
    done = subprocess.run(words, env=environment, check=False, capture_output=True, text=True)
    return done.stdout.strip().removeprefix("v") if done.returncode == 0 else ""


def told(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        last = (error.stderr or "").strip().splitlines()[-1:]
        return f"{error.cmd[0]} exited {error.returncode}: {''.join(last)}"
    return str(error)


def say(text: str) -> None:
    print(f"matrix: {text}", file=sys.stderr, flush=True)


def line_of(outcome: Outcome) -> str:
    return outcome.missing or f"{outcome.counts} {', '.join(outcome.failed)}"


def summary(outcome: Outcome) -> dict[str, object]:
    return {
        "compose": outcome.compose,
        "engine": outcome.engine,
        "passed": outcome.good,
        **outcome.counts,
        "seconds": round(outcome.seconds, 1),
        "failed": outcome.failed,
        "missing": outcome.missing,
    }


def table(outcomes: Sequence[Outcome]) -> str:
    lines = ["| Compose | Engine | tests | failed | skipped | seconds |", "|---|---|---|---|---|---|"]
    for outcome in outcomes:
        if outcome.missing:
            lines.append(f"| {outcome.row.compose} | {outcome.row.engine} | not run: {outcome.missing} | | | |")
            continue
        counts = outcome.counts
        broken = counts["failures"] + counts["errors"]
        shown = (outcome.compose, outcome.engine, counts["tests"], broken, counts["skipped"], round(outcome.seconds))
        lines.append("| " + " | ".join(str(cell) for cell in shown) + " |")
        lines += [f"|  |  | {name} | | | |" for name in outcome.failed]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
