from __future__ import annotations

from collections import Counter

import pytest

from localenv.errors import InvalidInput
from tests.unit.generate.given import column, key, rows, schema, table, unique

USERS = table("users")
GROUPS = table("groups")


def test_pairs_of_two_references_are_never_the_same() -> None:
    members = table(
        "members",
        column("user_id", "integer"),
        column("group_id", "integer"),
        uniques=(unique("user_id", "group_id"),),
        foreign_keys=(key("user_id", "users"), key("group_id", "groups")),
    )
    given = {"users": {"rows": 100}, "groups": {"rows": 30}, "members": {"rows": 3000}}
    found = rows(schema(USERS, GROUPS, members), given)["members"]
    assert len({(row["user_id"], row["group_id"]) for row in found}) == 3000
    given["members"] = {"rows": 3001}
    with pytest.raises(InvalidInput) as raised:
        rows(schema(USERS, GROUPS, members), given)
    assert "members: 3001 rows must differ in (user_id, group_id), and there are 3000 combinations" in raised.value.message


def test_a_choice_differs_within_each_parent() -> None:
    votes = table(
        "votes",
        column("user_id", "integer"),
        column("colour"),
        uniques=(unique("user_id", "colour"),),
        foreign_keys=(key("user_id", "users"),),
    )
    given = {
        "users": {"rows": 900},
        "votes": {"rows": {"per": "users", "min": 1, "max": 4}, "columns": {"colour": {"choice": ["r", "g", "b", "y", "p"]}}},
    }
    found = rows(schema(USERS, votes), given)["votes"]
    assert len({(row["user_id"], row["colour"]) for row in found}) == len(found)
    assert min(Counter(row["colour"] for row in found).values()) > len(found) / 10


def test_a_text_beside_a_reference_is_made_different_by_itself() -> None:
    pages = table(
        "pages",
        column("user_id", "integer"),
        column("title"),
        uniques=(unique("user_id", "title"),),
        foreign_keys=(key("user_id", "users"),),
    )
    given = {"users": {"rows": 3}, "pages": {"rows": 9000, "columns": {"title": "title"}}}
    found = rows(schema(USERS, pages), given)["pages"]
    assert len({(row["user_id"], row["title"]) for row in found}) == 9000


def test_days_and_numbers_are_combined_too() -> None:
    shifts = table("shifts", column("day", "date"), column("slot", "integer"), uniques=(unique("day", "slot"),))
    columns = {"day": {"date": {"from": "2024-01-01", "to": "2024-01-10"}}, "slot": {"integer": {"min": 1, "max": 3}}}
    found = rows(schema(shifts), {"shifts": {"rows": 30, "columns": columns}})["shifts"]
    assert len({(row["day"], row["slot"]) for row in found}) == 30


def test_nulls_of_a_unique_column_may_repeat() -> None:
    people = table("people", column("code", nullable=True), uniques=(unique("code"),))
    found = rows(schema(people), {"people": {"rows": 3000, "columns": {"code": {"user_name": None, "null_rate": 0.5}}}})["people"]
    codes = [row["code"] for row in found if row["code"] is not None]
    assert 1000 < len(codes) == len(set(codes)) < 2000
