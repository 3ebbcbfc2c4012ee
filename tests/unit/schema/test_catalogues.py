"""What the catalogues answer, read into tables."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localenv.core.schema import mysql, mysql_query, postgresql, postgresql_query
from localenv.core.schema.model import Check, ForeignKey, TableName, Unique

TYPES = [
    ["type", 20, "int8", "b", "N", 0, 0, None, False],
    ["type", 21, "int2", "b", "N", 0, 0, None, False],
    ["type", 25, "text", "b", "S", 0, 0, None, False],
    ["type", 1043, "varchar", "b", "S", 0, 0, None, False],
    ["type", 1015, "_varchar", "b", "A", 1043, 0, None, False],
    ["type", 1184, "timestamptz", "b", "D", 0, 0, None, False],
    ["type", 1700, "numeric", "b", "N", 0, 0, None, False],
    ["type", 90, "mood", "e", "E", 0, 0, None, False],
    ["type", 91, "share", "d", "N", 0, 1700, "numeric(4,3)", True],
    ["enum", 90, "calm"],
    ["enum", 90, "line\u2028break"],
    ["domain", 91, "(VALUE >= (0)::numeric)"],
]


def read(*rows: list[Any]) -> postgresql.Catalogue:
    catalogue = postgresql.Catalogue()
    catalogue.add(json.dumps(row, ensure_ascii=False) for row in rows)
    return catalogue


def of_table(number: int, name: str, *, kind: str = "r", part: bool = False, bound: str | None = None) -> list[Any]:
    key = "RANGE (at)" if kind == "p" else None
    return ["table", number, "public", name, kind, part, 0, 8192 if kind == "r" else 0, key, bound, None]


def of_column(table: int, name: str, kind: int, text: str, **more: Any) -> list[Any]:
    given = {"not_null": False, "identity": "", "generated": "", "default": None, "comment": None} | more
    return ["column", table, name, kind, text, *given.values()]


def test_columns_of_every_kind() -> None:
    found = read(
        *TYPES,
        of_table(1, "things"),
        of_column(1, "id", 20, "bigint", not_null=True, identity="a"),
        of_column(1, "old", 20, "bigint", default="nextval('old_seq'::regclass)"),
        of_column(1, "mood", 90, "public.mood"),
        of_column(1, "share", 91, "public.share"),
        of_column(1, "names", 1015, "character varying(7)[]"),
        of_column(1, "folded", 25, "text", generated="s", default="lower(name)"),
        of_column(1, "odd", 4711, "public.odd"),
    ).schema()
    by_name = {column.name: column for column in found.tables[0].columns}
    assert (by_name["id"].identity, by_name["id"].maximum) == ("always", 2**63 - 1)
    assert by_name["old"].identity == "serial"
    assert by_name["mood"].values == ("calm", "line\u2028break")
    assert (by_name["share"].kind, by_name["share"].scale, by_name["share"].nullable) == ("decimal", 3, False)
    assert by_name["share"].checks == ("(VALUE >= (0)::numeric)",)
    element = by_name["names"].element
    assert element is not None
    assert (element.kind, element.length) == ("text", 7)
    assert (by_name["folded"].generated, by_name["folded"].expression, by_name["folded"].default) == (True, "lower(name)", None)
    assert by_name["odd"].kind == "other"


def test_keys_and_constraints() -> None:
    found = read(
        *TYPES,
        of_table(1, "parents"),
        of_table(2, "things"),
        of_column(2, "parent_id", 20, "bigint"),
        of_column(2, "Name", 25, "text"),
        ["unique", 2, "things_key", False, "(parent_id > 3)", True, [["parent_id", "parent_id"], [None, 'lower("Name")']]],
        ["foreign", 2, "things_fkey", 1, True, [["parent_id", "id"]]],
        ["check", 2, "things_check", "c", "(parent_id > 3)"],
        ["check", 2, "things_excl", "x", "EXCLUDE USING gist (a WITH =)"],
        ["trigger", 2, "guard", 7, "A", "begin end"],
    ).schema()
    things = found.find("things")
    assert things is not None
    assert things.uniques == (
        Unique(
            name="things_key",
            columns=("parent_id", "Name"),
            predicate="(parent_id > 3)",
            expressions=('lower("Name")',),
            nulls_equal=True,
        ),
    )
    parent = TableName(schema="public", name="parents")
    assert things.foreign_keys == (
        ForeignKey(name="things_fkey", columns=("parent_id",), table=parent, references=("id",), deferrable=True),
    )
    assert things.checks[0] == Check(name="things_check", expression="(parent_id > 3)")
    assert things.checks[1].exclusion
    assert (things.triggers[0].timing, things.triggers[0].always) == ("before", True)


def test_partitions_are_told_by_their_parent() -> None:
    catalogue = read(
        *TYPES,
        of_table(1, "events", kind="p"),
        of_table(2, "events_1", part=True, bound="FOR VALUES FROM (1) TO (2)"),
        of_table(3, "events_2", kind="p", part=True, bound="FOR VALUES FROM (2) TO (3)"),
        ["inherits", 2, 1],
        ["inherits", 3, 1],
        ["rows", 2, 5],
    )
    (events,) = catalogue.schema().tables
    assert events.partitions == ("FOR VALUES FROM (1) TO (2)",)
    assert (events.partition_key, events.rows) == ("RANGE (at)", 5)


def test_rows_beyond_the_count_are_estimated() -> None:
    rows = of_table(1, "things")
    rows[6] = 7_000_000
    catalogue = read(rows, ["rows", 1, postgresql_query.COUNTED_UP_TO])
    assert catalogue.uncounted() == [(1, "public", "things")]
    assert catalogue.schema().tables[0].rows == 7_000_000


@pytest.mark.parametrize("line", ["{}", '["nothing"]', "ERROR"])
def test_what_is_no_answer_is_refused(line: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        postgresql.read_catalogue(line)


def test_count_queries_quote_names() -> None:
    assert 'from only "a""b"."c d" limit' in postgresql_query.counts([(1, 'a"b', "c d")])
    assert "'it''s', count(*)) from (select 1 from `it's` limit" in mysql_query.counts(["it's"])


def maria(*rows: list[Any], engine: Any = "mariadb") -> mysql.Catalogue:
    catalogue = mysql.Catalogue(engine)
    catalogue.add(json.dumps(row) for row in [["database", "shop"], *rows])
    return catalogue


def of_field(table: str, name: str, kind: str, text: str, **more: Any) -> list[Any]:
    given = {
        "null": "NO", "default": None, "extra": "", "length": None, "precision": None, "scale": None, "expression": None,
        "said": "",
    } | more  # fmt: skip
    return ["column", table, name, kind, text, *given.values()]


def test_mariadb_columns() -> None:
    found = maria(
        ["table", "things", 0, ""],
        of_field("things", "id", "int", "int(10) unsigned", extra="auto_increment"),
        of_field("things", "on", "tinyint", "tinyint(1)", default="0"),
        of_field("things", "mood", "enum", "enum('calm','it''s')"),
        of_field("things", "doc", "longtext", "longtext", length=4294967295, default="NULL"),
        of_field("things", "year", "year", "year(4)"),
        of_field("things", "bits", "bit", "bit(5)"),
        of_field("things", "folded", "varchar", "varchar(9)", length=9, extra="STORED GENERATED", expression="lower(`x`)"),
        ["check", "things", "doc", "json_valid(`doc`)"],
        ["check", "things", "range", "`id` > 3"],
    ).schema()
    by_name = {column.name: column for column in found.tables[0].columns}
    assert (by_name["id"].identity, by_name["id"].minimum, by_name["id"].maximum) == ("auto_increment", 0, 2**32 - 1)
    assert by_name["on"].kind == "boolean"
    assert by_name["mood"].values == ("calm", "it's")
    assert (by_name["doc"].kind, by_name["doc"].default) == ("json", None)
    assert (by_name["year"].minimum, by_name["bits"].length) == (1901, 5)
    assert (by_name["folded"].generated, by_name["folded"].expression) == (True, "lower(`x`)")
    assert found.tables[0].checks == (Check(name="range", expression="`id` > 3"),)


def test_mariadb_keys_and_partitions() -> None:
    found = maria(
        ["table", "parents", 0, ""],
        ["table", "things", 0, ""],
        ["unique", "things", "PRIMARY", "id", None],
        ["unique", "things", "short", "title", 6],
        ["foreign", "things", "fk", "a", "parents", "x"],
        ["foreign", "things", "fk", "b", "parents", "y"],
        ["partition", "things", "RANGE COLUMNS", "`at`", "'2024-01-01'"],
        ["partition", "things", "RANGE COLUMNS", "`at`", "MAXVALUE"],
        ["trigger", "things", "guard", "BEFORE", "signal sqlstate '45000'"],
        ["rows", "things", 3],
    ).schema()
    things = found.find("things")
    assert things is not None
    assert [(unique.columns, unique.primary, unique.lengths) for unique in things.uniques] == [
        (("id",), True, (None,)),
        (("title",), False, (6,)),
    ]
    (key,) = things.foreign_keys
    assert (key.columns, key.table, key.references) == (("a", "b"), TableName(name="parents"), ("x", "y"))
    assert things.partition_key == "RANGE (at)"
    assert things.partitions == ("FOR VALUES LESS THAN ('2024-01-01')", "FOR VALUES LESS THAN (MAXVALUE)")
    assert (things.triggers[0].always, things.rows) == (True, 3)


def test_mysql_writes_checks_and_indexes_on_expressions_its_own_way() -> None:
    found = maria(
        ["table", "things", 0, ""],
        ["unique", "things", "folded", None, None, "lower(`name`)"],
        ["check", "things", "mood", "(`mood` in (_utf8mb4\\'calm\\',_utf8mb4\\'wild\\'))"],
        engine="mysql",
    ).schema()
    assert found.tables[0].uniques[0].columns == ("name",)
    assert found.tables[0].checks[0].expression == "(`mood` in (_utf8mb4'calm',_utf8mb4'wild'))"
