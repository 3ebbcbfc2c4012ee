"""A data profile as text for a person to go on with: each table with its columns, and comments where it was guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from localenv.core.infer.guesses import ColumnGuess, TableGuess
from localenv.core.scalars import plain_scalar
from localenv.values import dataclass

__all__ = ["InferredService", "profile_text"]

_PLAIN: Final = re.compile(r"[A-Za-z_./$][A-Za-z0-9_./$@+-]*( [A-Za-z0-9_./$@+-]+)*")
_YAML_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_SHORT_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_COMMENT_COLUMN: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class InferredService:
    """One data service with the guesses for its tables."""

    name: str
    database: str
    tables: tuple[TableGuess, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """Everything that may refuse rows, or gets none for a reason that a person can mend."""
        return tuple(warning for table in self.tables for warning in table.warnings)


def profile_text(profile: str, services: Sequence[InferredService]) -> str:
    """Write the profile, YAML that is its own explanation."""
    return "".join(f"{line}".rstrip() + "\n" for line in _lines(profile, services))


def _lines(profile: str, services: Sequence[InferredService]) -> Iterator[str]:
    yield "# Written by `localenv data infer` from the tables of a running environment: yours to change."
    yield "# A column that is left out is guessed again by what the schema says then."
    yield f"profile: {_scalar(profile)}"
    yield "classification: synthetic"
    yield "seed: 1"
    yield "services:"
    for service in services:
        filled = [table for table in service.tables if table.left_out is None]
        yield f"  {_scalar(service.name)}:"
        yield from _left_alone(service)
        yield "    tables:" if filled else "    tables: {}"
        for table in filled:
            yield from _table(table)


def _left_alone(service: InferredService) -> Iterator[str]:
    left = [table for table in service.tables if table.left_out is not None]
    if left:
        yield f"    # No rows for {len(left)} of {len(service.tables)} tables:"
    for table in left:
        yield f"    #   {_comment(str(table.table.name))} {_comment(table.left_out or '')}"


def _table(guess: TableGuess) -> Iterator[str]:
    for said in (*guess.notes, *guess.warnings):
        yield f"      # {_comment(said.removeprefix(f'{guess.table.name}: '))}"
    yield f"      {_scalar(str(guess.table.name))}:"
    yield f"        rows: {guess.rows}"
    if guess.columns:
        yield "        columns:"
    for column in guess.columns:
        yield _column(column)


def _column(guess: ColumnGuess) -> str:
    text = f"          {_scalar(guess.name)}: {_flow(guess.format)}"
    return f"{text.ljust(_COMMENT_COLUMN)}  # {_comment(guess.why)}" if guess.why else text


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(_pair(key, each) for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return "null" if value == "null" else _scalar(value)  # the generator of that name, as people write it


def _pair(key: Any, value: Any) -> str:
    return f"{_scalar(key)}" if value is None else f"{_scalar(key)}: {_flow(value)}"


def _scalar(value: Any) -> str:
    """A scalar that every reader of YAML takes for what it is; text in quotes where it could be taken for something else."""
    if not isinstance(value, str):
        return json.dumps(value)
    safe = _PLAIN.fullmatch(value) and value.lower() not in _YAML_WORDS and isinstance(plain_scalar(value), str)
    return value if safe else _quoted(value)


def _quoted(value: str) -> str:
    if "\\" in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(char: str) -> str:
    """One character between double quotes (YAML 1.2, 5.7)."""
    if char in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[char]
    return char if char.isprintable() else f"\\U{ord(char):08x}"


def _comment(text: str) -> str:
    """One line, whatever names and expressions hold."""
    return "".join(char if char.isprintable() else " " for char in text)
