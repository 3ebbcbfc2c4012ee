"""What checking knows besides the model, and how a check says no."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any, Final

from localenv.core.configuration.settings import Settings
from localenv.core.documents import Path, dotted
from localenv.core.findings import Refusal
from localenv.core.paths import PathFacts, inside
from localenv.core.scan.places import Places
from localenv.values import dataclass

__all__ = ["ENGINE_SOCKETS", "CheckContext", "ServiceCheck", "items", "mapping", "plain"]

ENGINE_SOCKETS: Final = (
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/docker.sock",
    "/run/podman/podman.sock",
    "/var/run/docker.sock",
)
"""Where engines listen, whether or not one does so here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckContext:
    """Everything that is needed to judge a model without looking at a disk."""

    root: str
    """What counts as inside the project; without symbolic links."""
    directory: str
    """The project's directory, from which grants count their paths."""
    settings: Settings
    places: Places = field(default_factory=Places)
    facts: Mapping[str, PathFacts] = field(default_factory=dict)
    """What each path of ``paths_of`` leads to."""
    sockets: tuple[str, ...] = ENGINE_SOCKETS
    """Sockets of engines, without symbolic links."""
    home: str = ""

    def real(self, path: str) -> str:
        """``path`` with its links followed; as it is where nothing is known."""
        found = self.facts.get(path)
        return found.real if found else posixpath.normpath(path)

    def inside(self, path: str) -> bool:
        """Whether ``path`` leads into the project, whether links or ``..`` are taken first: programs differ in that."""
        return inside(self.real(path), self.root) and inside(self.real(posixpath.normpath(path)), self.root)

    def refuse(  # noqa: PLR0913 - each is one field of a refusal
        self,
        code: str,
        path: Path,
        message: str,
        *,
        value: str | None = None,
        hints: tuple[str, ...] = (),
        grant_value: Any = None,
        granted: bool = True,
        grant_key: str | None = None,
        hint: str | None = None,
    ) -> Refusal:
        """A refusal of what stands at ``path``, with its place. ``hints`` are texts that the item in the file holds."""
        place = self.places.find(path, *hints)
        service = str(path[1]) if path[0] == "services" else None
        key = grant_key or (dotted(path[2:3]) if service is not None else dotted(path))
        return Refusal(
            code=code,
            path=dotted(path),
            message=message,
            value=value,
            service=service,
            file=place.file if place else None,
            line=place.line if place else None,
            hint=hint,
            grant_key=key if granted else None,
            grant_value=grant_value if granted else None,
        )


ServiceCheck = Callable[[str, Mapping[str, Any], CheckContext], Iterator[Refusal]]
"""Name and resolved definition of one service, and the context."""


def mapping(value: Any) -> Mapping[str, Any]:
    """``value`` when it is a mapping, otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """``value`` when it is a list, otherwise an empty one."""
    return value if isinstance(value, list) else []


def plain(value: Any) -> str:
    """A resolved text without Compose's escape: ``$$`` is a plain ``$``."""
    return str(value).replace("$$", "$")
