"""What is guessed for columns."""

from __future__ import annotations

from typing import Any

import pytest

from localenv.core.infer.guess import Guesser, guess_column, guess_table
from localenv.core.schema.model import Column, TableName, Trigger
from tests.unit.infer.tables import column, foreign, integer, primary, schema, table, text, unique

USERS = table("users", integer("id"), text("email"), uniques=(primary("id"), unique("email")))


def formats(*tables: Any, of: str, rows: int = 100) -> dict[str, Any]:
    found = schema(*tables)
    target = found.find(of)
    assert target is not None
    return dict(guess_table(target, found, rows)["columns"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (text("email"), "email"),
        (text("first_name"), "first_name"),
        (text("billingAddress"), "street_address"),
        (text("country_code", length=2), "country_code"),
        (text("code", length=3), {"pattern": "[a-z]{3}"}),
        (text("api_token", length=64), {"pattern": "[0-9a-f]{32}"}),
        (text("guid", length=36), "uuid"),
        (column("id", "uuid"), "uuid"),
        (column("mood", "enum", values=("a", "b")), {"choice": ["a", "b"]}),
        (column("is_admin", "boolean", default="false"), {"boolean": {"true_rate": 0.1}}),
        (column("price", "decimal", precision=6, scale=2), {"decimal": {"min": 0, "max": 1000, "scale": 2}}),
        (column("price", "decimal", precision=4, scale=2), {"decimal": {"min": 0, "max": 99.99, "scale": 2}}),
        (integer("age"), {"integer": {"min": 18, "max": 90}}),
        (integer("small", minimum=0, maximum=9), {"integer": {"min": 0, "max": 9}}),
        (column("day", "date"), {"date": {"from": "2024-01-01", "to": "2025-06-30"}}),
        (column("gone_at", "date", nullable=True), {"date": {"from": "2024-01-01", "to": "2025-06-30"}, "null_rate": 0.1}),
        (column("place", "other", type="public.geometry(Point,4326)"), {"constant": "SRID=4326;POINT(13.4 52.5)"}),
        (column("odd", "other", nullable=True), "null"),
        (column("tags", "array", element=text("tags")), {"array": {"of": "sentence", "min": 0, "max": 3}}),
    ],
)  # fmt: skip
def test_a_column_by_its_type_and_name(given: Column, expected: object) -> None:
    holder = table("things", given)
    assert guess_column(holder, given, schema(holder)) == expected


def test_keys_are_numbered_and_references_followed() -> None:
    orders = table(
        "orders", integer("id"), integer("user_id"), uniques=(primary("id"),), foreign_keys=(foreign("user_id", "users", "id"),)
    )
    assert formats(USERS, orders, of="orders") == {"id": "sequence", "user_id": {"references": "users.id"}}
    assert formats(USERS, orders, of="users") == {"id": "sequence", "email": {"email": None, "unique": True}}


def test_a_reference_without_a_foreign_key_is_told_by_its_name() -> None:
    posts = table("posts", integer("id"), integer("user_id"), integer("author_id"), uniques=(primary("id"),))
    guess = Guesser(schema(USERS, posts)).table(posts)
    assert {each.name: each.format for each in guess.columns} == {
        "id": "sequence",
        "user_id": {"references": "users.id"},
        "author_id": {"references": "users.id"},
    }
    assert guess.columns[1].why == "no foreign key; by its name"


def test_a_polymorphic_reference_names_tables_by_their_classes() -> None:
    posts = table("blog_posts", integer("id"), uniques=(primary("id"),))
    notes = table("notes", integer("id"), integer("subject_id"), text("subject_type"), uniques=(primary("id"),))
    found = formats(posts, notes, of="notes")
    assert found["subject_type"] == {"constant": "BlogPost"}
    assert found["subject_id"] == {"references": {"by": "subject_type", "map": {"BlogPost": "blog_posts.id"}}}


def test_a_composite_unique_rests_on_one_column_that_is_free() -> None:
    names = table(
        "names",
        integer("user_id"),
        text("label"),
        uniques=(unique("user_id", "label"),),
        foreign_keys=(foreign("user_id", "users", "id"),),
    )
    assert formats(USERS, names, of="names")["label"] == {"title": None, "unique": True}


def test_a_unique_column_that_is_computed_rests_on_what_it_is_computed_from() -> None:
    folded = column("folded", "text", generated=True, expression="lower(label)")
    names = table("names", text("label"), folded, uniques=(unique("folded"),))
    assert formats(names, of="names") == {"label": {"title": None, "unique": True}}


def test_a_table_gets_no_more_rows_than_its_keys_allow() -> None:
    profiles = table(
        "profiles", integer("user_id"), uniques=(primary("user_id"),), foreign_keys=(foreign("user_id", "users", "id"),)
    )
    kinds = table("kinds", column("kind", "enum", values=("a", "b")), uniques=(primary("kind"),))
    found = schema(USERS, profiles, kinds)
    rows = {str(each.table.name): each.rows for each in Guesser(found, 50).tables}
    assert rows == {"users": 50, "profiles": 50, "kinds": 2}


def test_tables_with_rows_and_those_of_migration_tools_are_left_alone() -> None:
    countries = table("countries", integer("id"), uniques=(primary("id"),), rows=200)
    tool = table("alembic_version", text("version_num"))
    found = {str(each.table.name): each for each in Guesser(schema(countries, tool)).tables}
    assert found["countries"].left_out == "has 200 rows already: they stay and are referenced"
    assert found["alembic_version"].left_out == "belongs to Alembic"
    assert not found["countries"].warnings


def test_a_table_that_needs_an_empty_parent_is_told_of() -> None:
    events = table("events", column("at", "date"), integer("id"), uniques=(primary("id"),), partition_key="RANGE (at)")
    marks = table("marks", integer("event_id"), foreign_keys=(foreign("event_id", "events", "id"),))
    found = Guesser(schema(events, marks)).tables
    assert [each.left_out for each in found] == [
        "is partitioned and has no partition: create one in a migration, then infer again",
        "needs rows of events, which gets none",
    ]
    assert found[1].warnings == ("marks needs rows of events, which gets none",)


def test_partitions_bound_their_key() -> None:
    bounds = ("FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')", "FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')")
    events = table("events", column("at", "date"), partition_key="RANGE (at)", partitions=bounds)
    assert formats(events, of="events")["at"] == {"date": {"from": "2024-02-01", "to": "2024-03-31"}}


def test_ranges_that_must_not_overlap_do_not() -> None:
    stays = table("stays", column("during", "range", type="daterange"), checks=("EXCLUDE USING gist (during WITH &&)",))
    kept_apart = type(stays)(name=stays.name, columns=stays.columns, checks=tuple(_exclusion(each) for each in stays.checks))
    assert formats(kept_apart, of="stays")["during"] == {"template": "[J246{row:04d},J246{row:04d}]"}


def test_a_trigger_that_refuses_rows_is_told_of_where_it_runs() -> None:
    trigger = Trigger(name="guard", timing="before", definition="begin raise exception 'no'; end", always=True)
    logs = table("logs", integer("id"), uniques=(primary("id"),), triggers=(trigger,))
    assert Guesser(schema(logs)).table(logs).warnings == (
        "logs: the trigger guard may refuse rows; write values that it accepts",
    )


def test_names_of_other_schemas_are_written_with_them() -> None:
    parent = type(USERS)(name=TableName(schema="sales", name="users"), columns=USERS.columns, uniques=USERS.uniques)
    key = foreign("user_id", "users", "id")
    orders = table(
        "orders",
        integer("user_id"),
        foreign_keys=(type(key)(name="k", columns=key.columns, table=parent.name, references=("id",)),),
    )
    assert formats(parent, orders, of="orders") == {"user_id": {"references": "sales.users.id"}}


def _exclusion(check: Any) -> Any:
    return type(check)(name=check.name, expression=check.expression, exclusion=True)
