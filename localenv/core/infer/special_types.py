"""Formats for types that have few values worth making up: ranges, shapes, bits, vectors and an engine's own."""

from __future__ import annotations

import re
from typing import Final

from localenv.core.data.engines import DataEngine
from localenv.core.infer.guesses import Format
from localenv.core.infer.values import FROM, TO
from localenv.core.schema.model import Column

__all__ = ["other_format"]

_KNOWN: Final = {
    "xml": "<a/>", "tsvector": "", "tsquery": "a", "hstore": "", "point": "(1,1)", "box": "(1,1),(0,0)", "lseg": "[(0,0),(1,1)]",
    "path": "[(0,0),(1,1)]", "polygon": "((0,0),(1,0),(1,1))", "circle": "<(0,0),1>", "line": "{1,1,1}", "pg_lsn": "0/0",
    "txid_snapshot": "1:1:", "pg_snapshot": "1:1:", "jsonpath": "$", "cube": "(1)", "ltree": "top", "lquery": "*", "tid": "(0,1)",
    "regclass": "pg_class", "regtype": "text", "xid": "1", "cid": "1", "int2vector": "1", "oidvector": "1",
}  # fmt: skip
_SHAPES: Final = {
    "point": "POINT(13.4 52.5)", "geometry": "POINT(13.4 52.5)", "linestring": "LINESTRING(13 52,14 53)",
    "polygon": "POLYGON((13 52,14 52,14 53,13 52))", "multipoint": "MULTIPOINT(13 52)",
    "geometrycollection": "GEOMETRYCOLLECTION(POINT(13 52))",
    "multilinestring": "MULTILINESTRING((13 52,14 53))",
    "multipolygon": "MULTIPOLYGON(((13 52,14 52,14 53,13 52)))",
}  # fmt: skip
_GEOMETRY: Final = re.compile(r"geo(?:metry|graphy)(?:\((\w+)(?:,(\d+))?\))?")


def other_format(column: Column, engine: DataEngine, *, apart: bool) -> tuple[Format, str] | None:
    """A format for a type of the engine's own. ``apart``: values must not overlap, or must differ."""
    if engine != "postgresql" and column.kind != "bits":
        shape = _SHAPES.get(column.type.lower())
        return ({"constant": shape}, "one place on the map") if shape else None
    name = column.type.rpartition(".")[2].lower()
    if column.kind == "range":
        return _range(name, apart=apart)
    if column.kind == "bits":
        return {"pattern": f"[01]{{{column.length or 8}}}"}, ""
    if column.kind == "vector" and column.length:
        return {"constant": "[" + ",".join("1" if not place else "0" for place in range(column.length)) + "]"}, "one direction"
    return ({"template": "top.n{row}"}, "") if name == "ltree" and apart else _named_type(name)


def _named_type(name: str) -> tuple[Format, str] | None:
    if name in _KNOWN:
        return {"constant": _KNOWN[name]}, f"the plainest value of the type {name}"
    found = _GEOMETRY.fullmatch(name)
    shape = _SHAPES.get((found[1] or "geometry").removesuffix("z").removesuffix("m")) if found else None
    if found is None or shape is None:
        return None
    return {"constant": f"SRID={found[2]};{shape}" if found[2] else shape}, "one place on the map"


def _range(name: str, *, apart: bool) -> tuple[Format, str]:
    if "multirange" in name:
        return {"constant": "{}"}, "no range at all"
    if name in {"int4range", "int8range", "numrange"}:
        return ({"template": "[{row},{row}]"}, "none overlap") if apart else ({"constant": "[1,10)"}, "")
    if name in {"daterange", "tsrange", "tstzrange"}:
        if apart:
            return {"template": "[J246{row:04d},J246{row:04d}]"}, "days from 2023-02-25 on (Julian day numbers); none overlap"
        return {"constant": f"[{FROM},{TO})"}, ""
    return {"constant": "empty"}, "the empty range"
