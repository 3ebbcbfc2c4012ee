"""Untyped values made into typed ones, by one thread at a time.

msgspec learns how a type is made when it first makes one, and ends the process when another thread asks for that type meanwhile
(0.22). Environments are worked on side by side, and each reads the same kinds of files first. For the same reason modules that
define such types are imported before the threads begin.
"""

from __future__ import annotations

import threading
from typing import Any, TypeVar

import msgspec

__all__ = ["from_json", "from_msgpack", "from_plain"]

Made = TypeVar("Made")

_ONE_AT_A_TIME = threading.Lock()


def from_json(content: bytes | str, kind: type[Made]) -> Made:
    """Raises ``msgspec.MsgspecError`` for what is no JSON or does not fit."""
    with _ONE_AT_A_TIME:
        return msgspec.json.decode(content, type=kind)


def from_msgpack(content: bytes, kind: type[Made]) -> Made:
    """Raises ``msgspec.MsgspecError`` for what is no MessagePack or does not fit."""
    with _ONE_AT_A_TIME:
        return msgspec.msgpack.decode(content, type=kind)


def from_plain(value: Any, kind: type[Made]) -> Made:
    """From what YAML or JSON gave. Raises ``msgspec.ValidationError`` for what does not fit."""
    with _ONE_AT_A_TIME:
        return msgspec.convert(value, kind)
