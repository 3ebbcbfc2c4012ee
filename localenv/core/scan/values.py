"""Variables in a whole Compose file: which it mentions, how large it grows, and which are unset where a path is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from localenv.core.documents import Document, Path, dotted
from localenv.core.findings import Refusal
from localenv.core.interpolation import Lookup, fill, names_in
from localenv.errors import InvalidInput

__all__ = ["Mentioned", "mentioned", "unset_paths"]

_GROWTH_LIMIT: Final = 16 * 1024 * 1024
"""Characters of one file with every variable filled in."""
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,200}")
_INTERPOLATED: Final = frozenset({"services", "networks", "volumes", "secrets", "configs", "include", "name"})
_PATH_START: Final = re.compile(r"[./~]|$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned:
    """Variables of one file."""

    names: frozenset[str]
    """Every name that could make a difference: mentioned with ``$``, or taken over by name alone."""
    unset: tuple[str, ...]
    """Mentioned, set nowhere and without a default, in the order of the file."""


def mentioned(document: Document, lookup: Lookup) -> Mentioned:
    """Walk all values. Raises ``InvalidInput`` when the file would grow past the bounds."""
    names: set[str] = set()
    unset: dict[str, None] = {}
    left = _GROWTH_LIMIT
    for path, value in _scalars(document.value, ()):
        if isinstance(value, str) and "$" in value:
            names.update(names_in(value))
            try:
                filled = fill(value, lookup, limit=max(left, 0))
            except OverflowError:
                raise InvalidInput(
                    f"{document.file} grows past {_GROWTH_LIMIT:,} characters through its variables",
                    where=document.where(path),
                    code="file-too-large",
                ) from None
            left -= len(filled.text)
            if path[0] in _INTERPOLATED:
                unset.update(dict.fromkeys(filled.unset))
        elif value is None and path and isinstance(path[-1], str):
            names.add(path[-1])
        elif isinstance(value, str) and _NAME.fullmatch(value):
            names.add(value)
    return Mentioned(names=frozenset(names), unset=tuple(unset))


def unset_paths(document: Document, lookup: Lookup, only: str | None = None) -> Iterator[Refusal]:
    """Paths of the project that hold a variable which is set nowhere: ``${UNSET}/data`` would be ``/data``."""
    for path, text in _paths(document.value, only):
        if "$" not in text:
            continue
        unset = fill(text, lookup).unset
        if not unset:
            continue
        place = document.position(path)
        names = " and ".join(unset)
        yield Refusal(
            code="unset-variable-in-path",
            path=dotted(path),
            service=str(path[1]) if path[0] == "services" else None,
            value=text,
            message=f"is a path with {names} in it, which nothing sets; it would lead elsewhere",
            file=document.file,
            line=place.line if place else None,
            hint=f"set {names} in .env or in your shell, or give a default: ${{{unset[0]}:-./folder}}",
        )


def _paths(root: Any, only: str | None) -> Iterator[tuple[Path, str]]:
    if not isinstance(root, dict):
        return
    for name, service in _mapping(root.get("services")):
        if isinstance(service, dict) and only in (None, name):
            yield from _service_paths(service, ("services", name))
    if only is None:
        yield from _top_paths(root)


def _top_paths(root: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    for section in ("secrets", "configs"):
        for name, entry in _mapping(root.get(section)):
            yield from _texts(entry, (section, name), "file")
    for name, volume in _mapping(root.get("volumes")):
        if isinstance(volume, dict):
            yield from _texts(volume.get("driver_opts"), ("volumes", name, "driver_opts"), "device")


def _service_paths(service: dict[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    volumes = service.get("volumes")
    for index, volume in enumerate(volumes if isinstance(volumes, list) else ()):
        yield from _mount(volume, (*path, "volumes", index))
    build = service.get("build")
    if isinstance(build, str):
        yield (*path, "build"), build
    yield from _texts(build, (*path, "build"), "context", "dockerfile")
    develop = service.get("develop")
    watch = develop.get("watch") if isinstance(develop, dict) else None
    for index, entry in enumerate(watch if isinstance(watch, list) else ()):
        yield from _texts(entry, (*path, "develop", "watch", index), "path")
    for key in ("env_file", "label_file"):
        files = service.get(key)
        if isinstance(files, str):
            yield (*path, key), files
        for index, entry in enumerate(files if isinstance(files, list) else ()):
            if isinstance(entry, str):
                yield (*path, key, index), entry
            yield from _texts(entry, (*path, key, index), "path")


def _mount(volume: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(volume, dict):
        if volume.get("type", "bind") == "bind":
            yield from _texts(volume, path, "source")
        return
    if isinstance(volume, str):
        source = _source(volume)
        plain = fill(source, lambda _: None).text
        if _PATH_START.match(plain):
            yield path, source


def _source(volume: str) -> str:
    """The part before the first colon that belongs to no ``${NAME:-default}``."""
    depth = 0
    for index, character in enumerate(volume):
        if character == "{" and volume[index - 1 : index] == "$":
            depth += 1
        elif character == "}" and depth:
            depth -= 1
        elif character == ":" and not depth:
            return volume[:index]
    return volume


def _texts(value: Any, path: Path, *keys: str) -> Iterator[tuple[Path, str]]:
    for key in keys:
        if isinstance(value, dict) and isinstance(value.get(key), str):
            yield (*path, key), value[key]


def _mapping(value: Any) -> Iterator[tuple[str, Any]]:
    yield from value.items() if isinstance(value, dict) else ()


def _scalars(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _scalars(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _scalars(inner, (*path, index))
    else:
        yield path, value
