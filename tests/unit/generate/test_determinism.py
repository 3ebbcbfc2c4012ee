"""The same profile and seed give the same bytes; a value hangs on seed, table, column and row, and on nothing else."""

from __future__ import annotations

import hashlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from localenv.core.generate.rows import row_blocks
from tests.unit.generate.given import column, key, planned, rows, schema, table

FORMATS: list[Any] = [
    "full_name",
    "email",
    {"email": None, "unique": True},
    "uuid",
    {"integer": {"min": 1, "max": 10**7}},
    {"integer": {"min": 1, "max": 10**7}, "distribution": "normal"},
    {"decimal": {"min": 0, "max": 99, "scale": 2}, "null_rate": 0.1},
    {"choice": {"a": 3, "b": 1}, "distribution": "zipf"},
    "timestamp",
    {"pattern": "[a-z]{5}", "unique": True},
    "sentence",
    {"array": {"of": "word"}},
    {"json": {"a": "boolean"}},
    {"bytes": {"length": 3}},
    {"template": "{row}-{id}"},
]
NAMES = [f"c{number}" for number in range(len(FORMATS))]
formats = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)
few = settings(max_examples=8)


def made(names: list[str], count: int, *, seed: int = 7, **more: Any) -> list[dict[str, str | None]]:
    wanted = schema(table("t", *(column(name, nullable=True) for name in names)))
    columns = {name: FORMATS[NAMES.index(name)] for name in names}
    return rows(wanted, {"t": {"rows": count, "columns": columns}}, seed=seed, **more)["t"]


@few
@given(formats, st.integers(1, 9000))
def test_two_runs_give_the_same(names: list[str], count: int) -> None:
    assert made(names, count) == made(names, count)


@few
@given(formats, st.integers(1, 5000), st.integers(1, 5000))
def test_more_rows_change_none_of_those_before(names: list[str], count: int, more: int) -> None:
    assert made(names, count + more)[:count] == made(names, count)


@few
@given(st.lists(st.sampled_from(NAMES), min_size=2, max_size=5, unique=True), st.integers(1, 5000))
def test_another_column_changes_no_value(names: list[str], count: int) -> None:
    short = made(names[:-1], count)
    assert [{name: row[name] for name in short[0]} for row in made(names, count)] == short


@few
@given(st.sampled_from(NAMES))
def test_another_seed_gives_other_values(name: str) -> None:
    if name != NAMES[-1]:
        assert made([name], 500) != made([name], 500, seed=8)


def test_scale_multiplies_rows_and_changes_no_value() -> None:
    assert made(["c0", "c1"], 100, scale=3.0)[:100] == made(["c0", "c1"], 100)
    assert len(made(["c0"], 100, scale=2.5)) == 250


@few
@given(st.sampled_from(NAMES), st.lists(st.integers(0, 20_000), min_size=1, max_size=50))
def test_rows_in_any_order_are_the_same_rows(name: str, wanted: list[int]) -> None:
    columns = {name: FORMATS[NAMES.index(name)]}
    (plan,) = planned(schema(table("t", column(name, nullable=True))), {"t": {"rows": 20_001, "columns": columns}})
    (source,) = [source for each, source in plan.columns if each.name == name]
    assert source.at(wanted) == [source.at(range(row, row + 1))[0] for row in wanted]
    begin = wanted[0]
    assert source.at(range(begin, begin + 5000)) == source.at(list(range(begin, begin + 5000)))


def test_the_bytes_are_those_of_yesterday() -> None:
    """A change of these hashes changes everybody's data: it needs a line in CHANGELOG.md."""
    wanted = schema(
        table("customers", *(column(name, nullable=True) for name in NAMES)),
        table("orders", column("customer_id", "integer"), foreign_keys=(key("customer_id", "customers"),)),
    )
    tables = {
        "customers": {"rows": 5000, "columns": dict(zip(NAMES, FORMATS, strict=True))},
        "orders": {"rows": 5000, "columns": {"customer_id": {"references": "customers.id", "distribution": "zipf"}}},
    }
    found = {
        str(each.table.name): hashlib.sha256(b"".join(row_blocks(each))).hexdigest()[:16] for each in planned(wanted, tables)
    }
    assert found == {"customers": "683795e43fe7bfa6", "orders": "7f7c7218b32a2be8"}
