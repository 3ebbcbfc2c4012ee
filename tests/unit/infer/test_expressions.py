"""Expressions of checks, as the engines print them."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from localenv.core.infer.expressions import NotUnderstood, parse
from localenv.core.infer.tree import Call, Expression, Literal, Name, Operation, names_in

A, ONE = Name("a"), Literal(Decimal(1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(a > 1)", Operation(">", (A, ONE))),
        ("((a)::numeric > (1)::numeric)", Operation(">", (A, ONE))),
        ("(a = ANY (ARRAY[1, 2]))", Operation("in", (A, ONE, Literal(Decimal(2))))),
        ("((a)::text = ANY ('{x,y}'::text[]))", Operation("in", (A, Literal("x"), Literal("y")))),
        ("(a <> ALL (ARRAY[1]))", Operation("not", (Operation("in", (A, ONE)),))),
        ("(a IS NOT NULL)", Operation("not", (Operation("is-null", (A,)),))),
        ("(a IS DISTINCT FROM 1)", Operation("<>", (A, ONE))),
        ("(flag IS TRUE)", Name("flag")),
        ("(a ~~ 'x%'::text)", Operation("like", (A, Literal("x%")))),
        ("(a OPERATOR(public.=) 'it''s'::public.citext)", Operation("=", (A, Literal("it's")))),
        ("(a = '2024-01-01 00:00:00'::timestamp without time zone)", Operation("=", (A, Literal("2024-01-01 00:00:00")))),
        ("(char_length((a)::text) <= 1)", Operation("<=", (Call("char_length", (A,)), ONE))),
        ('("a b" = -1)', Operation("=", (Name("a b"), Literal(Decimal(-1))))),
        ("CASE WHEN a THEN 1 ELSE 1 END", Operation("case", (A, ONE, ONE))),
    ],
)
def test_postgresql(text: str, expected: Expression) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`a` between 1 and 1", Operation("and", (Operation(">=", (A, ONE)), Operation("<=", (A, ONE))))),
        ("`a` not in (1)", Operation("not", (Operation("in", (A, ONE)),))),
        ("`a` = 'it\\'s'", Operation("=", (A, Literal("it's")))),
        ("`a``b` regexp '^x$'", Operation("~*", (Name("a`b"), Literal("^x$")))),
        ("`a` in (_utf8mb4'x')", Operation("in", (A, Literal("x")))),
        ("cast(`a` as unsigned) > 1", Operation(">", (A, ONE))),
    ],
)
def test_mariadb_and_mysql(text: str, expected: Expression) -> None:
    assert parse(text, backslashes=True) == expected


@pytest.mark.parametrize("text", ["", "(", "a >", "exists (select 1)", "a = 'open", "a ; b"])
def test_what_is_not_understood_is_said(text: str) -> None:
    with pytest.raises(NotUnderstood):
        parse(text)


def test_names_are_those_of_columns() -> None:
    assert list(names_in(parse("((a > b) OR (lower(c) = 'd'::text))"))) == ["a", "b", "c"]


@given(some.text(alphabet="ab'\"`()[]<>=~!-+*/.,:|& \\10ANDORISNULLnot\u2028é"), some.booleans())
def test_any_text_is_read_or_refused(text: str, backslashes: bool) -> None:
    with contextlib.suppress(NotUnderstood):
        parse(text, backslashes=backslashes)
