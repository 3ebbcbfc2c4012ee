"""The columns of the tables that are filled, each with its source; what holds between columns and tables is settled here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from localenv.core.configuration.tables import RowsPerParent
from localenv.core.generate.composed import composed_builders
from localenv.core.generate.draws import key_of
from localenv.core.generate.formats import Formats, Link
from localenv.core.generate.keys import (
    OtherParents,
    PerParent,
    Position,
    Reference,
    ReferenceByKind,
    Rounds,
    SelfParents,
    Stored,
    parents_by,
)
from localenv.core.generate.keys import Parents as ParentRows
from localenv.core.generate.moments import MOMENTS
from localenv.core.generate.numbers import NUMBERS
from localenv.core.generate.place import Place
from localenv.core.generate.request import Asked, Generation, Inputs, TableRows
from localenv.core.generate.sources import Constant, Counter, Index, Nulls, Source, chosen
from localenv.core.generate.texts import TEXTS
from localenv.core.generate.uniques import Settled, settle
from localenv.core.schema.model import Table, TableName
from localenv.errors import InvalidInput

__all__ = ["Tables"]

Build = Callable[[Place], Source]


class Tables:
    """Builds sources when they are asked for: a reference builds what it refers to."""

    def __init__(self, generation: Generation, inputs: Inputs, asked: Mapping[TableName, Asked]) -> None:
        self._generation = generation
        self._inputs = inputs
        self._asked = asked
        self.formats = Formats(generation, inputs, asked)
        self._sources: dict[tuple[TableName, str], Source] = {}
        self._building: list[tuple[TableName, str]] = []
        self._per_parent: dict[TableName, PerParent] = {}
        self._parents: dict[tuple[TableName, str], ParentRows] = {}
        self._settled: dict[TableName, Settled] = {}
        self._builders: dict[str, Build] = {**NUMBERS, **MOMENTS, **TEXTS, **composed_builders(self.build)}

    def planned(self, asked: Asked) -> TableRows:
        """The rows of one table."""
        table = asked.table
        columns = [column for column in table.columns if self.formats.filled(table, column)]
        links = {self.formats.link(table, column.name) for column in columns}
        held = {
            key.name for key in table.foreign_keys for link in links if link and link.key == key.name and link.table == key.table
        }
        return TableRows(
            table=table,
            count=self.rows(table),
            columns=tuple((column, self.source(table, column.name)) for column in columns),
            path=asked.path,
            referenced=frozenset(held),
        )

    def rows(self, table: Table) -> int:
        """How many rows the table gets."""
        data = self._asked[table.name].data
        if isinstance(data.rows, RowsPerParent):
            return self.per_parent(table).rows
        return round(data.rows * self._asked[table.name].scale)

    def source(self, table: Table, name: str) -> Source:
        """Values of a column. Raises ``InvalidInput`` where it hangs on itself."""
        key = (table.name, name)
        if key not in self._sources:
            if key in self._building:
                circle = " -> ".join(f"{each}.{column}" for each, column in (*self._building[self._building.index(key) :], key))
                raise InvalidInput(
                    f"a column hangs on itself: {circle}", where=self.formats.where(table, name), code="data-profile"
                )
            self._building.append(key)
            try:
                self._sources[key] = self._built(table, name)
            finally:
                self._building.pop()
        return self._sources[key]

    def build(self, place: Place) -> Source:
        """The source that a place asks for."""
        return self._builders[place.format.generator](place)

    def per_parent(self, table: Table) -> PerParent:
        """How the rows of a table with ``rows: {per: ...}`` belong to their parents."""
        if table.name not in self._per_parent:
            data = self._asked[table.name].data
            link = self.formats.per_link(table)
            assert isinstance(data.rows, RowsPerParent)  # noqa: S101 - asked for such tables alone
            count = self.parent_rows(link)
            self._per_parent[table.name] = PerParent(self.key(table, link.name, "per"), count, data.rows.min, data.rows.max)
        return self._per_parent[table.name]

    def per_rows(self, table: Table) -> RowsPerParent | int:
        """What the profile says of the table's rows."""
        return self._asked[table.name].data.rows

    def parent_rows(self, link: Link) -> int:
        """How many rows a reference can choose from."""
        if link.table in self._asked:
            return self.rows(self._asked[link.table].table)
        return len(self.formats.stored(link))

    def place(self, table: Table, name: str) -> Place:
        """What is known of a column."""
        column = self.formats.column(table, name)
        format_ = self.formats.format(table, name)
        settled = self._settled.get(table.name)
        return Place(
            key=self.key(table, name),
            name=f"{table.name}.{name}",
            column=column,
            format=format_,
            engine=self._inputs.schema.engine,
            rows=self.rows(table),
            locale=self._asked[table.name].data.locale or self._generation.locale,
            words=self._inputs.words,
            sibling=lambda other: self._sibling(table, name, other),
            where=self.formats.where(table, name),
            unique=format_.unique or (settled is not None and name in settled.unique),
            index=settled.indexes.get(name) if settled is not None else None,
        )

    def _built(self, table: Table, name: str) -> Source:
        if table.name not in self._settled:
            self._settled[table.name] = Settled()
            self._settled[table.name] = settle(self, table)
        place = self.place(table, name)
        source = self._unwrapped(table, place)
        if not place.format.null_rate:
            return source
        if not place.column.nullable:
            raise place.wrong("null_rate for a column that is NOT NULL", "leave null_rate out")
        link = self.formats.link(table, name)
        return Nulls(self.key(table, link.name if link else name), source, place.format.null_rate)

    def _unwrapped(self, table: Table, place: Place) -> Source:
        format_ = place.format
        match format_.generator:
            case "references":
                return self._reference(table, place)
            case "parent":
                return self._of_parent(table, place)
            case "sequence":
                return self._sequence(table, place)
        return self.build(place)

    def _sequence(self, table: Table, place: Place) -> Source:
        start, step = place.format.options.get("start"), int(place.format.options.get("step", 1)) or 1
        if place.format.options.get("per") is not None:
            return self._position(table, place, 1 if start is None else int(start), step)
        if start is None:
            start = 1 + (self._inputs.highest(table, place.column) if table.rows and place.column.kind == "integer" else 0)
        return Counter(int(start), step)

    def _position(self, table: Table, place: Place, start: int, step: int) -> Source:
        per = str(place.format.options["per"])
        self.formats.column(table, per)
        if isinstance(self.per_rows(table), RowsPerParent) and self.formats.link(table, per) == self.formats.per_link(table):
            return Position(self.per_parent(table), start, step)
        rounds = self._settled[table.name].rounds.get(place.column.name)
        return Counter(start, step) if rounds is None else Rounds(rounds, start, step)

    def _reference(self, table: Table, place: Place) -> Source:
        if isinstance(place.format.value, Mapping):
            return self._by_kind(table, place)
        link = self.formats.link(table, place.column.name)
        assert link is not None  # noqa: S101 - the format is a reference
        return self._linked(table, place, link)

    def _by_kind(self, table: Table, place: Place) -> Source:
        references: dict[str, Source] = {}
        for kind, target in place.format.value["map"].items():
            link = self.formats.link_to(table, place.column.name, str(target))
            name = key_of(link.name, kind)
            count = self.parent_rows(link)
            if not count:
                raise place.wrong(
                    f"{link.table} has no rows to refer to", f"give {link.table} rows, or take {kind} out of the map"
                )
            parents = parents_by(self.key(table, name), count, place.format.distribution, unique=place.unique)
            references[str(kind)] = Reference(parents, self._parent_column(link, link.columns[0]))
        return ReferenceByKind(self._sibling(table, place.column.name, str(place.format.value["by"])), references)

    def _linked(self, table: Table, place: Place, link: Link) -> Source:
        if not self.parent_rows(link):
            if place.column.nullable:
                return Constant(None)
            raise place.wrong(f"{link.table} has no rows to refer to", f"give {link.table} rows, in this profile or in its files")
        return Reference(self.parents(table, place, link), self._parent_column(link, link.pairs[place.column.name]))

    def parents(self, table: Table, place: Place, link: Link) -> ParentRows:
        """Which parent each row has; the columns of one key share it."""
        key = (table.name, link.name)
        if key not in self._parents:
            self._parents[key] = self._new_parents(table, place, link)
        return self._parents[key]

    def _new_parents(self, table: Table, place: Place, link: Link) -> ParentRows:
        if isinstance(self._asked[table.name].data.rows, RowsPerParent) and link == self.formats.per_link(table):
            return self.per_parent(table)
        places = [self.place(table, name) for name in link.pairs]
        unique, count = any(each.unique for each in places), self.parent_rows(link)
        index = next((each.index for each in places if each.index is not None), None)
        if place.format.differs is not None:
            return self._other_parents(table, place, link, index)
        if link.table == table.name and not unique and index is None:
            nullable = all(self.formats.column(table, name).nullable for name in link.pairs)
            return SelfParents(self.key(table, link.name), nullable=nullable)
        if unique and place.rows > count:
            raise place.wrong(
                f"{place.rows} rows must each refer to another row of {link.table}, which has {count}",
                f"ask for at most {count} rows, or for more of {link.table}",
            )
        return parents_by(self.key(table, link.name), count, place.format.distribution, unique=unique, index=index)

    def _other_parents(self, table: Table, place: Place, link: Link, index: Index | None) -> ParentRows:
        """Parents that differ from those of another column."""
        other = str(place.format.differs)
        first = self.formats.link(table, other)
        count = self.parent_rows(link)
        if first is None or first.table != link.table:
            raise place.wrong(
                f"differs: {other} is no reference to {link.table}", f"write: {other}: {{references: {link.table}.COLUMN}}"
            )
        if count < 2:  # noqa: PLR2004 - one row and another
            raise place.wrong(f"{link.table} needs two rows, for {place.column.name} to differ from {other}")
        further = index or chosen(self.key(table, link.name), count - 1, None)
        return OtherParents(self.parents(table, self.place(table, other), first), further, count)

    def _of_parent(self, table: Table, place: Place) -> Source:
        of, column = (str(place.format.options.get(key, "")) for key in ("of", "column"))
        link = self.formats.link(table, of)
        if link is None:
            raise place.wrong(f"{of or 'of'} is no column with references", "write: parent: {of: customer_id, column: name}")
        if not self.parent_rows(link):
            return Constant(None)
        return Reference(self.parents(table, self.place(table, of), link), self._parent_column(link, column))

    def _parent_column(self, link: Link, column: str) -> Source:
        if link.table in self._asked:
            table = self._asked[link.table].table
            if self.formats.filled(table, self.formats.column(table, column)):
                return self.source(table, column)
            raise InvalidInput(
                f"{link.table}.{column} is referenced, and the database makes its values",
                where=self.formats.where(table, column),
                hints=(f"give {link.table}.{column} a generator",),
                code="data-profile",
            )
        return Stored(self.formats.stored_column(link, column))

    def _sibling(self, table: Table, name: str, other: str) -> Source:
        column = table.column(other)
        if column is None or not self.formats.filled(table, column):
            what = "has no column" if column is None else "leaves to the database the column"
            raise InvalidInput(
                f"{table.name}.{name} is made from {other}, and {table.name} {what} {other}",
                where=self.formats.where(table, name),
                hints=("name a column that has a generator",),
                code="data-profile",
            )
        return self.source(table, other)

    def key(self, table: Table, *names: str) -> str:
        """What draws for something of a table hang on."""
        return key_of(self._generation.seed, table.name, *names)
