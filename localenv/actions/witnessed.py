"""A memory whose entries hold as long as everything that they hang on: files, variables and what paths lead to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from localenv.core.typed import from_msgpack
from localenv.errors import LocalenvError, NotFound
from localenv.ports.cache import Cache
from localenv.ports.files import ProjectFiles

__all__ = ["WitnessedMemory"]

_READ_LIMIT: Final = 1024 * 1024
"""Bytes; the scan reads no larger file, so one that has grown past it has changed."""


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    read: dict[str, str]
    variables: dict[str, str | None]
    facts: dict[str, tuple[str, str]]
    value: bytes


class WitnessedMemory:
    """Keeps values in a cache, each with its witnesses. Values of variables are kept as hashes."""

    def __init__(self, cache: Cache, files: ProjectFiles, variables: Mapping[str, str]) -> None:
        self._cache = cache
        self._files = files
        self._variables = variables

    def get(self, key: str) -> bytes | None:
        """The value under ``key``, when every witness is as it was."""
        data = self._cache.get(key)
        if data is None:
            return None
        try:
            entry = from_msgpack(data, _Entry)
        except (msgspec.MsgspecError, ValueError):
            return None
        return entry.value if self._holds(entry) else None

    def put(self, key: str, value: bytes, *, read: Mapping[str, str], names: Iterable[str], looked_at: Iterable[str]) -> None:
        """Keep ``value``. ``read``: SHA-256 by path, empty where no file is; ``names``: variables; ``looked_at``: paths."""
        entry = _Entry(
            read=dict(read),
            variables={name: self._hashed(name) for name in names},
            facts={path: self._facts(path) for path in (*read, *looked_at)},
            value=value,
        )
        self._cache.put(key, msgspec.msgpack.encode(entry))

    def _holds(self, entry: _Entry) -> bool:
        return (
            all(self._hashed(name) == value for name, value in entry.variables.items())
            and all(self._digest(path) == digest for path, digest in entry.read.items())
            and all(self._facts(path) == facts for path, facts in entry.facts.items())
        )

    def _digest(self, path: str) -> str:
        try:
            return hashlib.sha256(self._files.read(path, limit=_READ_LIMIT)).hexdigest()
        except NotFound:
            return ""
        except LocalenvError:
            return "unreadable"

    def _facts(self, path: str) -> tuple[str, str]:
        found = self._files.facts(path)
        return (found.kind, found.real)

    def _hashed(self, name: str) -> str | None:
        value = self._variables.get(name)
        return None if value is None else hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()
