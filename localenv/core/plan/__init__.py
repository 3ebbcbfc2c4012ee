"""Plans: what to do to an environment, as values with a cause each. Pure; carrying them out is the executor's."""

from __future__ import annotations

from localenv.core.plan.lifecycle import plan_destroy, plan_down, plan_restart, plan_start, plan_stop
from localenv.core.plan.rolling import plan_take_back
from localenv.core.plan.text import plan_document, render_plan
from localenv.core.plan.up import plan, serving, without_waiting
from localenv.core.plan.value import DataFacts, DataOrigin, ImageMissing, Plan, RouteFacts

__all__ = [
    "DataFacts",
    "DataOrigin",
    "ImageMissing",
    "Plan",
    "RouteFacts",
    "plan",
    "plan_destroy",
    "plan_document",
    "plan_down",
    "plan_restart",
    "plan_start",
    "plan_stop",
    "plan_take_back",
    "render_plan",
    "serving",
    "without_waiting",
]
