from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

from localenv.core.schema.model import ForeignKey, TableName
from localenv.errors import InvalidInput
from tests.unit.generate.given import column, key, planned, rows, schema, table, unique

CUSTOMERS = table("customers", column("name"), column("code", "uuid", nullable=True))
ORDERS = table("orders", column("customer_id", "integer"), foreign_keys=(key("customer_id", "customers"),))


def test_a_foreign_key_is_filled_without_a_word_about_it() -> None:
    found = rows(
        schema(ORDERS, CUSTOMERS), {"orders": {"rows": 9000}, "customers": {"rows": 50, "columns": {"name": "full_name"}}}
    )
    assert list(found) == ["customers", "orders"]
    assert {row["customer_id"] for row in found["orders"]} == {row["id"] for row in found["customers"]}


def test_every_parent_is_as_likely_unless_a_distribution_says_otherwise() -> None:
    tables = {"orders": {"rows": 20_000, "columns": {"customer_id": {"references": "customers.id", "distribution": "zipf"}}}}
    found = rows(schema(CUSTOMERS, ORDERS), {"customers": {"rows": 100, "columns": {"name": "word"}}, **tables})
    counts = Counter(row["customer_id"] for row in found["orders"])
    assert counts["1"] > 5 * counts["50"]


def test_values_of_rows_that_are_there_already_are_taken() -> None:
    stored = {("customers", ("id",)): [("7",), ("9",)]}
    found = rows(schema(CUSTOMERS, ORDERS), {"orders": {"rows": 100}}, stored=stored)
    assert {row["customer_id"] for row in found["orders"]} == {"7", "9"}


def test_a_key_to_a_table_without_rows_is_refused_and_null_where_it_may_be() -> None:
    with pytest.raises(InvalidInput, match=r"orders\.customer_id: customers has no rows to refer to"):
        rows(schema(CUSTOMERS, ORDERS), {"orders": {"rows": 3}})
    free = table("orders", column("customer_id", "integer", nullable=True), foreign_keys=(key("customer_id", "customers"),))
    assert {row["customer_id"] for row in rows(schema(CUSTOMERS, free), {"orders": {"rows": 3}})["orders"]} == {None}


def test_columns_of_one_key_come_from_one_row() -> None:
    lines = table(
        "lines",
        column("order_id", "integer"),
        column("number", "integer"),
        uniques=(unique("order_id", "number"),),
        foreign_keys=(key("order_id", "orders"),),
    )
    both = ForeignKey(
        name="fk_line",
        columns=("order_id", "number"),
        table=TableName(schema="public", name="lines"),
        references=("order_id", "number"),
    )
    shipments = table("shipments", column("order_id", "integer"), column("number", "integer"), foreign_keys=(both,))
    given = {
        "customers": {"rows": 5, "columns": {"name": "word"}},
        "orders": {"rows": 40},
        "lines": {"rows": {"per": "orders", "min": 1, "max": 4}, "columns": {"number": {"sequence": {"per": "order_id"}}}},
        "shipments": {"rows": 6000},
    }
    made = schema(CUSTOMERS, ORDERS, lines, shipments)
    found = rows(made, given)
    there = {(row["order_id"], row["number"]) for row in found["lines"]}
    assert len(there) == len(found["lines"])
    assert {(row["order_id"], row["number"]) for row in found["shipments"]} == there
    held = {str(each.table.name): each.referenced for each in planned(made, given)}
    assert held["shipments"] == {"fk_line"}


def test_rows_for_each_parent_are_as_many_as_asked_for() -> None:
    orders = table("orders", column("customer_id", "integer"), foreign_keys=(key("customer_id", "customers"),))
    given = {
        "customers": {"rows": 9000, "columns": {"name": "word"}},
        "orders": {"rows": {"per": "customers", "min": 0, "max": 3}},
    }
    counts = Counter(row["customer_id"] for row in rows(schema(CUSTOMERS, orders), given)["orders"])
    assert set(counts.values()) == {1, 2, 3}
    assert 0.7 < len(counts) / 9000 < 0.8


def test_a_self_reference_makes_a_tree() -> None:
    for nullable, first in ((True, None), (False, "1")):
        staff = table("staff", column("boss", "integer", nullable=nullable), foreign_keys=(key("boss", "staff"),))
        found = rows(schema(staff), {"staff": {"rows": 5000}})["staff"]
        assert found[0]["boss"] == first
        assert all(int(row["boss"] or 0) < int(row["id"] or 0) for row in found[1:])


def test_tables_in_a_circle_refer_to_each_other() -> None:
    teams = table("teams", column("lead", "integer"), foreign_keys=(key("lead", "people"),))
    people = table("people", column("team", "integer"), foreign_keys=(key("team", "teams"),))
    found = rows(schema(teams, people), {"teams": {"rows": 5}, "people": {"rows": 50}})
    assert {row["lead"] for row in found["teams"]} <= {row["id"] for row in found["people"]}
    assert {row["team"] for row in found["people"]} == {row["id"] for row in found["teams"]}


def test_a_primary_key_that_is_a_reference_is_each_parents_once() -> None:
    profiles = table(
        "profiles",
        column("customer_id", "integer"),
        uniques=(unique("customer_id"),),
        foreign_keys=(key("customer_id", "customers"),),
    )
    given = {"customers": {"rows": 500, "columns": {"name": "word"}}, "profiles": {"rows": 400}}
    found = rows(schema(CUSTOMERS, profiles), given)["profiles"]
    assert len({row["customer_id"] for row in found}) == 400
    given["profiles"] = {"rows": 501}
    with pytest.raises(InvalidInput, match="501 rows must each refer to another row of customers, which has 500"):
        rows(schema(CUSTOMERS, profiles), given)


def test_a_value_of_the_parent_can_be_taken_along() -> None:
    orders = table(
        "orders",
        column("customer_id", "integer"),
        column("code", "uuid"),
        column("who"),
        foreign_keys=(key("customer_id", "customers"),),
    )
    columns: Any = {
        "code": {"parent": {"of": "customer_id", "column": "code"}},
        "who": {"parent": {"of": "customer_id", "column": "name"}},
    }
    given = {
        "customers": {"rows": 5000, "columns": {"name": "full_name", "code": "uuid"}},
        "orders": {"rows": 900, "columns": columns},
    }
    found = rows(schema(CUSTOMERS, orders), given)
    parents = {row["id"]: (row["code"], row["name"]) for row in found["customers"]}
    assert all(parents[row["customer_id"]] == (row["code"], row["who"]) for row in found["orders"])


def test_a_reference_to_one_of_several_tables_follows_the_column_that_says_which() -> None:
    notes = table("notes", column("kind"), column("target", "integer"))
    columns: Any = {
        "kind": {"choice": ["customer", "order"]},
        "target": {"references": {"by": "kind", "map": {"customer": "customers.id", "order": "orders.id"}}},
    }
    given = {
        "customers": {"rows": 3, "columns": {"name": "word"}},
        "orders": {"rows": 900},
        "notes": {"rows": 5000, "columns": columns},
    }
    found = rows(schema(CUSTOMERS, ORDERS, notes), given)["notes"]
    targets: dict[str | None, set[int]] = defaultdict(set)
    for row in found:
        targets[row["kind"]].add(int(row["target"] or 0))
    assert targets["customer"] == {1, 2, 3}
    assert max(targets["order"]) > 800


def test_rows_are_put_behind_those_that_are_there() -> None:
    there = table("orders", rows=20)
    assert [row["id"] for row in rows(schema(there), {"orders": {"rows": 2}})["orders"]] == ["21", "22"]


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"ordes": {"rows": 1}}, "services.db.tables.ordes: shop has no table ordes"),
        (
            {"orders": {"rows": 1, "columns": {"custmer_id": "word"}}},
            "services.db.tables.orders.columns.custmer_id: orders has no column",
        ),
        (
            {"orders": {"rows": 1, "columns": {"customer_id": {"references": "customer.id"}}}},
            "orders.customer_id refers to customer, which",
        ),
        (
            {"orders": {"rows": 1, "columns": {"customer_id": {"references": "customers.key"}}}},
            "orders.customer_id refers to key, which",
        ),
        (
            {"customers": {"rows": {"per": "orders"}, "columns": {"name": "word"}}},
            "customers has rows for each row of orders, and no column",
        ),
    ],
)
def test_names_that_are_not_there_are_told_with_the_nearest(tables: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        rows(schema(CUSTOMERS, ORDERS), tables, path=("services", "db", "tables"))
    assert raised.value.message.startswith(message)
    assert raised.value.hints


FRIENDS = table(
    "friends",
    column("one", "integer"),
    column("other", "integer"),
    foreign_keys=(key("one", "customers"), key("other", "customers")),
)
DIFFERENT = {"one": {"references": "customers.id"}, "other": {"references": "customers.id", "differs": "one"}}


def test_a_reference_can_differ_from_another_in_every_row() -> None:
    tables = {"customers": {"rows": 3, "columns": {"name": "word"}}, "friends": {"rows": 500, "columns": DIFFERENT}}
    found = rows(schema(CUSTOMERS, FRIENDS), tables)["friends"]
    pairs = {(row["one"], row["other"]) for row in found}
    assert len(pairs) == 6
    assert all(one != other for one, other in pairs)


def test_pairs_that_must_differ_and_be_unique_are_each_taken_once() -> None:
    pair = table("friends", *FRIENDS.columns, foreign_keys=FRIENDS.foreign_keys, uniques=(unique("one", "other"),))
    tables = {"customers": {"rows": 5, "columns": {"name": "word"}}, "friends": {"rows": 20, "columns": DIFFERENT}}
    found = rows(schema(CUSTOMERS, pair), tables)["friends"]
    pairs = {(row["one"], row["other"]) for row in found}
    assert len(pairs) == 20
    assert all(one != other for one, other in pairs)


@pytest.mark.parametrize(
    ("customers", "differs", "said"),
    [(3, "id", "is no reference to customers"), (1, "one", "customers needs two rows")],
)
def test_a_reference_that_cannot_differ_is_refused(customers: int, differs: str, said: str) -> None:
    columns = {"one": DIFFERENT["one"], "other": {"references": "customers.id", "differs": differs}}
    tables = {
        "customers": {"rows": customers, "columns": {"name": "word"}},
        "friends": {"rows": 5, "columns": columns},
    }
    with pytest.raises(InvalidInput, match=said):
        rows(schema(CUSTOMERS, FRIENDS), tables)
