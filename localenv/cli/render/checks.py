"""Checks as a screen and as a JSON document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from localenv.actions.run_checks import CheckResult
from localenv.cli.render.delivery import tell_gates
from localenv.cli.render.errors import clean
from localenv.cli.render.tables import show
from localenv.core.load_tests import LoadFigures
from localenv.core.names import EnvironmentId
from localenv.core.releases.gates import GateResult

__all__ = ["tell_checks"]


def tell_checks(environment: EnvironmentId, results: Sequence[CheckResult], *, json_wanted: bool) -> None:
    """One line a check, and the last lines of those that failed."""
    if json_wanted:
        checks = [_check(each) for each in results]
        document = {"schema": "localenv.check/1", "environment": environment.name, "checks": checks}
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    if not results:
        show(f"{environment.project} has no checks: localenv.yaml names them under [bold]checks[/]")
        return
    for result in results:
        tell_gates([GateResult(gate=result.name, passed=result.passed, told=f"{result.told} ({result.seconds:.1f} s)")])
        if not result.passed:
            for line in result.output:
                click.echo(clean(f"      {line}"))


def _check(result: CheckResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "passed": result.passed,
        "told": result.told,
        "seconds": round(result.seconds, 3),
        "output": list(result.output),
        "load": _load(result.load) if result.load else None,
    }


def _load(found: LoadFigures) -> dict[str, Any]:
    """Times in seconds; ``null`` where too many requests had no answer to say."""
    return {
        "requests": found.requests,
        "rate": round(found.rate, 3),
        "seconds": round(found.seconds, 3),
        "p50": found.p50,
        "p95": found.p95,
        "p99": found.p99,
        "failed": found.failed,
        "errors": round(found.errors, 6),
        "codes": dict(found.codes),
        "timeouts": found.timeouts,
        "lost": found.lost,
    }
