"""What each column of a table is filled with: as the profile says, by its key, or by what its type suggests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from localenv.core.configuration.columns import ColumnFormat, column_faults, parse_column
from localenv.core.configuration.problems import nearest
from localenv.core.configuration.tables import RowsPerParent
from localenv.core.generate.request import Asked, Generation, Inputs
from localenv.core.schema.model import Column, ForeignKey, Table, TableName
from localenv.errors import InvalidInput
from localenv.values import dataclass

__all__ = ["Formats", "Link"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Columns that refer to one row of another table together."""

    name: str
    """Of the foreign key; of the column where there is none."""
    table: TableName
    """That is referred to."""
    pairs: Mapping[str, str] = field(hash=False)
    """Column of this table to column of that one."""
    key: str | None = None
    """Name of the foreign key that holds by this."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table that is referred to."""
        return tuple(self.pairs.values())


class Formats:
    """Answers for every table of one service."""

    def __init__(self, generation: Generation, inputs: Inputs, asked: Mapping[TableName, Asked]) -> None:
        self._generation = generation
        self._inputs = inputs
        self._asked = asked
        self._formats: dict[tuple[TableName, str], ColumnFormat] = {}
        self._stored: dict[tuple[TableName, tuple[str, ...]], Sequence[tuple[str | None, ...]]] = {}

    def where(self, table: Table, name: str = "") -> str:
        """Place in the profile: the column's, or the table's when the profile leaves the column out."""
        asked = self._asked[table.name]
        return self._generation.locate((*asked.path, "columns", name) if name in asked.data.columns else asked.path)

    def column(self, table: Table, name: str) -> Column:
        """A column that a person or a key names. Raises ``InvalidInput`` where there is none."""
        found = table.column(name)
        if found is None:
            close = nearest(name, [column.name for column in table.columns])
            raise InvalidInput(
                f"{table.name} has no column {name}",
                where=self.where(table) if table.name in self._asked else None,
                hints=(f"nearest: {close}",) if close else (),
                code="data-profile",
            )
        return found

    def filled(self, table: Table, column: Column) -> bool:
        """Whether values are given for it."""
        return not column.generated and self.format(table, column.name).generator != "default"

    def format(self, table: Table, name: str) -> ColumnFormat:
        """What the column is filled with."""
        if (table.name, name) not in self._formats:
            asked = self._asked[table.name]
            path = (*asked.path, "columns", name)
            if name in asked.data.columns:
                given = asked.data.columns[name]
                self._formats[table.name, name] = parse_column("null" if given is None else given, path)
            else:
                self._formats[table.name, name] = parse_column(self._left_out(table, self.column(table, name)), path)
        return self._formats[table.name, name]

    def link(self, table: Table, name: str) -> Link | None:
        """The reference that a column is part of."""
        column = table.column(name)
        if column is None or column.generated or self.format(table, name).generator != "references":
            return None
        value = self.format(table, name).value
        if not isinstance(value, str):
            return None
        alone = self.link_to(table, name, value)
        for key in table.foreign_keys:
            if name in key.columns and key.table == alone.table and self._whole(table, key):
                return Link(
                    name=key.name, table=key.table, pairs=dict(zip(key.columns, key.references, strict=True)), key=key.name
                )
        return alone

    def link_to(self, table: Table, name: str, text: str) -> Link:
        """A reference of one column to ``table.column``. Raises ``InvalidInput`` for what is not there."""
        if (there := self._inputs.schema.find_column(text)) is not None:
            return Link(name=name, table=there[0].name, pairs={name: there[1].name})
        target, _, column = text.rpartition(".")
        found = self._inputs.schema.find(target)
        if found is None:
            close = nearest(target, [str(each.name) for each in self._inputs.schema.tables])
            raise InvalidInput(
                f"{table.name}.{name} refers to {target}, which {self._inputs.schema.database} does not have",
                where=self.where(table, name),
                hints=(f"nearest: {close}",) if close else (),
                code="data-profile",
            )
        close = nearest(column, [each.name for each in found.columns])
        raise InvalidInput(
            f"{table.name}.{name} refers to {column}, which {found.name} does not have",
            where=self.where(table, name),
            hints=(f"nearest: {close}",) if close else (f"columns: {', '.join(each.name for each in found.columns)}",),
            code="data-profile",
        )

    def per_link(self, table: Table) -> Link:
        """The reference that ``rows: {per: ...}`` means. Raises ``InvalidInput`` where no column refers there."""
        rows = self._asked[table.name].data.rows
        per = rows.per if isinstance(rows, RowsPerParent) else ""
        target = self._inputs.schema.find(per)
        for column in table.columns:
            link = self.link(table, column.name)
            if link is not None and target is not None and link.table == target.name and link.table != table.name:
                return link
        raise InvalidInput(
            f"{table.name} has rows for each row of {per}, and no column of it refers to {per}",
            where=self._generation.locate((*self._asked[table.name].path, "rows", "per")),
            hints=(f"write: COLUMN: {{references: {per}.id}}",),
            code="data-profile",
        )

    def stored(self, link: Link) -> Sequence[tuple[str | None, ...]]:
        """What is in the columns that a reference needs of a table that is not generated."""
        return self._read(link.table, link.columns)

    def stored_column(self, link: Link, column: str) -> Sequence[str | None]:
        """One column of those rows, in their order."""
        columns = link.columns if column in link.columns else (*link.columns, column)
        place = columns.index(column)
        return [row[place] for row in self._read(link.table, columns)]

    def _read(self, name: TableName, columns: tuple[str, ...]) -> Sequence[tuple[str | None, ...]]:
        if (name, columns) not in self._stored:
            table = self._inputs.schema.table(name)
            self._stored[name, columns] = self._inputs.stored(table, columns) if table is not None else ()
        return self._stored[name, columns]

    def _whole(self, table: Table, key: ForeignKey) -> bool:
        """Whether every column of a foreign key is filled by a reference to its counterpart."""
        for own, other in zip(key.columns, key.references, strict=True):
            value = self.format(table, own).value if self.format(table, own).generator == "references" else None
            if not isinstance(value, str):
                return False
            link = self.link_to(table, own, value)
            if link.table != key.table or link.pairs[own] != other:
                return False
        return True

    def _left_out(self, table: Table, column: Column) -> object:
        if column.generated:
            return "default"
        guessed = self._inputs.guess.column(table, column)
        if (fault := next(column_faults(guessed), None)) is not None:
            raise ValueError(f"{table.name}.{column.name}: {fault.message}")
        return guessed
