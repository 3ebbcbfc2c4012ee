"""Docker Compose: it resolves files, builds images and creates containers; localenv does the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Protocol

from localenv.core.wanted import Model
from localenv.values import dataclass

__all__ = ["Compose", "ResolveRequest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveRequest:
    """Which files make the model, in the order of merging; all paths absolute."""

    directory: str
    project_name: str
    files: tuple[str, ...]
    env_files: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    """Variables for interpolation that localenv gives in addition to the env files and the caller's environment."""


class Compose(Protocol):
    """The Compose plugin, 2.20 or later."""

    def version(self) -> str: ...
    def resolve(self, request: ResolveRequest) -> Model:
        """``docker compose config --format json``, bounded in time and memory.

        Raises ``InvalidInput`` with file and line where Compose names them, without relaying values.
        """
        ...

    def create(self, *, file: str, project_name: str, directory: str, scale: Mapping[str, int], no_recreate: bool = True) -> None:
        """``create --no-build --pull never --no-recreate`` for the whole rendered file."""
        ...

    def build(
        self,
        *,
        file: str,
        project_name: str,
        directory: str,
        services: Sequence[str],
        on_line: Callable[[str], None] | None = None,
    ) -> None:
        """Build these services of the rendered file; raises ``LocalenvError`` (code ``build``) with the last lines."""
        ...

    def attach(self, *, file: str, project_name: str, directory: str, arguments: Sequence[str]) -> int:
        """Hand the terminal to a Compose command (``logs``, ``watch``) and return its exit code."""
        ...

    def collect(
        self, *, file: str, project_name: str, directory: str, arguments: Sequence[str], on_line: Callable[[str], None]
    ) -> int:
        """The same without a terminal, for a command that ends; ``on_line`` gets each line of its output."""
        ...
