"""All that is worked out of one table before its columns are guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from localenv.core.infer.limits import Limits, allowed, span
from localenv.core.infer.lookup import Lookup, class_name, widest_key
from localenv.core.infer.orders import is_ordered
from localenv.core.infer.partitions import partition_limits
from localenv.core.infer.solve import Order, Solved, solve
from localenv.core.infer.texts import longest_of
from localenv.core.infer.uniques import Differing, Role, differing
from localenv.core.schema.model import Column, Schema, Table, TableName
from localenv.values import dataclass

__all__ = ["Polymorphic", "TableFacts", "not_assured", "table_facts"]

_FREE: Final = frozenset(
    ["integer", "decimal", "float", "text", "bytes", "timestamp", "timestamptz", "time", "uuid", "network", "range", "other"]
)
_FEW: Final = 10_000
"""A number with fewer values is combined with others instead."""
_TYPE_WORDS: Final = ("_type", "_class", "Type", "_kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Polymorphic:
    """Two columns that name a table and a row of it."""

    key: str
    type: str
    targets: Mapping[str, tuple[Table, Column]]
    """By the value of the type column."""
    listed: bool
    """The values stand in the schema; otherwise they are class names guessed from tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """What the guesses for a table's columns stand on."""

    table: Table
    solved: Solved
    implied: Mapping[str, tuple[Table, Column]]
    """Keys without a foreign key, by their names."""
    polymorphic: tuple[Polymorphic, ...]
    differing: Differing
    differs: Mapping[str, str]
    """References that must be to another row than an earlier column's."""
    overlapping: frozenset[str]
    """Range columns that an exclusion constraint keeps apart."""
    unread: tuple[str, ...]
    """What could not be read of its partitions or exclusion constraints."""

    def is_tree(self, column: Column) -> bool:
        """Whether it refers to an earlier row of the same table, or to none."""
        key = widest_key(self.table, column.name)
        return key is not None and key.table == self.table.name and column.nullable


def table_facts(table: Table, schema: Schema, lookup: Lookup) -> TableFacts:
    """Work it out."""
    solved = solve(table, schema)
    limits, unread = partition_limits(table, solved.limits)
    solved = replace(solved, limits=limits)
    polymorphic = tuple(_polymorphic(table, solved, lookup))
    taken = {name for each in polymorphic for name in (each.key, each.type)}
    implied = {
        column.name: found
        for column in table.columns
        if column.name not in taken and widest_key(table, column.name) is None and _may_refer(column, solved.limits)
        if (found := lookup.referenced(table, column)) is not None
    }
    keys = {each.key for each in polymorphic}

    def role(column: Column) -> Role:
        if solved.limits.get(column.name, Limits()).null is True:
            return "empty"
        if column.name in keys:
            return "row of several"
        if column.name in implied or widest_key(table, column.name) is not None:
            return "row"
        if column.name in taken or not _is_free(column, solved.limits.get(column.name, Limits())):
            return "few"
        return "free"

    kept_apart, unread_exclusions = _exclusions(table)

    return TableFacts(
        table=table,
        solved=solved,
        implied=implied,
        polymorphic=polymorphic,
        differing=differing(table, role),
        differs=_differing_references(table, solved, implied),
        overlapping=kept_apart,
        unread=tuple(filter(None, (unread, *unread_exclusions))),
    )


def not_assured(facts: TableFacts) -> list[Order]:
    """Comparisons between columns that no formats of them can keep."""
    return [order for order in facts.solved.orders if not _is_assured(order, facts)]


def _is_assured(order: Order, facts: TableFacts) -> bool:
    columns = [facts.table.column(name) for name in (order.first, order.second)]
    first, second = columns
    limits = facts.solved.limits
    if first is None or second is None or any(limits.get(each.name, Limits()).null is True for each in (first, second)):
        return True
    keys = [each for each in (first, second) if widest_key(facts.table, each.name) or each.name in facts.implied]
    if keys:
        differ = order.kind == "other" and ({first.name, second.name} & set(facts.differs) or any(map(facts.is_tree, keys)))
        return bool(differ)
    return order.kind in {"same", "other"} or is_ordered(first, second)


def _differing_references(table: Table, solved: Solved, implied: Mapping[str, tuple[Table, Column]]) -> Mapping[str, str]:
    def target(name: str) -> TableName | None:
        key = widest_key(table, name)
        return key.table if key else implied[name][0].name if name in implied else None

    found: dict[str, str] = {}
    for order in solved.orders:
        first, second = sorted((order.first, order.second), key=[column.name for column in table.columns].index)
        if order.kind == "other" and target(first) is not None and target(first) == target(second):
            found.setdefault(second, first)
    return found


def _may_refer(column: Column, limits: Mapping[str, Limits]) -> bool:
    found = limits.get(column.name, Limits())
    return not column.generated and found.null is not True and found.values is None


def _is_free(column: Column, limits: Limits) -> bool:
    if column.kind not in _FREE or limits.null is True or limits.values is not None:
        return False
    if column.kind == "integer" and span(column, limits) < _FEW:
        return False
    return column.kind not in {"text", "bytes"} or longest_of(column, limits) > 2  # noqa: PLR2004 - two letters are a short list


def _polymorphic(table: Table, solved: Solved, lookup: Lookup) -> list[Polymorphic]:
    found = []
    for column in table.columns:
        stem = next((column.name.removesuffix(end) for end in ("_id", "Id", "_uuid") if column.name.endswith(end)), None)
        kinds = [kind for word in _TYPE_WORDS if stem and (kind := table.column(stem + word))]
        if not kinds or column.generated or widest_key(table, column.name) or widest_key(table, kinds[0].name):
            continue
        if kinds[0].kind in {"text", "enum"} and (each := _targets(table, column, kinds[0], solved, lookup)) is not None:
            found.append(each)
    return found


def _targets(table: Table, key: Column, kind: Column, solved: Solved, lookup: Lookup) -> Polymorphic | None:
    limits = solved.limits.get(kind.name, Limits())
    if limits.null is True or solved.limits.get(key.name, Limits()).null is True:
        return None
    values = tuple(str(value) for value in allowed(limits)) or kind.values
    listed = {value: target for value in values if (target := lookup.named(value, key.kind))}
    central = lookup.central(key.kind, table)
    if not listed and values:
        listed = dict(zip(values, central, strict=False))
    if listed:
        return Polymorphic(key=key.name, type=kind.name, targets=listed, listed=True)
    guessed = {name: target for target in central if len(name := class_name(target[0])) <= longest_of(kind, limits)}
    return Polymorphic(key=key.name, type=kind.name, targets=guessed, listed=False) if guessed else None


def _exclusions(table: Table) -> tuple[frozenset[str], list[str]]:
    """Range columns that must not overlap, and exclusion constraints that say something else."""
    kept_apart: set[str] = set()
    unread = []
    for check in table.checks:
        if not check.exclusion:
            continue
        ranges = [column.name for column in table.columns if column.kind == "range" and column.name in check.expression]
        if "&&" in check.expression and ranges:
            kept_apart.update(ranges[:1])
        else:
            unread.append(f"the exclusion constraint {check.name}: {check.expression}")
    return frozenset(kept_apart), unread
