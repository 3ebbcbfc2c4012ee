"""What a CI server picks up: the files of ``--artifacts``, and JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from localenv.actions.ci_recorder import CiRecorder
from localenv.actions.logs import LogRequest, Logs
from localenv.core.ci.junit import junit_text
from localenv.core.ci.run import CiRun
from localenv.core.ci.summary import ci_document
from localenv.core.observed import ContainerSeen
from localenv.core.plan import plan_document
from localenv.errors import LocalenvError
from localenv.ports.command import Reports
from localenv.ports.engine import Engine
from localenv.values import dataclass

__all__ = ["CiPlaces", "CiReports"]

_LINES = 20_000
"""Newest lines of each replica that are kept: a runner's disk is not for everything that a chatty service says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CiPlaces:
    """Absolute paths of what is to be written; ``None``: not asked for."""

    artifacts: str | None = None
    junit: str | None = None


class CiReports:
    """Written while the environment is still there, whether or not it came up."""

    def __init__(self, *, engine: Engine, logs: Logs, files: Reports, recorder: CiRecorder) -> None:
        self._engine = engine
        self._logs = logs
        self._files = files
        self._recorder = recorder

    def prepare(self, places: CiPlaces) -> None:
        """Raises ``LocalenvError`` (code ``not-writable``) before anything is brought up for nothing."""
        if places.artifacts:
            self._files.prepare(f"{places.artifacts}/summary.json")
        if places.junit:
            self._files.prepare(places.junit)

    def __call__(self, run: CiRun, places: CiPlaces) -> tuple[LocalenvError, ...]:
        """Write all that can be written; return why the rest could not, since the environment is to be removed all the same."""
        problems = []
        for path, pieces in self._wanted(run, places):
            try:
                self._files.write(path, pieces)
            except LocalenvError as error:
                problems.append(error)
        return tuple(problems)

    def _wanted(self, run: CiRun, places: CiPlaces) -> Iterator[tuple[str, Iterator[str]]]:
        """Paths with what belongs there, which is read of the engine while it is written."""
        if places.junit:
            yield places.junit, iter((junit_text(run),))
        if not places.artifacts:
            return
        yield f"{places.artifacts}/summary.json", iter((_json(ci_document(run)),))
        if self._recorder.plan is not None:
            yield f"{places.artifacts}/plan.json", iter((_json(plan_document(self._recorder.plan)),))
        for service in run.services:
            for container in service.containers:
                name = f"{container.service}-{container.number}"
                yield f"{places.artifacts}/logs/{name}.log", self._log(container)
                if service.state not in {"healthy", "done"}:
                    yield f"{places.artifacts}/health/{name}.txt", self._health(container)

    def _log(self, container: ContainerSeen) -> Iterator[str]:
        for line in self._logs((container,), LogRequest(tail=_LINES)):
            yield f"{line.at} {self._recorder.redact(line.text)}\n"

    def _health(self, container: ContainerSeen) -> Iterator[str]:
        """State, and what the newest run of the healthcheck said."""
        yield f"state: {container.state}\nhealth: {container.health}\n"
        if container.exit_code is not None:
            yield f"exit code: {container.exit_code}\n"
        yield f"restarts: {container.restarts}\n"
        if output := self._engine.health_output(container.id):
            yield f"\n{self._recorder.redact(output).rstrip()}\n"


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
