"""What checks leave of columns."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from localenv.core.infer.atoms import Atom
from localenv.core.infer.guess import Guesser
from localenv.core.infer.limits import Limits, narrow
from localenv.core.infer.solve import Solved, solve
from tests.unit.infer.tables import column, foreign, integer, primary, schema, table, text

ANY = {"nullable": True}


def solved(*checks: str) -> Solved:
    columns = (
        integer("a", **ANY),
        integer("b", **ANY),
        text("t", **ANY),
        column("flag", "boolean", **ANY),
        column("at", "timestamp", **ANY),
        column("until", "timestamp", **ANY),
        column("list", "array", element=text("list"), **ANY),
        column("doc", "json", **ANY),
    )
    holder = table("things", *columns, checks=checks)
    return solve(holder, schema(holder))


@pytest.mark.parametrize(
    ("check", "name", "expected"),
    [
        ("(a > 3)", "a", {"low": Decimal(3), "low_open": True}),
        ("((a >= 1) AND (a <= 9))", "a", {"low": Decimal(1), "high": Decimal(9)}),
        ("(NOT (a < 5))", "a", {"low": Decimal(5), "low_open": False}),
        ("(5 > a)", "a", {"high": Decimal(5), "high_open": True}),
        ("(a = ANY (ARRAY[1, 2]))", "a", {"values": (Decimal(1), Decimal(2))}),
        ("(a <> 7)", "a", {"excluded": (Decimal(7),)}),
        ("(t <> ''::text)", "t", {"shortest": 1}),
        ("(char_length(t) <= 40)", "t", {"longest": 40}),
        ("(length(btrim(t)) > 0)", "t", {"shortest": 1}),
        ("(t = lower(t))", "t", {"case": "lower"}),
        ("(upper(t) = ANY (ARRAY['M'::text, 'f'::text]))", "t", {"values": ("M",)}),
        ("(t ~ '^x+$'::text)", "t", {"patterns": ("^x+$",)}),
        ("flag", "flag", {"values": (True,)}),
        ("(NOT flag)", "flag", {"values": (False,)}),
        ("(cardinality(list) > 1)", "list", {"fewest": 2}),
        ("(jsonb_typeof(doc) = 'array'::text)", "doc", {"json": "array"}),
        ("(at > now())", "at", {"low": "2090-01-01"}),
        ("((a IS NULL) OR (a > 3))", "a", {"low": Decimal(3), "null": None}),
        ("(num_nonnulls(a, b) = 1)", "a", {"null": False}),
        ("(num_nonnulls(a, b) = 1)", "b", {"null": True}),
        ("((a IS NOT NULL) <> (b IS NOT NULL))", "b", {"null": True}),
        ("((((a IS NOT NULL))::integer + ((b IS NOT NULL))::integer) = 2)", "b", {"null": False}),
        ("((t <> 'x'::text) OR (a IS NOT NULL))", "t", {"excluded": ("x",)}),
    ],
)
def test_one_check(check: str, name: str, expected: dict[str, Any]) -> None:
    found = solved(check)
    assert not found.unknown
    assert {key: getattr(found.limits[name], key) for key in expected} == expected


def test_columns_that_are_compared_are_ordered() -> None:
    found = solved("(at < until)", "(b >= a)")
    assert [(order.first, order.second, order.kind) for order in found.orders] == [
        ("at", "until", "before"),
        ("a", "b", "not after"),
    ]


def test_checks_that_hang_together_are_solved_together() -> None:
    found = solved("((a IS NULL) OR (b IS NULL))", "((a IS NOT NULL) OR (flag = true))", "(b IS NOT NULL)")
    assert (found.limits["a"].null, found.limits["b"].null, found.limits["flag"].values) == (True, False, (True,))
    assert found.refused == ()


def test_what_cannot_hold_is_told() -> None:
    assert len(solved("(a > 5)", "(a < 3)", "(a IS NOT NULL)").refused) == 1


def test_what_is_not_understood_leaves_its_column_empty() -> None:
    holder = table("things", integer("id"), integer("a", **ANY), checks=("(own_function(a) > 2)",), uniques=(primary("id"),))
    guess = Guesser(schema(holder)).table(holder)
    assert guess.columns[1].format == "null"
    assert not guess.warnings


def test_what_is_not_understood_of_a_needed_column_is_told() -> None:
    holder = table("things", integer("id"), integer("a"), checks=("(own_function(a) > 2)",), uniques=(primary("id"),))
    assert Guesser(schema(holder)).table(holder).warnings == (
        "things: the check check0 is not understood; if rows are refused, write values for a",
    )


def test_references_that_must_differ_do() -> None:
    users = table("users", integer("id"), uniques=(primary("id"),))
    keys = (foreign("one", "users", "id"), foreign("other", "users", "id"))
    friends = table("friends", integer("one"), integer("other"), checks=("(one <> other)",), foreign_keys=keys)
    found = {each.name: each.format for each in Guesser(schema(users, friends)).table(friends).columns}
    assert found["other"] == {"references": "users.id", "differs": "one"}


def test_references_in_an_order_leave_the_table_out() -> None:
    users = table("users", integer("id"), uniques=(primary("id"),))
    keys = (foreign("one", "users", "id"), foreign("other", "users", "id"))
    pairs = table("pairs", integer("one"), integer("other"), checks=("(one < other)",), foreign_keys=keys)
    guess = Guesser(schema(users, pairs)).table(pairs)
    assert guess.left_out is not None
    assert "check0 about one and other" in guess.left_out


NUMBERS = some.integers(-3, 3)
COMPARISONS = some.tuples(some.sampled_from("ab"), some.sampled_from(["<", "<=", "=", "<>", ">=", ">"]), NUMBERS)
NULLS = some.tuples(some.sampled_from("ab"), some.sampled_from(["IS NULL", "IS NOT NULL"]))
TREES = some.recursive(
    COMPARISONS | NULLS,
    lambda inner: some.tuples(some.sampled_from(["AND", "OR"]), inner, inner) | some.tuples(some.just("NOT"), inner),
    max_leaves=8,
)


def written(tree: Any) -> str:
    match tree:
        case ("AND" | "OR" as word, left, right):
            return f"({written(left)} {word} {written(right)})"
        case ("NOT", inner):
            return f"(NOT {written(inner)})"
        case _:
            return f"({' '.join(map(str, tree))})"


def holds(tree: Any, row: dict[str, int | None]) -> bool | None:
    """SQL's three values."""
    match tree:
        case ("AND" | "OR" as word, left, right):
            values = (holds(left, row), holds(right, row))
            decisive = word == "OR"
            return decisive if decisive in values else None if None in values else (not decisive)
        case ("NOT", inner):
            value = holds(inner, row)
            return None if value is None else not value
        case (str(name), "IS NULL" | "IS NOT NULL" as word):
            return bool((row[name] is None) == (word == "IS NULL"))
        case (name, operator, number):
            given_number = row[name]
            return None if given_number is None else bool(_COMPARE[operator](given_number, number))
    raise AssertionError(tree)


_COMPARE: dict[str, Any] = {
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    ">=": lambda one, other: one >= other,
    ">": lambda one, other: one > other,
}


@settings(max_examples=300)
@given(some.lists(TREES, min_size=1, max_size=4))
def test_values_within_the_limits_satisfy_every_check(trees: list[Any]) -> None:
    found = solved(*map(written, trees))
    if found.refused:
        return
    row = {name: allowed_number(found, name) for name in "ab"}
    assert all(holds(tree, row) is not False for tree in trees), (row, found.limits)


def allowed_number(found: Solved, name: str) -> int | None:
    limits = found.limits.get(name, Limits())
    if limits.null is True:
        return None
    for number in (0, *range(-9, 10)):
        if narrow(limits, Atom(kind="=", column=name, value=Decimal(number)), NUMBER):
            return int(number)
    raise AssertionError(limits)


NUMBER = integer("a")
