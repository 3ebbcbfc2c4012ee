"""Expressions as trees, and the columns that they mention."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

__all__ = ["Call", "Expression", "Literal", "Name", "Operation", "names_in"]


@dataclass(frozen=True, slots=True)
class Name:
    """A column, or ``VALUE`` in a domain."""

    text: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value."""

    value: str | Decimal | bool | None


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator: ``and or not = <> < <= > >= in like ~ is-null + - * / array`` and whatever else there is."""

    operator: str
    operands: tuple[Expression, ...]


Expression = Name | Literal | Call | Operation


def names_in(expression: Expression) -> Iterator[str]:
    """Columns that it mentions, as often as it does."""
    match expression:
        case Name(text):
            yield text
        case Call(_, parts) | Operation(_, parts):
            for part in parts:
                yield from names_in(part)
        case Literal():
            return
