"""What the catalogue of MariaDB or MySQL is asked: every row of the answer is one JSON array that says first what it is.

Versioned comments (``/*!`` for MySQL, ``/*M!`` for MariaDB) hold what only one of them has.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["CATALOGUE", "COUNTED_UP_TO", "counts"]

COUNTED_UP_TO: Final = 100_000
"""Rows counted of one table; beyond that its statistics do."""

CATALOGUE: Final = """
select json_array('database', database());
select json_array('table', table_name, table_rows, table_comment) from information_schema.tables
where table_schema = database() and table_type in ('BASE TABLE', 'SYSTEM VERSIONED') order by table_name;
select json_array('column', table_name, column_name, data_type, column_type, is_nullable, column_default, extra,
  character_maximum_length, numeric_precision, numeric_scale, generation_expression, column_comment)
from information_schema.columns where table_schema = database() order by table_name, ordinal_position;
select json_array('unique', table_name, index_name, column_name, sub_part /*!80013 , expression */)
from information_schema.statistics where table_schema = database() and non_unique = 0
order by table_name, index_name <> 'PRIMARY', index_name, seq_in_index;
select json_array('foreign', table_name, constraint_name, column_name, referenced_table_name, referenced_column_name)
from information_schema.key_column_usage where table_schema = database() and referenced_table_schema = database()
order by table_name, constraint_name, ordinal_position;
/*M!100200 select json_array('check', table_name, constraint_name, check_clause)
from information_schema.check_constraints where constraint_schema = database() */;
/*!80016 select json_array('check', t.table_name, c.constraint_name, c.check_clause)
from information_schema.check_constraints c join information_schema.table_constraints t
on t.constraint_schema = c.constraint_schema and t.constraint_name = c.constraint_name
where c.constraint_schema = database() and t.enforced = 'YES' */;
select json_array('trigger', event_object_table, trigger_name, action_timing, action_statement)
from information_schema.triggers where event_object_schema = database() and event_manipulation = 'INSERT'
order by event_object_table, trigger_name;
select json_array('partition', table_name, partition_method, partition_expression, partition_description)
from information_schema.partitions where table_schema = database() and partition_name is not null
order by table_name, partition_ordinal_position;
"""
"""The whole catalogue."""

_COUNT: Final = "select json_array('rows', {}, count(*)) from (select 1 from {} limit {}) counted;\n"


def counts(tables: Iterable[str]) -> str:
    """Return a query that counts rows of tables, each up to ``COUNTED_UP_TO``."""
    return "".join(_COUNT.format(_text(name), _quoted(name), COUNTED_UP_TO) for name in tables)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _text(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("'", "''") + "'"
