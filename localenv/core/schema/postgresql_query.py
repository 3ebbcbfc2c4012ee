"""What PostgreSQL's catalogue is asked: every row of the answer is one JSON array whose first element says what it is.

Written for PostgreSQL 11 and later: columns of the catalogue that came later are read through ``to_jsonb``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

__all__ = ["CATALOGUE", "COUNTED_UP_TO", "counts"]

COUNTED_UP_TO: Final = 100_000
"""Rows counted of one table; beyond that its statistics do."""

_HEAD: Final = """
begin transaction isolation level repeatable read, read only;
set local search_path = pg_catalog;
set local statement_timeout = '60s';
"""

_TABLES: Final = """
select jsonb_build_array('table', c.oid::bigint, n.nspname, c.relname, c.relkind, c.relispartition,
  greatest(c.reltuples, 0)::bigint, case when c.relkind = 'r' then pg_relation_size(c.oid) else 0 end,
  pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid), obj_description(c.oid, 'pg_class'))
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and c.relpersistence <> 't'
  and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^(pg_temp|pg_toast|_timescaledb)'
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by n.nspname, c.relname;
select jsonb_build_array('inherits', inhrelid::bigint, inhparent::bigint) from pg_inherits order by inhrelid, inhseqno;
"""

_TYPES: Final = """
select jsonb_build_array('type', t.oid::bigint, t.typname, t.typtype, t.typcategory, t.typelem::bigint,
  t.typbasetype::bigint, format_type(t.typbasetype, t.typtypmod), t.typnotnull)
from pg_type t where t.typtype <> 'c' and not (t.typcategory = 'A' and t.typname ~ '^_pg_');
select jsonb_build_array('enum', enumtypid::bigint, enumlabel) from pg_enum order by enumtypid, enumsortorder;
select jsonb_build_array('domain', k.contypid::bigint, pg_get_expr(k.conbin, 0))
from pg_constraint k where k.contypid <> 0 and k.contype = 'c';
"""

_COLUMNS: Final = """
select jsonb_build_array('column', a.attrelid::bigint, a.attname, a.atttypid::bigint, format_type(a.atttypid, a.atttypmod),
  a.attnotnull, to_jsonb(a) ->> 'attidentity', to_jsonb(a) ->> 'attgenerated', pg_get_expr(d.adbin, d.adrelid),
  col_description(a.attrelid, a.attnum))
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p') and not c.relispartition
  and n.nspname not in ('pg_catalog', 'information_schema')
order by a.attrelid, a.attnum;
"""

_CONSTRAINTS: Final = """
select jsonb_build_array('unique', i.indrelid::bigint, c.relname, i.indisprimary, pg_get_expr(i.indpred, i.indrelid),
  coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
  (select jsonb_agg(jsonb_build_array(a.attname, pg_get_indexdef(i.indexrelid, k, true)) order by k)
   from generate_series(1, i.indnkeyatts) k
   left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k - 1] and i.indkey[k - 1] <> 0))
from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
join pg_namespace n on n.oid = t.relnamespace
where i.indisunique and i.indislive and not t.relispartition and n.nspname not in ('pg_catalog', 'pg_toast')
order by i.indrelid, i.indisprimary desc, c.relname;
select jsonb_build_array('foreign', k.conrelid::bigint, k.conname, k.confrelid::bigint, k.condeferrable,
  (select jsonb_agg(jsonb_build_array(a.attname, f.attname) order by p.ordinality)
   from unnest(k.conkey, k.confkey) with ordinality p(ours, theirs, ordinality)
   join pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.ours
   join pg_attribute f on f.attrelid = k.confrelid and f.attnum = p.theirs))
from pg_constraint k where k.contype = 'f' and k.conparentid = 0 order by k.conrelid, k.conname;
select jsonb_build_array('check', k.conrelid::bigint, k.conname, k.contype,
  case k.contype when 'c' then pg_get_expr(k.conbin, k.conrelid) else pg_get_constraintdef(k.oid) end)
from pg_constraint k where k.contype in ('c', 'x') and k.conrelid <> 0 order by k.conrelid, k.conname;
select jsonb_build_array('trigger', t.tgrelid::bigint, t.tgname, t.tgtype::integer, t.tgenabled, left(p.prosrc, 20000))
from pg_trigger t join pg_proc p on p.oid = t.tgfoid
where not t.tgisinternal and t.tgtype & 4 <> 0 and t.tgenabled <> 'D' order by t.tgrelid, t.tgname;
select jsonb_build_array('database', current_database());
commit;
"""

CATALOGUE: Final = _HEAD + _TABLES + _TYPES + _COLUMNS + _CONSTRAINTS
"""The whole catalogue, as one consistent state."""


_COUNT: Final = "select jsonb_build_array('rows', {}, count(*)) from (select from only {}.{} limit {}) counted;\n"


def counts(tables: Iterable[tuple[int, str, str]]) -> str:
    """Return a query that counts rows of tables by (number, schema, name), each up to ``COUNTED_UP_TO``."""
    return "".join(_COUNT.format(number, _quoted(schema), _quoted(name), COUNTED_UP_TO) for number, schema, name in tables)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
