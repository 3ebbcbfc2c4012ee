"""Runs the contract and end-to-end suites with every supported version of Compose and of the engine; prints a table.

    scripts/test-matrix                       everything: several hours on two cores
    scripts/test-matrix --suite contract      the contract alone: a few minutes
    scripts/test-matrix --only 'engine testing'   rows whose name holds these words
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
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET  # reads only what the pytest started here has written
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matrix_parts import ROOT, Missing, compose_variables, debian_testing, engine_apart, say, version_of

SUITES = {"contract": ("tests/contract",), "e2e": ("tests/e2e",), "all": ("tests/contract", "tests/e2e")}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One combination."""

    compose: str
    """``own`` is what this machine has, ``testing`` Debian testing's, anything else is built."""
    engine: str = "own"
    contract_alone: bool = False
    """For a version that does not know keys which projects of the end-to-end suite use, such as ``develop``."""

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
    Row(compose="2.20.3", contract_alone=True),
    Row(compose="testing"),
    Row(compose="5.6.0"),
    Row(compose="own", engine="testing"),
    Row(compose="2.20.3", engine="testing", contract_alone=True),
    Row(compose="testing", engine="testing"),
    Row(compose="5.6.0", engine="testing"),
)


def main(arguments: Sequence[str]) -> int:
    """Run the chosen rows; 0 when all of them passed."""
    options = parsed(arguments)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "localenv" / "matrix"
    cache.mkdir(parents=True, exist_ok=True)
    outcomes = []
    for row in chosen(options.only, options.suite):
        say(f"{row.name} ...")
        outcomes.append(run_row(row, cache, SUITES["contract" if row.contract_alone else options.suite], options.pytest))
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


def chosen(words: str, suite: str) -> list[Row]:
    """Rows whose name holds the words, without those that have nothing to run."""
    return [row for row in ROWS if words in row.name and not (row.contract_alone and suite == "e2e")]


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
            [
                *inside,
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                "--numprocesses=2",
                f"--junitxml={report}",
                *words,
            ],
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


def told(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        last = (error.stderr or "").strip().splitlines()[-1:]
        return f"{error.cmd[0]} exited {error.returncode}: {''.join(last)}"
    return str(error)


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
