"""What the services of an environment print, merged in the order of time."""

from __future__ import annotations

import heapq
import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from localenv.core.observed import ContainerSeen
from localenv.errors import NotFound
from localenv.ports.engine import Engine

__all__ = ["LogLine", "LogRequest", "Logs"]

_END = None
_QUEUE_LIMIT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRequest:
    """Which lines: the newest ``tail`` of each replica, since and until an RFC 3339 time or a duration such as ``10m``."""

    follow: bool = False
    tail: int | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class LogLine:
    """One line of one replica."""

    at: str
    """RFC 3339 with nanoseconds, UTC, as the engine stamps it."""
    service: str
    number: int
    text: str


class Logs:
    """Reads the logs of containers side by side."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self, containers: Sequence[ContainerSeen], request: LogRequest) -> Iterator[LogLine]:
        """Lines of all containers; with ``follow`` until every container has ended or the caller stops.

        Raises what the engine raises, also when it goes while lines are followed.
        """
        if request.follow:
            yield from self._follow(containers, request)
        else:
            yield from heapq.merge(*(self._lines(container, request) for container in containers))

    def _follow(self, containers: Sequence[ContainerSeen], request: LogRequest) -> Iterator[LogLine]:
        lines: queue.Queue[LogLine | BaseException | None] = queue.Queue(_QUEUE_LIMIT)
        for container in containers:
            threading.Thread(target=self._feed, args=(container, request, lines), daemon=True, name="logs").start()
        open_streams = len(containers)
        while open_streams:
            line = lines.get()
            if isinstance(line, BaseException):
                raise line
            if line is _END:
                open_streams -= 1
            else:
                yield line

    def _feed(self, container: ContainerSeen, request: LogRequest, lines: queue.Queue[LogLine | BaseException | None]) -> None:
        try:
            for line in self._lines(container, request):
                lines.put(line)
        except NotFound:
            # Removed meanwhile, as an ``up`` beside this does: its lines have ended.
            lines.put(_END)
        except Exception as error:  # noqa: BLE001 - raised again by the thread that reads
            lines.put(error)
        else:
            lines.put(_END)

    def _lines(self, container: ContainerSeen, request: LogRequest) -> Iterator[LogLine]:
        stream = self._engine.logs(
            container.id,
            follow=request.follow,
            tail=request.tail,
            since=request.since,
            until=request.until,
            timestamps=True,
        )
        for _channel, line in stream:
            at, _, text = line.decode("utf-8", "replace").partition(" ")
            yield LogLine(at=at, service=container.service, number=container.number, text=text.rstrip("\r"))
