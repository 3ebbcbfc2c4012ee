"""Types of MariaDB and MySQL as families that a generator tells apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from localenv.core.schema.model import Column, Kind

__all__ = ["typed"]

_KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "bigint", "year"), "integer"),
    "decimal": "decimal",
    **dict.fromkeys(("float", "double"), "float"),
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"), "text"),
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), "bytes"),
    "date": "date",
    "time": "time",
    **dict.fromkeys(("datetime", "timestamp"), "timestamp"),
    "uuid": "uuid",
    "json": "json",
    "enum": "enum",
    "set": "set",
    **dict.fromkeys(("inet4", "inet6"), "network"),
    "bit": "bits",
    "vector": "vector",
}
_BITS: Final = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
_YEARS: Final = (1901, 2155)
_VALUE: Final = re.compile(r"'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_BYTES_OF_A_CHARACTER: Final = 4
_LENGTH: Final = re.compile(r"\((\d+)\)")


def typed(name: str, data_type: str, text: str, sizes: tuple[int | None, int | None, int | None]) -> Column:
    """Describe a column by its type's name, its type in full, and its characters, digits and digits after the point."""
    length, precision, scale = sizes
    kind: Kind = "boolean" if text.startswith("tinyint(1)") else _KINDS.get(data_type, "other")
    column = Column(name=name, type=text, kind=kind)
    match kind:
        case "integer":
            low, high = _bounds(data_type, unsigned="unsigned" in text)
            return replace(column, minimum=low, maximum=high)
        case "decimal":
            return replace(column, precision=precision, scale=scale)
        case "text":
            return replace(column, length=length // _BYTES_OF_A_CHARACTER if length and "text" in data_type else length)
        case "bytes":
            return replace(column, length=length)
        case "enum" | "set":
            return replace(column, values=tuple(_plain(found) for found in _VALUE.findall(text)))
        case "bits" | "vector":
            found = _LENGTH.search(text)
            return replace(column, length=int(found[1]) if found else 1)
        case _:
            return column


def _bounds(data_type: str, *, unsigned: bool) -> tuple[int, int]:
    if data_type == "year":
        return _YEARS
    bits = _BITS[data_type]
    return (0, (1 << bits) - 1) if unsigned else (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text.replace("''", "'"), flags=re.DOTALL)
