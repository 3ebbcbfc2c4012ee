"""A check as the ways in which a row can satisfy it: each way is a set of simple statements about columns."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Final

from localenv.core.infer.tree import Call, Expression, Literal, Name, Operation, names_in
from localenv.values import dataclass

__all__ = ["Atom", "Branch", "branches"]

_MOST: Final = 64
_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
_OPPOSITE: Final = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_MEASURES: Final = {
    **dict.fromkeys(("char_length", "character_length", "length", "octet_length", "bit_length"), "length"),
    **dict.fromkeys(("cardinality", "array_length", "jsonb_array_length", "json_array_length"), "count"),
}
_TRIMS: Final = {"btrim", "trim", "ltrim", "rtrim", "lower", "upper", "coalesce"}
_NOW: Final = {
    "now", "current_date", "current_timestamp", "localtimestamp", "curdate", "transaction_timestamp",
    "statement_timestamp", "clock_timestamp", "sysdate", "utc_timestamp",
}  # fmt: skip
_BOOLEAN: Final = {"and", "or", "not", "is-null", "in", "=", "<>", "<", "<=", ">", ">=", "like", "~", "~*", "case"}
_MATCHES: Final = {"like", "ilike", "~", "~*"}
_MOST_COUNTED: Final = 6
_HOLDS: Final[dict[str, Callable[[int, Decimal], bool]]] = {
    "=": lambda count, wanted: count == wanted,
    "<>": lambda count, wanted: count != wanted,
    "<": lambda count, wanted: count < wanted,
    "<=": lambda count, wanted: count <= wanted,
    ">": lambda count, wanted: count > wanted,
    ">=": lambda count, wanted: count >= wanted,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """One statement about a column.

    ``kind``: ``null``, ``value`` (is not null), a comparison with ``value``, ``in``, ``not in``, ``length`` or ``count``
    followed by a comparison, ``like``, ``~``, ``~*``, ``json``, ``lower``, ``upper``, ``future``, ``past``; ``before``,
    ``not after``, ``same`` and ``other`` compare with the column ``value``; ``unknown`` says nothing of ``columns``.
    """

    kind: str
    column: str = ""
    value: str | Decimal | bool | tuple[str | Decimal | bool, ...] | None = None
    columns: tuple[str, ...] = ()


Branch = tuple[Atom, ...]


def branches(expression: Expression) -> list[Branch]:
    """Every way to satisfy it that this reader sees, at most 64; none when it can never hold."""
    return _ways(expression, holds=True)


def _ways(expression: Expression, *, holds: bool) -> list[Branch]:
    match expression:
        case Operation("not", (inner,)):
            return _ways(inner, holds=not holds)
        case Operation("and" | "or" as word, parts):
            each = [_ways(part, holds=holds) for part in parts]
            return _all(each) if (word == "and") == holds else [way for ways in each for way in ways][:_MOST]
        case Operation("case", parts):
            return _case(parts, holds=holds)
        case Operation("=" | "<>" as operator, (left, right)) if _is_boolean(left) and _is_boolean(right):
            return _both(left, right, same=(operator == "=") == holds)
        case Literal(value) if isinstance(value, bool) or value is None:
            return [()] if value is None or value is holds else []
        case Name(text):
            return [(Atom(kind="=", column=text, value=holds),)]
        case _:
            return _simple(expression, holds=holds)


def _all(each: list[list[Branch]]) -> list[Branch]:
    found: list[Branch] = [()]
    for ways in each:
        found = list(itertools.islice(((*first, *second) for first in found for second in ways), _MOST))
    return found


def _case(parts: tuple[Expression, ...], *, holds: bool) -> list[Branch]:
    found: list[Branch] = []
    before: list[list[Branch]] = []
    for condition, value in zip(parts[:-1:2], parts[1:-1:2], strict=True):
        found += _all([*before, _ways(condition, holds=True), _ways(value, holds=holds)])
        before.append(_ways(condition, holds=False))
    return (found + _all([*before, _ways(parts[-1], holds=holds)]))[:_MOST]


def _both(left: Expression, right: Expression, *, same: bool) -> list[Branch]:
    first = _all([_ways(left, holds=True), _ways(right, holds=same)])
    return (first + _all([_ways(left, holds=False), _ways(right, holds=not same)]))[:_MOST]


def _is_boolean(expression: Expression) -> bool:
    return isinstance(expression, Operation) and expression.operator in _BOOLEAN


def _simple(expression: Expression, *, holds: bool) -> list[Branch]:
    match expression:
        case Operation("is-null", (inner,)):
            return _null(inner, expression, holds=holds)
        case Operation("in", (left, *members)):
            return _in(left, members, expression, holds=holds)
        case Operation(operator, (left, right)) if operator in _MIRRORED:
            return _compared(operator if holds else _OPPOSITE[operator], left, right, expression)
        case Operation(operator, (left, Literal(str(pattern)))) if (
            plain := operator.removeprefix("not ").lstrip("!")
        ) in _MATCHES:
            kind = "like" if plain == "ilike" else plain
            differs = (plain != operator) == holds
            return [()] if differs else _about(left, lambda column: Atom(kind=kind, column=column, value=pattern), expression)
        case Operation("any", _) if not holds:
            return [()]
        case Call(name, (Name(text), *rest)) if holds:
            return _called(name, text, rest, expression)
        case _:
            return _unknown(expression)


def _called(name: str, column: str, rest: list[Expression], whole: Expression) -> list[Branch]:
    match name, rest:
        case "json_valid", []:
            return [(Atom(kind="json", column=column, value="any"),)]
        case "regexp_like", [Literal(str(pattern)), *_]:
            return [(Atom(kind="~", column=column, value=pattern),)]
        case _:
            return _unknown(whole)


def _unknown(expression: Expression) -> list[Branch]:
    return [(Atom(kind="unknown", columns=tuple(dict.fromkeys(names_in(expression)))),)]


def _about(left: Expression, make: Callable[[str], Atom], whole: Expression) -> list[Branch]:
    column = _column(left)
    return [(make(column),)] if column else _unknown(whole)


def _column(expression: Expression) -> str | None:
    """The column that it is, be it trimmed or in another case."""
    while isinstance(expression, Call) and expression.name in _TRIMS and expression.arguments:
        expression = expression.arguments[0]
    return expression.text if isinstance(expression, Name) else None


def _null(inner: Expression, whole: Expression, *, holds: bool) -> list[Branch]:
    match inner:
        case Name(text):
            return [(Atom(kind="null" if holds else "value", column=text),)]
        case Call("coalesce" | "ifnull", parts) if all(isinstance(part, Name) for part in parts):
            each = [_ways(Operation("is-null", (part,)), holds=holds) for part in parts]
            return _all(each) if holds else [way for ways in each for way in ways]
        case Call("nullif", (first, Literal(str()))) if not holds:
            return _about(first, lambda column: Atom(kind="length>=", column=column, value=Decimal(1)), whole)
        case _:
            return _unknown(whole)


def _in(left: Expression, members: Iterable[Expression], whole: Expression, *, holds: bool) -> list[Branch]:
    values = [member.value for member in members if isinstance(member, Literal)]
    known = tuple(value for value in values if value is not None)
    if isinstance(left, Call) and left.name in {"upper", "lower"} and holds:
        known = tuple(value for value in known if getattr(str(value), left.name)() == str(value))
        left = left.arguments[0] if left.arguments else left
    elif len(known) != len(list(members)):
        return _unknown(whole)
    if not isinstance(left, Name):
        return _unknown(whole)
    return [(Atom(kind="in" if holds else "not in", column=left.text, value=known),)]


def _compared(operator: str, left: Expression, right: Expression, whole: Expression) -> list[Branch]:
    if isinstance(left, Literal) or _is_now(left):
        left, right, operator = right, left, _MIRRORED[operator]
    if isinstance(right, Literal) and isinstance(right.value, Decimal) and (terms := list(_counted(left))):
        return _counting(terms, operator, right.value)
    match left, right:
        case _, Literal(None):
            return [()]
        case Name(text), Literal(value):
            return [(Atom(kind=operator, column=text, value=value),)]
        case Call(name, (inner, *_)), Literal(Decimal() as value) if name in _MEASURES:
            kind = f"{_MEASURES[name]}{operator}"
            scaled = value / 8 if name == "bit_length" else value
            return _about(inner, lambda column: Atom(kind=kind, column=column, value=scaled), whole)
        case Call("jsonb_typeof" | "json_typeof" | "json_type", (Name(text),)), Literal(str(value)) if operator == "=":
            return [(Atom(kind="json", column=text, value=value.lower()),)]
        case Name(text), _ if _is_now(right):
            return [(Atom(kind="past" if operator in {"<", "<="} else "future", column=text),)]
        case _:
            return _of_columns(operator, left, right, whole)


def _of_columns(operator: str, left: Expression, right: Expression, whole: Expression) -> list[Branch]:
    match left, right:
        case Name(first), Name(second) if first != second:
            if operator in {">", ">="}:
                first, second, operator = second, first, _MIRRORED[operator]
            kind = {"<": "before", "<=": "not after", "=": "same", "<>": "other"}[operator]
            return [
                (Atom(kind=kind, column=first, value=second),),
                *((Atom(kind="null", column=name),) for name in (first, second)),
            ]
        case (Name(first), Call("lower" | "upper" as case, (Name(second),))) | (
            Call("lower" | "upper" as case, (Name(second),)),
            Name(first),
        ) if first == second and operator == "=":
            return [(Atom(kind=case, column=first),)]
        case Call(name, _), Literal(str("")) if name in _TRIMS and operator == "<>":
            return _about(left, lambda column: Atom(kind="length>=", column=column, value=Decimal(1)), whole)
        case _:
            return _unknown(whole)


def _is_now(expression: Expression) -> bool:
    match expression:
        case Call(name, _):
            return name in _NOW
        case Literal(str(value)):
            return value.lower() in {"now", "today"}
        case Operation("+" | "-", (left, Literal())):
            return _is_now(left)
        case _:
            return False


def _counted(expression: Expression) -> Iterator[Expression]:
    """What is counted by ``num_nonnulls(a, b)`` or by a sum of conditions; nothing when it is neither."""
    match expression:
        case Call("num_nonnulls", parts):
            yield from (Operation("not", (Operation("is-null", (part,)),)) for part in parts)
        case Call("num_nulls", parts):
            yield from (Operation("is-null", (part,)) for part in parts)
        case Operation("+", (left, right)):
            first, second = list(_counted(left)), list(_counted(right))
            if first and second:
                yield from (*first, *second)
        case Operation("case", (condition, Literal(Decimal() as value), Literal(Decimal() as other))) if {value, other} == {0, 1}:
            yield condition if value == 1 else Operation("not", (condition,))
        case _ if _is_boolean(expression):
            yield expression


def _counting(terms: list[Expression], operator: str, wanted: Decimal) -> list[Branch]:
    found: list[Branch] = []
    if len(terms) > _MOST_COUNTED:
        patterns = [tuple(place in chosen for place in range(len(terms))) for chosen in _few(len(terms), wanted)]
    else:
        patterns = list(itertools.product((True, False), repeat=len(terms)))
    for pattern in patterns:
        if _HOLDS[operator](sum(pattern), wanted):
            found += _all([_ways(term, holds=holds) for term, holds in zip(terms, pattern, strict=True)])
    return found[:_MOST]


def _few(count: int, wanted: Decimal) -> Iterator[tuple[int, ...]]:
    """Choices of so many of a long list that are worth trying."""
    for size in {min(count, max(0, int(wanted) + more)) for more in (0, 1, -1)}:
        yield from itertools.islice(itertools.combinations(range(count), size), _MOST)
