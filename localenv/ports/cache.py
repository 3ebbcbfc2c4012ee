"""A memory that may forget: results of slow work, by the hash of what they hang on."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Cache"]


class Cache(Protocol):
    """Keeps bytes, readable by nobody else: they may hold secrets. Never raises."""

    def get(self, key: str) -> bytes | None:
        """What was put under ``key``, whole and unchanged, or nothing."""
        ...

    def put(self, key: str, value: bytes) -> None: ...
