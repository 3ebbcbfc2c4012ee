"""Which tables get rows, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from localenv.core.configuration.problems import Problem, nearest, raise_problems
from localenv.core.configuration.tables import TableData
from localenv.core.documents import Path, dotted
from localenv.core.generate.request import Asked, Generation, Inputs, TableRows
from localenv.core.generate.tables import Tables
from localenv.core.schema.model import Schema, Table, TableName

__all__ = ["plan_rows"]


def plan_rows(generation: Generation, inputs: Inputs) -> tuple[TableRows, ...]:
    """Rows for every table of the profile, parents first.

    Raises ``InvalidInput`` that names what cannot be generated: table, column, constraint, and what to write.
    """
    asked = {each.table.name: each for each in (*_named(generation, inputs.schema), *_inferred(generation, inputs))}
    tables = Tables(generation, inputs, asked)
    return tuple(tables.planned(each) for each in _parents_first(asked))


def _named(generation: Generation, schema: Schema) -> Iterator[Asked]:
    problems: list[Problem] = []
    known = [str(table.name) for table in schema.tables]
    for name, data in generation.tables.items():
        path = (*generation.path, name)
        table = schema.find(name)
        if table is None:
            close = nearest(name, known)
            hint = f"nearest: {close}" if close else f"tables: {', '.join(known[:20]) or 'none'}"
            problems.append(_problem(generation, path, f"{schema.database} has no table {name}", hint))
            continue
        if schema.engine != "redis":
            problems += _redis_problems(generation, data, path)
        problems += _column_problems(generation, table, data, path)
        yield Asked(table=table, data=data, path=path, scale=generation.scale)
    raise_problems(problems, what="the data profile")


def _inferred(generation: Generation, inputs: Inputs) -> Iterator[Asked]:
    if generation.infer_rows is None:
        return
    named = {table.name for name in generation.tables if (table := inputs.schema.find(name)) is not None}
    for table in inputs.schema.tables:
        data = None if table.name in named else inputs.guess.table(table, round(generation.infer_rows * generation.scale))
        if data is not None:
            yield Asked(table=table, data=data, path=generation.path)


def _column_problems(generation: Generation, table: Table, data: TableData, path: Path) -> Iterator[Problem]:
    for name in data.columns:
        at = (*path, "columns", name)
        column = table.column(name)
        if column is None:
            close = nearest(name, [each.name for each in table.columns])
            hint = f"nearest: {close}" if close else f"columns: {', '.join(each.name for each in table.columns)}"
            yield _problem(generation, at, f"{table.name} has no column {name}", hint)
        elif column.generated:
            yield _problem(generation, at, f"the database computes {table.name}.{name} itself", "leave the column out")


def _redis_problems(generation: Generation, data: TableData, path: Path) -> Iterator[Problem]:
    for key in ("key", "type", "ttl"):
        if getattr(data, key) is not None:
            yield _problem(generation, (*path, key), f"{key} is for Redis", "leave it out")


def _problem(generation: Generation, path: Path, message: str, hint: str) -> Problem:
    return Problem(where=generation.locate(path), path=dotted(path), message=message, hint=hint)


def _parents_first(asked: Mapping[TableName, Asked]) -> list[Asked]:
    """In the order of their foreign keys; what is in a circle comes as it stands in the profile."""
    done: dict[TableName, Asked] = {}
    visiting: set[TableName] = set()

    def visit(each: Asked) -> None:
        name = each.table.name
        if name in done or name in visiting:
            return
        visiting.add(name)
        for key in each.table.foreign_keys:
            if key.table in asked:
                visit(asked[key.table])
        done[name] = each

    for each in asked.values():
        visit(each)
    return list(done.values())
