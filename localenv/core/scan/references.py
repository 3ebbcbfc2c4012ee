"""Which further files a Compose file makes Compose read. The resolved model has lost them all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, Literal

from localenv.core.documents import Document, Path
from localenv.values import dataclass

__all__ = ["Include", "Reference", "includes", "is_remote", "service_references"]

Kind = Literal["include", "extends", "env_file", "label_file", "include-env-file"]

_REMOTE: Final = re.compile(r"(?i)[a-z][a-z0-9+.-]*://|oci:|git:|git@|github\.com/|[^/\s]+@[^/\s]+:|.*\.git(?:[#?]|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A path in a Compose file, as it is written there."""

    kind: Kind
    text: str
    path: Path
    """Where it stands in the document."""
    service: str | None = None
    """The service that has it."""
    target: str | None = None
    """``extends``: the service of that file which is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Include:
    """One entry of ``include``: files that make one model, with a directory and env files of their own."""

    files: tuple[Reference, ...]
    directory: str | None = None
    env_files: tuple[Reference, ...] | None = None
    """``None``: ``.env`` of its directory when there is one."""


def is_remote(text: str) -> bool:
    """Whether Compose would fetch this from elsewhere: a git or OCI reference, or an address."""
    return _REMOTE.match(text) is not None


def includes(document: Document) -> Iterator[Include]:
    """The ``include`` section (Compose specification, include)."""
    root = document.value
    entries = root.get("include") if isinstance(root, dict) else None
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        path: Path = ("include", index)
        if isinstance(entry, str):
            yield Include(files=(Reference(kind="include", text=entry, path=path),))
        elif isinstance(entry, dict):
            directory = entry.get("project_directory")
            env_file = entry.get("env_file")
            yield Include(
                files=tuple(_each("include", entry.get("path"), (*path, "path"))),
                directory=directory if isinstance(directory, str) else None,
                env_files=None if env_file in (None, [], "") else tuple(_each("include-env-file", env_file, (*path, "env_file"))),
            )


def service_references(document: Document, only: str | None = None) -> Iterator[Reference]:
    """Files that services name: ``env_file``, ``label_file`` and ``extends``; of one service with ``only``."""
    root = document.value
    services = root.get("services") if isinstance(root, dict) else None
    for name, service in services.items() if isinstance(services, dict) else ():
        if not isinstance(service, dict) or (only is not None and name != only):
            continue
        path: Path = ("services", name)
        yield from _each("env_file", service.get("env_file"), (*path, "env_file"), name)
        yield from _each("label_file", service.get("label_file"), (*path, "label_file"), name)
        yield from _extends(service.get("extends"), (*path, "extends"), name)


def _extends(value: Any, path: Path, service: str) -> Iterator[Reference]:
    target = value.get("service") if isinstance(value, dict) else value
    if not isinstance(target, str):
        return
    file = value.get("file") if isinstance(value, dict) else None
    yield Reference(
        kind="extends",
        text=file if isinstance(file, str) else "",
        path=(*path, "file") if isinstance(file, str) else path,
        service=service,
        target=target,
    )


def _each(kind: Kind, value: Any, path: Path, service: str | None = None) -> Iterator[Reference]:
    """A path, a list of paths, or a list of mappings with ``path``."""
    if isinstance(value, str):
        yield Reference(kind=kind, text=value, path=path, service=service)
    for index, item in enumerate(value if isinstance(value, list) else ()):
        text = item.get("path") if isinstance(item, dict) else item
        if isinstance(text, str):
            yield Reference(kind=kind, text=text, path=(*path, index), service=service)
