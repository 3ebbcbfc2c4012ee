"""Starting services in the order of their dependencies, woken by the engine's events, and stopping them again."""

from __future__ import annotations

from localenv.actions.starting.failing import Redactor
from localenv.actions.starting.session import Facts, ReadinessResult, Session
from localenv.actions.starting.starting import Starting

__all__ = ["Facts", "ReadinessResult", "Redactor", "Session", "Starting"]
