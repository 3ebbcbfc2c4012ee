"""Progress on the screen: live lines on a terminal, plain lines in a pipe, nothing beside JSON."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import click

from localenv.cli.render.errors import clean
from localenv.cli.render.words import STATE_STYLES, size
from localenv.ports.progress import Event, Message, ServiceState

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

__all__ = ["Display", "display"]

_STAGE_WIDTH = 9
_MARKS = {"running": "starting", "unhealthy": "failed"}
_TOLD_OF_SEVERAL = frozenset({"wait", "images", "build"})
"""Stages that are told of each environment where there are several; the rest is one live line each."""
_SETTLED = {"healthy", "done", "failed", "unhealthy", "stopped"}


class Display(Protocol):
    """A progress that is shown between entering and leaving."""

    def emit(self, event: Event) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


def display(output: str, *, several: bool = False) -> Display:
    """Choose what fits where standard error goes."""
    if output == "json":
        return _Silent()
    if sys.stderr.isatty():
        return _Live(several=several)
    return _Plain(several=several)


class _Silent:
    def emit(self, event: Event) -> None:
        """Show nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None


class _Plain(_Silent):
    def __init__(self, *, several: bool) -> None:
        self._several = several
        self._lock = threading.Lock()

    def emit(self, event: Event) -> None:
        line = _line(event)
        if line is None or (self._several and isinstance(event, Message) and event.stage == "note"):
            return
        prefix = f"{event.environment}: " if self._several and event.environment else ""
        with self._lock:
            click.echo(f"  {prefix}{line}", err=True)


class _Live(_Silent):
    def __init__(self, *, several: bool) -> None:
        from rich.console import Console

        self._console: Console = Console(stderr=True, highlight=False)
        self._several = several
        self._widest = 0
        self._lock = threading.Lock()
        self._services: dict[str, dict[tuple[int, str, int], str]] = {}
        self._running: dict[tuple[str | None, str], tuple[str, float]] = {}
        self._live: Live | None = None

    def __enter__(self) -> Self:
        from rich.live import Live

        self._live = Live(console=self._console, get_renderable=self._render, refresh_per_second=12, transient=True)
        self._live.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._live is not None:
            with self._lock:
                self._running.clear()
                kept = self._service_lines()
                self._services.clear()
            self._live.__exit__(kind, error, trace)
            for line in kept:
                self._console.print(line)

    def emit(self, event: Event) -> None:
        """Print after letting go of the lock: the thread that draws holds rich's own lock while it asks for this one."""
        line = None
        with self._lock:
            self._widest = max(self._widest, len(event.environment or ""))
            if isinstance(event, ServiceState):
                self._running.pop((event.environment, "build"), None)
                states = self._services.setdefault(event.environment, {})
                states[(event.level, event.service, event.number)] = event.state
            elif isinstance(event, Message):
                line = self._taken(event)
        if line is not None:
            self._console.print(line, soft_wrap=False)

    def _taken(self, message: Message) -> str | None:
        """The line that a message leaves on the screen, if any."""
        key = (message.environment, message.stage)
        began = self._running.get(key, ("", time.monotonic()))[1]
        if message.total and (message.done or 0) < message.total:
            self._running[key] = (f"{message.text}  {size(message.done)} of {size(message.total)}", began)
        elif message.seconds is None and message.total is None and message.stage not in {"note", "wait"}:
            self._running[key] = (message.text, began)
        else:
            self._running.pop(key, None)
            if not self._several or message.stage in _TOLD_OF_SEVERAL:
                return self._shown(message.environment, _markup(message))
        return None

    def _render(self) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        with self._lock:
            lines = [
                self._shown(environment, f"[dim]{stage:<{_STAGE_WIDTH}} {_elapsed(began)}[/]  {_escape(text)}")
                for (environment, stage), (text, began) in self._running.items()
            ]
            lines += self._service_lines()
        room = max(1, self._console.height - 2)
        texts = [Text.from_markup(line, overflow="ellipsis") for line in lines[-room:]]
        for text in texts:
            text.no_wrap = True
        return Group(*texts)

    def _service_lines(self) -> list[str]:
        lines = []
        for environment, states in self._services.items():
            by_level: dict[int, list[str]] = {}
            for (level, service, _number), state in sorted(states.items()):
                mark, style = STATE_STYLES[_MARKS.get(state, state)]
                parts = by_level.setdefault(level, [])
                if parts and parts[-1].startswith(f"{service} "):
                    parts[-1] += f"[{style}]{mark}[/]"
                else:
                    parts.append(f"{service} [{style}]{mark}[/]")
            shown = "  [dim]>[/]  ".join("  ".join(by_level[level]) for level in sorted(by_level))
            lines.append(self._shown(environment, f"[dim]{'start':<{_STAGE_WIDTH}}[/] {shown}"))
        return lines

    def _shown(self, environment: str | None, line: str) -> str:
        if not (self._several and environment):
            return f"  {line}"
        return f"  [bold]{environment:<{self._widest}}[/]  {line}"


def _elapsed(began: float) -> str:
    """Seconds that a piece of work has taken so far: what takes long must not look as if it stood still."""
    return f"{time.monotonic() - began:3.0f} s"


def _markup(message: Message) -> str:
    seconds = f"  [dim]{message.seconds:.1f} s[/]" if message.seconds is not None else ""
    return f"[dim]{message.stage:<{_STAGE_WIDTH}}[/] {_escape(message.text)}{seconds}"


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(clean(text))


def _line(event: Event) -> str | None:
    if isinstance(event, Message):
        if event.total and (event.done or 0) < event.total:
            return None
        seconds = f"  {event.seconds:.1f} s" if event.seconds is not None else ""
        return f"{event.stage:<{_STAGE_WIDTH}} {clean(event.text)}{seconds}"
    if isinstance(event, ServiceState) and event.state in _SETTLED:
        return f"{'start' if event.state != 'stopped' else 'stop':<{_STAGE_WIDTH}} {event.service}-{event.number} {event.state}"
    return None
