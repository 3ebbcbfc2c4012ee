from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest

from localenv.errors import InvalidInput
from tests.unit.generate.given import column, rows, schema, table

COUNT = 5000


def values(format_: Any, kind: str = "text", *, count: int = COUNT, engine: Any = "postgresql", **more: Any) -> list[str | None]:
    """A column of this format."""
    made = schema(table("t", column("c", kind, **{"nullable": True} | more)), engine=engine)
    return [row["c"] for row in rows(made, {"t": {"rows": count, "columns": {"c": format_}}})["t"]]


@pytest.mark.parametrize(
    ("format_", "pattern"),
    [
        ("full_name", r"firstname[a-z]{2} lastname[a-z]{2}"),
        ("email", r"firstname[a-z]+\.lastname[a-z]+@example\.test"),
        ({"email": {"domain": "shop.example"}}, r"[a-z.]+@shop\.example"),
        ("phone", r"\+1 \d{3} 555 01\d\d"),
        ("card_number", r"\d{14,16}"),
        ("iban", r"GB\d\dTEST\d{14}"),
        ("ipv4", r"198\.1[89]\.\d{1,3}\.\d{1,3}"),
        ("ipv6", r"2001:db8:[0-9a-f:]+"),
        ("mac", r"02:00:5e(:[0-9a-f]{2}){3}"),
        ("uuid", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ("url", r"https://[a-z]+\.example\.test/[a-z]+"),
        ("host", r"[a-z]+-\d\d\.example\.test"),
        ("sentence", r"[A-Z][a-z ]+\."),
        ("product_name", r"[A-Z][a-z]+ [A-Z][a-z]+ [A-Z][a-z]+"),
        ("street_address", r"\d+ streetname[a-z]{2}"),
        ({"pattern": "[A-Z]{3}-[0-9]{4}"}, r"[A-Z]{3}-[0-9]{4}"),
        ({"template": "SKU-{row:06d}-{id}"}, r"SKU-(\d{6})-\d+"),
        ({"decimal": {"min": 1, "max": 9.99, "scale": 2}}, r"[1-9]\.\d\d"),
        ({"decimal": {"min": -5, "max": 5, "scale": 3}}, r"-?[0-5]\.\d{3}"),
        ("timestamp", r"202[45]-\d\d-\d\d \d\d:\d\d:\d\d"),
        ({"date": {"from": "2024-02-28", "to": "2024-03-01"}}, r"2024-02-28|2024-02-29|2024-03-01"),
        ({"time": {"from": "08:00", "to": "09:59"}}, r"0[89]:\d\d:\d\d"),
        ({"interval": {"from": "1h", "to": "2h"}}, r"[3-7]\d{3} seconds"),
        ({"bytes": {"length": 4}}, r"\\x[0-9a-f]{8}"),
        ({"constant": 5}, "5"),
        ("boolean", "true|false"),
        ("user_agent", r"Mozilla/5\.0 .* Firefox/\d+\.0"),
    ],
)
def test_each_generator_makes_what_its_name_says(format_: Any, pattern: str) -> None:
    for value in values(format_):
        assert value is not None
        assert re.fullmatch(pattern, value), value


def test_numbers_stay_inside_their_limits_and_reach_them() -> None:
    found = {int(value or 0) for value in values({"integer": {"min": 3, "max": 8}}, "integer")}
    assert found == {3, 4, 5, 6, 7, 8}
    wide = [int(value or 0) for value in values({"integer": {"min": -(10**12), "max": 10**12}}, "integer")]
    assert -(10**12) <= min(wide) < -(9 * 10**11)
    assert 9 * 10**11 < max(wide) <= 10**12


def test_weights_are_kept() -> None:
    found = Counter(values({"choice": {"new": 0.2, "paid": 0.7, "refunded": 0.1}}, count=20_000))
    assert {word: round(count / 20_000, 1) for word, count in found.items()} == {"new": 0.2, "paid": 0.7, "refunded": 0.1}


def test_a_share_of_rows_is_null_where_a_rate_says_so() -> None:
    found = values({"full_name": None, "null_rate": 0.25}, count=20_000)
    assert abs(found.count(None) / 20_000 - 0.25) < 0.02


def test_a_rate_of_nulls_in_a_column_that_takes_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"t\.c: null_rate for a column that is NOT NULL"):
        values({"word": None, "null_rate": 0.1}, nullable=False)


@pytest.mark.parametrize("shape", ["zipf", "normal", "exponential", {"zipf": {"exponent": 1.5}}])
def test_distributions_lean_the_way_that_their_names_say(shape: Any) -> None:
    found = Counter(values({"integer": {"min": 0, "max": 99}, "distribution": shape}, "integer", count=20_000))
    low, middle = (sum(found[str(n)] for n in range(*ends)) / 20_000 for ends in ((0, 10), (45, 55)))
    if shape == "normal":
        assert middle > 0.2
        assert low < 0.02
    else:
        assert low > 0.35
        assert found["0"] > found["5"] > found["50"]


def test_a_text_is_never_longer_than_its_column() -> None:
    for format_ in ("sentence", "full_name", "email", {"text": {"length": 500}}, {"title": None, "unique": True}):
        assert max(len(value or "") for value in values(format_, length=8, count=300)) <= 8


def test_different_texts_are_different_and_get_a_number_when_they_run_out() -> None:
    found = values({"email": None, "unique": True}, count=41_000)
    assert len(set(found)) == 41_000
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+@example\.test", value or "") for value in found[:40_000])
    assert re.fullmatch(r"[a-z]+\.[a-z]+2@example\.test", found[40_500] or "")


@pytest.mark.parametrize(
    ("format_", "kind"),
    [
        ("uuid", "uuid"),
        ({"integer": {"min": 1, "max": 5000}, "unique": True}, "integer"),
        ({"integer": {}, "unique": True}, "integer"),
        ({"decimal": {"min": 0, "max": 50, "scale": 2}, "unique": True}, "decimal"),
        ({"float": {"min": 0, "max": 1}, "unique": True}, "float"),
        ({"timestamp": None, "unique": True}, "timestamp"),
        ({"date": {"from": "2000-01-01", "to": "2024-01-01"}, "unique": True}, "date"),
        ({"pattern": "[a-z]{3}", "unique": True}, "text"),
        ({"word": None, "unique": True}, "text"),
        ({"user_name": None, "unique": True}, "text"),
        ({"ipv4": None, "unique": True}, "text"),
    ],
)
def test_values_that_must_differ_differ(format_: Any, kind: str) -> None:
    found = values(format_, kind)
    assert len(set(found)) == COUNT


@pytest.mark.parametrize(
    ("format_", "message"),
    [
        ({"integer": {"min": 1, "max": 10}, "unique": True}, "t.c: 5000 rows must differ, and there are 10 values"),
        ({"pattern": "[ab]{3}", "unique": True}, "t.c: 5000 rows must differ, and 8 texts match the pattern"),
        ({"choice": ["a", "b"], "unique": True}, "t.c: 5000 rows must differ, and there are 2 choices"),
        ({"card_number": None, "unique": True}, "t.c: there are ten card numbers for tests"),
        ({"template": "{nothing}"}, "t.c is made from nothing, and t has no column nothing"),
        ({"copy": "c"}, "a column hangs on itself: t.c -> t.c"),
    ],
)
def test_what_cannot_be_made_is_told(format_: Any, message: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        values(format_)
    assert raised.value.message.startswith(message)


def test_integers_that_the_type_does_not_hold_are_refused() -> None:
    with pytest.raises(InvalidInput, match="max is 40000, and smallint holds -32768 to 32767"):
        values({"integer": {"min": 1, "max": 40000}}, "integer", type="smallint", minimum=-32768, maximum=32767)


def test_json_is_json() -> None:
    format_ = {
        "json": {
            "name": "full_name",
            "on": "boolean",
            "n": {"integer": {"min": 1, "max": 3}},
            "tags": {"array": {"of": "word"}},
            "no": None,
        }
    }
    for text in values({"json": {"note": {"constant": 'say "hi"\\\t'}, "list": format_}}, "json", count=50):
        found = json.loads(text or "")
        assert found["note"] == 'say "hi"\\\t'
        assert found["list"]["on"] in {True, False}
        assert found["list"]["n"] in {1, 2, 3}
        assert found["list"]["no"] is None


def test_arrays_are_written_as_the_engine_reads_them() -> None:
    format_ = {"array": {"of": {"integer": {"min": 1, "max": 9}}, "min": 1, "max": 2}}
    assert all(re.fullmatch(r"\{\d(, \d)?\}", value or "") for value in values(format_, "array"))
    assert all(re.fullmatch(r"\[\d(, \d)?\]", value or "") for value in values(format_, "json", engine="mariadb"))


def test_truth_is_written_as_the_engine_reads_it() -> None:
    assert set(values("boolean", "boolean")) == {"true", "false"}
    assert set(values("boolean", "boolean", engine="mariadb")) == {"1", "0"}
    assert set(values({"boolean": {"true_rate": 1}}, "integer")) == {"1"}


def test_a_moment_after_another_is_later_and_null_where_that_is() -> None:
    made = schema(table("t", column("begun", "timestamp", nullable=True), column("done", "timestamp", nullable=True)))
    columns = {"begun": {"timestamp": None, "null_rate": 0.3}, "done": {"timestamp": {"after": "begun", "within": "2d"}}}
    found = rows(made, {"t": {"rows": COUNT, "columns": columns}})["t"]
    assert any(row["begun"] is None for row in found)
    for row in found:
        assert (row["begun"] is None) == (row["done"] is None)
        assert row["begun"] is None or row["begun"] < (row["done"] or "")


def test_special_characters_come_through() -> None:
    assert set(values({"choice": ["a\tb", "c\nd", "e\\f", "\\N"]})) == {"a\tb", "c\nd", "e\\f", "\\N"}
