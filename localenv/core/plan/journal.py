"""The journal of an environment: what a run planned, began and ended, as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable

from localenv.core.plan.data_steps import Personalise
from localenv.core.plan.steps import CloneVolume, LoadData, SeedVolume, Step

__all__ = ["entry", "is_fill", "unfinished"]


def is_fill(step: Step) -> bool:
    """Whether the step puts content into something that exists before it: only the journal knows if it ended."""
    return isinstance(step, SeedVolume | CloneVolume | LoadData | Personalise)


def entry(*, at: str, state: str, step: str) -> str:
    """One line. ``state`` is ``planned``, ``begun``, ``done`` or ``failed``; ``at`` is RFC 3339 in UTC."""
    return json.dumps({"at": at, "state": state, "step": step}, ensure_ascii=True)


def unfinished(lines: Iterable[str]) -> frozenset[str]:
    """Identifiers of fills that were planned and never ended. Lines that cannot be read are passed over."""
    pending: set[str] = set()
    for line in lines:
        try:
            value = json.loads(line)
            state, step = str(value["state"]), str(value["step"])
        except (ValueError, KeyError, TypeError):
            continue
        if state == "planned":
            pending.add(step)
        elif state == "done":
            pending.discard(step)
    return frozenset(pending)
