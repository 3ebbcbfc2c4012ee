"""What ``up`` says in the end: where to click, how long it took, what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from localenv.actions.up_request import UpResult
from localenv.cli.render.errors import clean
from localenv.cli.render.plans import plan_text, plans_document
from localenv.core.names import EnvironmentId
from localenv.core.plan import plan_document
from localenv.errors.refused import Refused

__all__ = ["document", "text"]

_FAILING = 400


def text(results: Sequence[UpResult], *, dry_run: bool, drifts: Mapping[EnvironmentId, str] | None = None) -> str:
    """One line an environment, what it differs in from the one that it is shaped after, and the next command."""
    if dry_run:
        return clean(_dry_run(results))
    width = max(len(result.id.name) for result in results)
    lines = [_line(result, width) for result in results]
    lines += [f"  {environment.name:<{width}}  {told}" for environment, told in (drifts or {}).items()]
    if len(results) == 1:
        name = results[0].id.name
        lines += ["", f"  next: localenv status {name}   localenv logs {name} -f   localenv open {name}"]
    else:
        lines += ["", "  next: localenv ls"]
    return "\n".join(lines)


def document(results: Sequence[UpResult], *, dry_run: bool) -> dict[str, Any]:
    """``localenv.plan/1`` for a dry run, ``localenv.up/1`` otherwise."""
    if dry_run:
        documents = [plan_document(result.plan, refusals=result.refusals, notes=result.notes) for result in results]
        whole = plans_document([result.plan for result in results])
        return whole | {key: [item for one in documents for item in one[key]] for key in ("steps", "refusals", "notes")}
    return {
        "schema": "localenv.up/1",
        "environments": [
            {
                "project": result.id.project,
                "name": result.id.name,
                "changed": bool(result.plan.changes),
                "exposures": list(result.exposures),
                "status": result.status,
                "seconds": {stage: round(seconds, 4) for stage, seconds in result.seconds.items()},
                "notes": [{"code": note.code, "service": note.service, "message": note.message} for note in result.notes],
            }
            for result in results
        ],
    }


def _dry_run(results: Sequence[UpResult]) -> str:
    refused = [refusal for result in results for refusal in result.refusals]
    if refused:
        error = Refused(tuple(dict.fromkeys(refused)))
        return "\n".join((error.message, *(f"  {line}" for line in (*error.details, *error.hints))))
    notes = [
        f"  note  {f'{note.service}: ' if note.service else ''}{note.message}" for result in results[:1] for note in result.notes
    ]
    return "\n".join([*notes, *([""] if notes else []), plan_text([result.plan for result in results])])


def _line(result: UpResult, width: int) -> str:
    url = next((str(item["url"]) for item in result.exposures if item.get("primary") and item.get("url")), None)
    seconds = click.style(f"{result.seconds['total']:.1f} s", dim=True)
    done = "up" if result.plan.changes else "up, nothing to do"
    parts = [f"  {result.id.name:<{width}}  {click.style('●', fg='green')} {done} in {seconds}"]
    if url:
        parts.append(click.style(url, bold=True))
    if result.status is not None and result.status >= _FAILING:
        parts.append(click.style(f"answers {result.status}", fg="yellow"))
    return "  ".join(parts)
