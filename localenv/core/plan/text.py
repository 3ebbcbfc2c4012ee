"""A plan as the text of ``--dry-run`` and as the document ``localenv.plan/1``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from localenv.core.findings import Note, Refusal
from localenv.core.plan.steps import (
    AwaitReady,
    ConfirmRoute,
    CreateContainers,
    ProbeUrl,
    PublishRoute,
    RemoveContainer,
)
from localenv.core.plan.value import Plan
from localenv.errors.refused import grant_line

__all__ = ["plan_document", "render_plan"]

Row = tuple[str, str, str, str, str]
"""Action, kind, target, detail of the target, cause."""
_CAUSE_COLUMN = 72


def render_plan(plan: Plan) -> str:
    """One line for each thing that would be done or kept, in the order of doing, and how many would be done."""
    rows = [(action, kind, f"{target} {detail}".rstrip(), cause) for action, kind, target, detail, cause in _rows(plan)]
    actions, kinds, targets = (max((len(row[at]) for row in rows), default=0) for at in range(3))
    targets = min(targets, _CAUSE_COLUMN)
    lines = [
        f"  {action:<{actions}}  {kind:<{kinds}}  {target:<{targets}}  {cause}".rstrip() for action, kind, target, cause in rows
    ]
    return "\n".join([*lines, f"  {_count(sum(row[0] not in {'keep', 'wait'} for row in rows))}"]) + "\n"


def _count(number: int) -> str:
    if not number:
        return "nothing to do"
    return f"{number} {'step' if number == 1 else 'steps'}, nothing done yet"


def _rows(plan: Plan) -> Iterator[Row]:
    started = {step.target for step in plan.steps if step.action in {"start", "run"}}
    replaced = [step for step in plan.steps if isinstance(step, RemoveContainer) and step.replaced]
    for step in plan.steps:
        if isinstance(step, AwaitReady):
            if step.target not in started:
                yield "wait", step.kind, step.target, "", step.cause
        elif isinstance(step, ConfirmRoute | ProbeUrl) or step in replaced:
            continue
        elif isinstance(step, CreateContainers):
            yield from _created(step, replaced)
        elif isinstance(step, PublishRoute):
            yield from (
                ("route", "host", str(entry.host), f"-> {entry.service}:{entry.port}", step.cause) for entry in step.exposures
            )
        else:
            yield step.action, step.kind, step.target, step.detail, step.cause


def _created(step: CreateContainers, replaced: Sequence[RemoveContainer]) -> Iterator[Row]:
    old: dict[str, list[str]] = {}
    for removal in replaced:
        old.setdefault(removal.service, []).append(removal.target)
    for new in step.containers:
        names = old.get(new.service)
        if names:
            yield "replace", "container", names.pop(0), "", new.cause
        else:
            yield "create", "container", new.name, "", new.cause


def plan_document(plan: Plan, *, refusals: Iterable[Refusal] = (), notes: Iterable[Note] = ()) -> dict[str, Any]:
    """The document ``localenv.plan/1`` (formats.md). No content of files and no secret is in it."""
    return {
        "schema": "localenv.plan/1",
        "steps": [
            {"kind": kind, "action": action, "target": target, "detail": detail, "cause": cause}
            for action, kind, target, detail, cause in _rows(plan)
        ],
        "refusals": [_refusal(refusal) for refusal in refusals],
        "notes": [{"code": note.code, "service": note.service, "message": note.message} for note in notes],
    }


def _refusal(refusal: Refusal) -> dict[str, Any]:
    grant = grant_line(refusal)
    return {
        "code": refusal.code,
        "service": refusal.service,
        "path": refusal.path,
        "file": refusal.file,
        "line": refusal.line,
        "message": refusal.message,
        "hint": refusal.hint or (f"add to grants in localenv.yaml: {grant}" if grant else None),
    }
