"""Plans as ``--dry-run`` prints them, one or several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from localenv.core.plan import Plan, plan_document, render_plan

__all__ = ["plan_text", "plans_document"]


def plan_text(plans: Sequence[Plan]) -> str:
    """Each plan under its environment's name; the name is left out where there is one only."""
    if len(plans) == 1:
        return render_plan(plans[0]).rstrip("\n")
    return "\n".join(f"{plan.environment}\n{render_plan(plan)}" for plan in plans).rstrip("\n")


def plans_document(plans: Sequence[Plan]) -> dict[str, Any]:
    """``localenv.plan/1``; with several environments each one's document under ``environments`` and all steps together."""
    documents = [plan_document(plan) | {"environment": plan.environment.name} for plan in plans]
    if len(documents) == 1:
        return documents[0]
    return {
        "schema": "localenv.plan/1",
        "steps": [step for document in documents for step in document["steps"]],
        "refusals": [],
        "notes": [],
        "environments": documents,
    }
