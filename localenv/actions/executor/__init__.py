"""Carrying out plans. What is to be done stands in the plan; here is how, in which order, and what happens when it fails."""

from __future__ import annotations

from localenv.actions.executor.executor import Execution, Executor, Outcome
from localenv.actions.executor.ports import Handler, Ports, Routes

__all__ = ["Execution", "Executor", "Handler", "Outcome", "Ports", "Routes"]
