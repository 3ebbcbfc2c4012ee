from __future__ import annotations

from typing import Any

import msgspec
import pytest

from localenv.actions.generate_rows import Guesses
from localenv.core.configuration.tables import TableData
from localenv.core.generate.plan import plan_rows
from localenv.core.generate.redis import commands, keys_schema
from localenv.core.generate.request import Generation, Inputs
from localenv.errors import InvalidInput
from tests.unit.generate.given import words


def written(**tables: Any) -> list[list[str]]:
    """Commands, word by word."""
    generation = Generation(tables=msgspec.convert(tables, dict[str, TableData]), seed=7)
    schema = keys_schema(generation)
    inputs = Inputs(schema=schema, words=words, stored=lambda *_: (), highest=lambda *_: 0, guess=Guesses(schema))
    raw = b"".join(
        piece
        for rows in plan_rows(generation, inputs)
        for piece in commands(rows, generation.tables[rows.table.name.name], lambda *_: None)
    )
    return list(_parsed(raw))


def _parsed(raw: bytes) -> Any:
    at = 0

    def line() -> bytes:
        nonlocal at
        end = raw.index(b"\r\n", at)
        found, at = raw[at:end], end + 2
        return found

    while at < len(raw):
        count, command = int(line()[1:]), []
        for _ in range(count):
            size = int(line()[1:])
            command.append(raw[at : at + size].decode())
            at += size + 2
        yield command


def test_a_hash_for_each_row() -> None:
    columns = {"user": {"template": "u{row}"}, "name": {"constant": "J\N{LATIN SMALL LETTER U WITH DIAERESIS}rgen"}}
    assert written(session={"rows": 2, "ttl": 60, "columns": columns}) == [
        ["HSET", "session:1", "user", "u1", "name", "J\N{LATIN SMALL LETTER U WITH DIAERESIS}rgen"],
        ["EXPIRE", "session:1", "60"],
        ["HSET", "session:2", "user", "u2", "name", "J\N{LATIN SMALL LETTER U WITH DIAERESIS}rgen"],
        ["EXPIRE", "session:2", "60"],
    ]


@pytest.mark.parametrize(
    ("table", "first"),
    [
        ({"columns": {"value": {"constant": "x"}}}, ["SET", "t:1", "x"]),
        ({"key": "one", "type": "list", "columns": {"value": {"constant": 5}}}, ["RPUSH", "one", "5"]),
        ({"key": "s:{value}", "type": "set", "columns": {"value": {"constant": "a"}}}, ["SADD", "s:a", "a"]),
        ({"type": "zset", "columns": {"member": {"constant": "m"}, "score": "sequence"}}, ["ZADD", "t:1", "1", "m"]),
    ],
)
def test_each_type_has_its_command(table: Any, first: list[str]) -> None:
    assert written(t={"rows": 1, **table}) == [first]


def test_keys_can_refer_to_each_other() -> None:
    users = {"rows": 3, "columns": {"id": "sequence", "name": "full_name"}}
    found = written(users=users, carts={"rows": 40, "type": "string", "columns": {"user": {"references": "users.id"}}})
    assert {command[2] for command in found if command[0] == "SET"} == {"1", "2", "3"}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, "t: columns say what is in the keys, and there are none"),
        ({"type": "zset", "columns": {"value": "word"}}, "t: a sorted set has the columns member and score"),
        ({"type": "list", "columns": {"a": "word", "b": "word"}}, "t: a list has one column; write type: hash for several"),
    ],
)
def test_columns_that_a_type_does_not_have_are_refused(table: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        written(t={"rows": 1, **table})
    assert raised.value.message == message
