"""Running other programs: the only way, always as an argument list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from localenv.values import dataclass

__all__ = ["Completed", "Processes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A program that ended."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class Processes(Protocol):
    """Runs programs without a shell, with ``GIT_*``, ``COMPOSE_*`` and ``DOCKER_DEFAULT_PLATFORM``-like variables scrubbed."""

    def run(  # noqa: PLR0913 - the whole of one call
        self,
        argv: Sequence[str],
        *,
        stdin: bytes | None = None,
        environment: Mapping[str, str] | None = None,
        directory: str | None = None,
        timeout: float = 120.0,
        memory: int | None = None,
        on_line: Callable[[str], None] | None = None,
        on_output: Callable[[str], None] | None = None,
    ) -> Completed:
        """Run to the end; ``environment`` is added, ``memory`` bounds its private memory in bytes.

        ``on_line`` gets each line of standard error as it comes, ``on_output`` each of standard output.
        Raises ``Unavailable`` when the program is
        missing and ``LocalenvError`` (code ``timeout``) when ``timeout`` seconds pass; the program is ended then.
        """
        ...

    def attach(self, argv: Sequence[str], *, environment: Mapping[str, str] | None = None, directory: str | None = None) -> int:
        """Run with this terminal as its own; return its exit code."""
        ...
