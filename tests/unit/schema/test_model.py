"""Tables and columns found as a person writes them."""

from __future__ import annotations

import pytest

from localenv.core.schema.model import Column, Schema, Table, TableName

_ID = Column(name="id", type="integer", kind="integer")
_DOTTED = Column(name="a.b", type="text", kind="text")
SCHEMA = Schema(
    engine="postgresql",
    database="shop",
    tables=(
        Table(name=TableName(schema="public", name="orders"), columns=(_ID,)),
        Table(name=TableName(schema="sales", name="orders"), columns=(_ID, _DOTTED)),
        Table(name=TableName(schema="public", name="we.ird"), columns=(_ID,)),
    ),
)


@pytest.mark.parametrize(
    ("text", "schema", "name", "column"),
    [
        ("orders.id", "public", "orders", "id"),
        ("public.orders.id", "public", "orders", "id"),
        ("sales.orders.id", "sales", "orders", "id"),
        ("sales.orders.a.b", "sales", "orders", "a.b"),
        ("we.ird.id", "public", "we.ird", "id"),
    ],
)
def test_a_column_is_found_as_written(text: str, schema: str, name: str, column: str) -> None:
    found = SCHEMA.find_column(text)
    assert found is not None
    assert (found[0].name, found[1].name) == (TableName(schema=schema, name=name), column)


@pytest.mark.parametrize("text", ["orders", "orders.nothing", "nothing.id", ""])
def test_what_is_not_there_is_not_found(text: str) -> None:
    assert SCHEMA.find_column(text) is None
