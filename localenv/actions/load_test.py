"""Running a load test: the generator in a container of its own, asking the router as a customer's browser does."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from uuid import uuid4

from localenv.actions.environments import exposures_of
from localenv.core import labels
from localenv.core.argv.load import h2load
from localenv.core.configuration.settings import LoadCheck
from localenv.core.load_tests import LoadFigures, figures, judge, load_plan, summary
from localenv.core.names import EnvironmentId
from localenv.errors import LocalenvError, NotFound, Unavailable
from localenv.ports.engine import Engine, ToolSpec
from localenv.ports.images import Tell
from localenv.ports.state import Ledger
from localenv.values import dataclass

__all__ = ["LoadOutcome", "LoadTest"]

_LOG: Final = "/tmp/requests"  # noqa: S108 - in a container that nobody shares
_NOBODY: Final = "65534:65534"
_PROGRESS: Final = re.compile(r"^progress: (\d+)% done$")
_FINISHED: Final = re.compile(r"^finished in ")
_LOOPBACK: Final = "127.0.0.1"
_SHOWN: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOutcome:
    """What became of a load test."""

    figures: LoadFigures
    failed: tuple[str, ...]
    """What was not good enough; empty: it passed."""
    told: str


class LoadTest:
    """Sends requests to the router's port on the loopback address, under the service's hostname."""

    def __init__(self, *, engine: Engine, ledger: Ledger, generator: Callable[[], str]) -> None:
        """``generator``: makes sure of the generator's image and returns its name."""
        self._engine = engine
        self._ledger = ledger
        self._generator = generator

    def __call__(self, environment: EnvironmentId, load: LoadCheck, tell: Tell) -> LoadOutcome:
        """Run it to its end; ``tell`` gets a few words while it goes on.

        Raises ``NotFound`` for an environment that is not there or a service without a hostname, ``Unavailable`` (code
        ``load-engine``) where the engine is not in this machine's own network, and ``LocalenvError`` (code
        ``load-generator``) when the generator did not run.
        """
        host, port = self._target(environment, load.service)
        if not self._engine.info().native_linux:
            raise Unavailable(
                "a load test needs an engine in this machine's own network",
                details=(
                    "the load generator asks 127.0.0.1, which for Docker Desktop, rootless and remote engines is another place",
                ),
                code="load-engine",
            )
        plan = load_plan(load)
        command = h2load(
            f"https://{host}:{port}{load.path}",
            address=f"{_LOOPBACK}:{port}",
            requests=plan.requests,
            rate=plan.rate,
            connections=plan.connections,
            streams=plan.streams,
            unanswered_seconds=plan.unanswered_seconds,
            limit_seconds=plan.limit_seconds,
            log=_LOG,
        )
        printed, log = self._run(_tool(environment, self._generator(), command), tell)
        if not log and not any(_FINISHED.match(line) for line in printed):
            raise LocalenvError("the load generator did not run", details=tuple(printed[-_SHOWN:]), code="load-generator")
        found = figures(plan, io.BytesIO(log), printed)
        failed = judge(load, found)
        return LoadOutcome(figures=found, failed=failed, told="; ".join(failed) or summary(found))

    def _target(self, environment: EnvironmentId, service: str) -> tuple[str, int]:
        """Hostname and port on the router."""
        record = self._ledger.record(environment)
        if record is None:
            raise NotFound(f"{environment} is not up", hints=(f"localenv up {environment.name}",), code="not-up")
        served = [each for each in exposures_of(record) if each["protocol"] in {"http", "https"} and each["host"]]
        for each in served:
            if each["service"] == service:
                return str(each["host"]), int(str(each["router_port"]))
        raise NotFound(
            f"{service} has no hostname in {environment.name}, so there is nothing to ask it by",
            details=(f"services with one: {', '.join(dict.fromkeys(str(each['service']) for each in served)) or 'none'}",),
            hints=(f"localenv urls {environment.name}",),
            code="no-hostname",
        )

    def _run(self, spec: ToolSpec, tell: Tell) -> tuple[list[str], bytes]:
        """What it printed, and its log. It stops by itself; what is left of a killed command goes with the environment."""
        printed: list[str] = []
        try:
            self._engine.run_tool(spec, wait=False)
            for _channel, line in self._engine.logs(spec.name, follow=True):
                text = line.decode("utf-8", "replace")
                if progress := _PROGRESS.match(text):
                    tell(f"{progress[1]} %")
                elif text.strip():
                    printed.append(text.rstrip())
            return printed, _content(self._engine.get_files(spec.name, _LOG))
        finally:
            self._engine.remove_tool(spec.name)


def _tool(environment: EnvironmentId, image: str, command: Sequence[str]) -> ToolSpec:
    """In the host's network, where the router's port on the loopback address is, whichever mode the router is in."""
    return ToolSpec(
        name=f"{environment.compose_project}-load-{uuid4().hex[:8]}",
        image=image,
        entrypoint=tuple(command[:1]),
        command=tuple(command[1:]),
        labels={labels.PROJECT: environment.project, labels.ENVIRONMENT: environment.name, labels.ROLE: "tool"},
        network="host",
        user=_NOBODY,
    )


def _content(archive: Iterator[bytes]) -> bytes:
    """The one file of an archive; empty when it is not there."""
    import tarfile

    try:
        with tarfile.open(fileobj=io.BytesIO(b"".join(archive))) as tar:
            file = tar.extractfile(tar.next() or "")
            return file.read() if file else b""
    except (NotFound, KeyError):
        return b""
