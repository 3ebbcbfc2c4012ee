"""The profile that is written says what was guessed, whatever names a schema has."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as some

from localenv.core.configuration.columns import column_faults
from localenv.core.infer.guess import Guesser
from localenv.core.infer.guesses import ColumnGuess, TableGuess
from localenv.core.infer.profile_text import InferredService, profile_text
from tests.unit.infer.tables import column, integer, primary, schema, table, text, unique

TEXT = some.text(min_size=1, max_size=12)
SCALARS = TEXT | some.integers(-(10**6), 10**6) | some.booleans()
FORMATS = (
    TEXT.filter(lambda value: value != "null")
    | some.dictionaries(TEXT, SCALARS | some.none() | some.lists(SCALARS, max_size=3), min_size=1, max_size=3)
)  # fmt: skip


@given(some.dictionaries(TEXT, FORMATS, max_size=4), TEXT, TEXT)
def test_any_name_and_value_is_read_back(columns: dict[str, Any], name: str, why: str) -> None:
    guesses = tuple(ColumnGuess(name=each, format=found, why=why) for each, found in columns.items())
    guess = TableGuess(table=table(name), rows=3, columns=guesses, notes=(why,), warnings=(why,))
    said = yaml.safe_load(profile_text("p", [InferredService(name="db", database="shop", tables=(guess,))]))
    expected = {"rows": 3, "columns": columns} if columns else {"rows": 3}
    assert said["services"]["db"]["tables"] == {str(guess.table.name): expected}


def test_what_is_guessed_is_what_the_format_takes() -> None:
    things = table(
        "things",
        integer("id"),
        text("email"),
        text("label", nullable=True),
        column("place", "other", type="point"),
        column("tags", "array", element=text("tags")),
        uniques=(primary("id"), unique("email")),
    )
    service = InferredService(name="db", database="shop", tables=Guesser(schema(things)).tables)
    written = yaml.safe_load(profile_text("mine", [service]))
    assert (written["profile"], written["classification"]) == ("mine", "synthetic")
    columns = written["services"]["db"]["tables"]["things"]["columns"]
    assert columns["email"] == {"email": None, "unique": True}
    assert [fault for each in columns.values() for fault in column_faults("null" if each is None else each)] == []


def test_tables_that_get_no_rows_are_listed_with_the_reason() -> None:
    service = InferredService(name="db", database="shop", tables=Guesser(schema(table("alembic_version"))).tables)
    assert "    # No rows for 1 of 1 tables:\n    #   alembic_version belongs to Alembic\n    tables: {}" in profile_text(
        "p", [service]
    )
