"""Generated keys for Redis and Valkey, as commands in the protocol that ``redis-cli --pipe`` hands on (RESP)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from localenv.core.configuration.tables import TableData
from localenv.core.generate.draws import BLOCK
from localenv.core.generate.request import Generation, TableRows
from localenv.core.row_templates import parse_row_template
from localenv.core.schema.model import Column, Schema, Table, TableName
from localenv.errors import InvalidInput

__all__ = ["commands", "keys_schema"]

Row = Mapping[str, str | None]
_MEMBER: Final = "member"
_SCORE: Final = "score"


def keys_schema(generation: Generation) -> Schema:
    """What a profile says of keys, as tables of texts. Raises ``InvalidInput`` for columns that a type does not have."""
    tables = []
    for name, data in generation.tables.items():
        path = (*generation.path, name)
        kind = _kind(data)
        wrong = None
        if not data.columns:
            wrong = "columns say what is in the keys, and there are none"
        elif kind == "zset" and set(data.columns) != {_MEMBER, _SCORE}:
            wrong = f"a sorted set has the columns {_MEMBER} and {_SCORE}"
        elif kind in {"string", "list", "set"} and len(data.columns) > 1:
            wrong = f"a {kind} has one column; write type: hash for several"
        if wrong:
            raise InvalidInput(f"{name}: {wrong}", where=generation.locate(path), code="data-profile")
        columns = tuple(Column(name=column, type="text", kind="text") for column in data.columns)
        tables.append(Table(name=TableName(name=name), columns=columns))
    return Schema(engine="redis", database="redis", tables=tuple(tables))


def commands(rows: TableRows, data: TableData, report: Callable[[TableRows, int], None]) -> Iterator[bytes]:
    """Commands for all rows of a table."""
    template = parse_row_template(data.key or f"{rows.table.name.name}:{{row}}")
    names = [column.name for column, _ in rows.columns]
    make = _makers()[_kind(data)]
    for begin in range(0, rows.count, BLOCK):
        block = range(begin, min(begin + BLOCK, rows.count))
        columns = [source.at(block) for _, source in rows.columns]
        written = []
        for number, values in zip(block, zip(*columns, strict=True), strict=True):
            row = dict(zip(names, values, strict=True))
            key = template.text.format(number + 1, *(row[name] for name in template.fields))
            written.append(_command(*make(key, row)))
            if data.ttl is not None:
                written.append(_command("EXPIRE", key, str(data.ttl)))
        yield b"".join(written)
        report(rows, block.stop)


def _kind(data: TableData) -> str:
    return data.type or ("string" if len(data.columns) == 1 else "hash")


def _makers() -> Mapping[str, Callable[[str, Row], Sequence[str]]]:
    return {
        "string": lambda key, row: ("SET", key, *_values(row)),
        "hash": lambda key, row: ("HSET", key, *(text for name, value in row.items() for text in (name, value or ""))),
        "list": lambda key, row: ("RPUSH", key, *_values(row)),
        "set": lambda key, row: ("SADD", key, *_values(row)),
        "zset": lambda key, row: ("ZADD", key, row[_SCORE] or "0", row[_MEMBER] or ""),
    }


def _values(row: Row) -> list[str]:
    return [value or "" for value in row.values()]


def _command(*words: str) -> bytes:
    encoded = [word.encode() for word in words]
    return b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded)
