"""Starting services in the order of their dependencies, woken by the engine's events, and stopping them again."""

from __future__ import annotations

from localenv.actions.starting.failing import Redactor
from localenv.actions.starting.session import Session
from localenv.actions.starting.starting import Starting
from localenv.actions.starting.tools import Facts, ReadinessResult

__all__ = ["Facts", "ReadinessResult", "Redactor", "Session", "Starting"]
