from __future__ import annotations

from typing import Any

import pytest

from localenv.adapters.yaml_files import load_document
from localenv.core.configuration.columns import ColumnFormat, Distribution, column_faults, parse_column
from localenv.core.configuration.data_profile import DataProfile, decode_data_profile
from localenv.core.configuration.tables import RowsPerParent
from localenv.errors import InvalidInput

HEAD = "profile: small\nclassification: synthetic\n"


def decoded(text: str) -> DataProfile:
    return decode_data_profile(load_document(f"{HEAD}{text}".encode(), "profiles/data/small.yaml"), "small")


def faults(value: Any) -> list[tuple[str, str]]:
    return [(".".join(map(str, fault.path)), fault.message) for fault in column_faults(value)]


def test_tables_are_read() -> None:
    profile = decoded("""seed: 3
locale: de_DE
infer: {rows: 100}
services:
  db:
    tables:
      orders:
        rows: {per: customers, max: 9}
        columns: {status: {choice: {new: 0.2, paid: 0.8}}, note: null}
""")
    table = profile.services["db"].tables["orders"]
    assert (profile.locale, profile.infer and profile.infer.rows) == ("de_DE", 100)
    assert table.rows == RowsPerParent(per="customers", min=1, max=9)
    assert table.columns["note"] is None


@pytest.mark.parametrize(
    ("value", "parsed"),
    [
        ("full_name", ColumnFormat(generator="full_name")),
        (
            {"references": "a.id", "distribution": "zipf"},
            ColumnFormat(generator="references", value="a.id", distribution=Distribution(shape="zipf")),
        ),
        (
            {"integer": {"min": 1}, "null_rate": 0.5, "distribution": {"zipf": {"exponent": 2}}},
            ColumnFormat(
                generator="integer", options={"min": 1}, null_rate=0.5, distribution=Distribution(shape="zipf", exponent=2.0)
            ),
        ),
        ({"choice": {"a": 1}, "unique": True}, ColumnFormat(generator="choice", value={"a": 1}, unique=True)),
        ({"json": {"a": "word"}}, ColumnFormat(generator="json", value={"a": "word"})),
    ],
)
def test_a_column_is_a_generator_with_options_and_modifiers(value: Any, parsed: ColumnFormat) -> None:
    assert faults(value) == []
    assert parse_column(value) == parsed


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        ("fullname", "", "there is no generator 'fullname'"),
        ("choice", "", "choice needs more than its name"),
        (5, "", "expected a generator, got 5"),
        ({"word": None, "city": None}, "", "expected one generator, got word, city"),
        ({"unique": True}, "", "expected one generator, got none"),
        ({"fullname": None}, "fullname", "there is no generator 'fullname'"),
        ({"integer": {"mn": 1}}, "integer.mn", "unknown option"),
        ({"integer": {"min": "a"}}, "integer.min", "expected a whole number, got 'a'"),
        ({"integer": {"min": 5, "max": 2}}, "integer.min", "5 is above max, 2"),
        ({"integer": [1, 2]}, "integer", "expected a mapping of min, max, got a list"),
        ({"city": {"x": 1}}, "city", "takes no options"),
        ({"email": {"domain": "shop.com"}}, "email.domain", "expected a domain that is reserved for tests"),
        ({"boolean": {"true_rate": 3}}, "boolean.true_rate", "expected a number from 0 to 1, got 3"),
        ({"date": {"from": "yesterday"}}, "date.from", "expected a date such as"),
        ({"date": {"from": "2025-01-01", "to": "2024-01-01"}}, "date.from", "2025-01-01 is above to"),
        ({"timestamp": {"after": "a", "within": "soon"}}, "timestamp.within", "expected a duration"),
        ({"time": {"from": "8"}}, "time.from", "expected a time such as 08:30"),
        ({"choice": []}, "choice", "expected a list of values"),
        ({"choice": {"a": -1}}, "choice", "expected a weight of 0 or more"),
        ({"choice": {"a": 0}}, "choice", "expected a weight of 0 or more"),
        ({"template": "{a.b}"}, "template", "expected a text with fields ({a.b} is no field"),
        ({"template": "{a:>5}"}, "template", "expected a text with fields"),
        ({"template": "{row"}, "template", "expected a text with fields"),
        ({"pattern": "(a"}, "pattern", "expected a pattern"),
        ({"references": "customers"}, "references", "expected table.column, got 'customers'"),
        ({"references": {"by": "kind"}}, "references", "expected {by: column, map:"),
        ({"json": {"a": {"b": {"word": None, "city": None}}}}, "json.a.b", "there is no generator 'b'"),
        ({"json": {"a": "wrd"}}, "json.a", "there is no generator 'wrd'"),
        ({"array": {"of": {"integer": {"min": "x"}}}}, "array.of.integer.min", "expected a whole number"),
        ({"word": None, "null_rate": 2}, "null_rate", "expected a number from 0 to 1, got 2"),
        ({"word": None, "unique": "yes"}, "unique", "expected true or false, got 'yes'"),
        ({"word": None, "distribution": "pareto"}, "distribution", "there is no distribution 'pareto'"),
        ({"word": None, "distribution": {"zipf": {"exponent": 9}}}, "distribution.zipf", "expected an exponent from 0.1 to 5"),
    ],
)
def test_what_is_wrong_with_a_column_is_told_where_it_stands(value: Any, path: str, message: str) -> None:
    (found,) = faults(value)
    assert found[0] == path
    assert found[1].startswith(message)


def test_errors_name_line_and_column_of_the_file() -> None:
    with pytest.raises(InvalidInput) as raised:
        decoded("""services:
  db:
    tables:
      orders:
        rows: -1
        colums: {}
      customers:
        rows: {per: orders, min: 9, max: 2}
        columns:
          name: fullname
          email: {email: {domain: gmail.com}}
""")
    assert [detail.partition("  ")[0].rpartition("small.yaml:")[2] for detail in raised.value.details] == [
        "7:9", "8:9", "10:29", "12:11", "13:27",
    ]  # fmt: skip
    assert (
        "services.db.tables.customers.columns.name: there is no generator 'fullname' (nearest: full_name)"
        in raised.value.details[3]
    )
