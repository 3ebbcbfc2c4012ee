"""What containers say and do: log lines, events and usage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Literal

import msgspec

from localenv.adapters.docker_engine.api import Stream, path
from localenv.adapters.docker_engine.base import EnginePart
from localenv.adapters.docker_engine.failures import Gone
from localenv.adapters.docker_engine.moments import moment
from localenv.adapters.docker_engine.streams import Channel, demultiplexed, lines
from localenv.core.labels import OWNER
from localenv.ports.engine import ContainerEvent, Usage

__all__ = ["Watching", "container_event"]

_ACTIONS: Final = ("create", "start", "die", "stop", "kill", "destroy", "health_status", "pause", "unpause", "oom")
_NO_LABELS: Final = frozenset({"name", "image", "exitCode", "execDuration", "signal"})
_RAW: Final = "application/vnd.docker.raw-stream"


class Watching(EnginePart):
    """Streams that containers give."""

    def logs(
        self,
        container: str,
        *,
        follow: bool = False,
        tail: int | None = None,
        since: str | None = None,
        timestamps: bool = False,
        until: str | None = None,
    ) -> Iterator[tuple[Channel, bytes]]:
        now = self._clock.now()
        params: dict[str, Any] = {
            "stdout": "1",
            "stderr": "1",
            "follow": int(follow),
            "timestamps": int(timestamps),
            "tail": "all" if tail is None else str(tail),
            "since": moment(since, now) if since else None,
            "until": moment(until, now) if until else None,
        }
        stream = self._api.stream(
            "GET", path("containers", container, "logs"), what=f"read the log of {container}", params=params
        )
        return _log_lines(stream)

    @contextmanager
    def events(self, labels: Mapping[str, str]) -> Iterator[Iterator[ContainerEvent]]:
        wanted = [f"{key}={value}" for key, value in {**labels, OWNER: self.owner}.items()]
        filters = {"type": ["container"], "label": wanted, "event": list(_ACTIONS)}
        stream = self._api.stream(
            "GET",
            "/events",
            what="watch events",
            # The engine answers before it listens; naming the moment makes it give what happened in between.
            params={"filters": msgspec.json.encode(filters).decode(), "since": f"{self._clock.now().timestamp():.9f}"},
        )
        try:
            yield (container_event(message) for message in _messages(stream))
        finally:
            stream.close()

    def usage(self, container: str) -> Usage | None:
        try:
            found = self._api.call(
                "GET",
                path("containers", container, "stats"),
                what=f"measure container {container}",
                params={"stream": "0", "one-shot": "1"},
            )
        except Gone:
            return None
        memory = found.get("memory_stats") or {}
        if "usage" not in memory:
            return None
        details = memory.get("stats") or {}
        cache = details.get("inactive_file", details.get("total_inactive_file", 0))
        return Usage(
            memory=max(memory["usage"] - cache, 0),
            memory_limit=memory.get("limit", 0),
            cpu=found["cpu_stats"]["cpu_usage"]["total_usage"],
        )


def _log_lines(stream: Stream) -> Iterator[tuple[Channel, bytes]]:
    try:
        if stream.content_type.startswith(_RAW):
            plain: Iterator[tuple[Channel, bytes]] = (("stdout", piece) for piece in stream.pieces())
            yield from lines(plain, terminal=True)
        else:
            yield from lines(demultiplexed(stream.pieces()))
    finally:
        stream.close()


def _messages(stream: Stream) -> Iterator[dict[str, Any]]:
    for _, line in lines(("stdout", piece) for piece in stream.pieces()):
        if line.strip():
            yield msgspec.json.decode(line)


def container_event(message: Mapping[str, Any]) -> ContainerEvent:
    """Read one message of the event stream (Engine API, ``/events``)."""
    attributes: dict[str, str] = message["Actor"].get("Attributes") or {}
    name, _, rest = message["Action"].partition(": ")
    code = attributes.get("exitCode")
    return ContainerEvent(
        container=message["Actor"]["ID"],
        action=_action(name),
        health=rest or None if name == "health_status" else None,
        exit_code=int(code) if code is not None and name == "die" else None,
        labels={key: value for key, value in attributes.items() if key not in _NO_LABELS},
    )


Action = Literal["create", "start", "die", "stop", "kill", "destroy", "health", "pause", "unpause", "oom", "other"]


def _action(name: str) -> Action:
    match name:
        case "create" | "start" | "die" | "stop" | "kill" | "destroy" | "pause" | "unpause" | "oom":
            return name
        case "health_status":
            return "health"
        case _:
            return "other"
