"""Strict decoding: plain values against msgspec structs, with every error of a file at once and the place of each.

msgspec itself stops at the first error and gives a path without lines; it does the decoding, this module tells what
is wrong when it cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect as kinds

from localenv.core.configuration.problems import Problem, nearest, raise_problems
from localenv.core.documents import Document, Path, dotted
from localenv.core.typed import from_plain

__all__ = ["Locate", "decode", "find_problems"]

Decoded = TypeVar("Decoded")
Locate = Callable[[Path], str]
"""Tells ``file:line:column`` of a path."""
_SHOWN = 60
_Found = Iterator[tuple[Path, str, str | None]]


def decode(document: Document, wanted: type[Decoded]) -> Decoded:
    """The document as ``wanted``. Raises ``InvalidInput`` that names every problem with line, path and cure."""
    value = {} if document.value is None else document.value
    try:
        return from_plain(value, wanted)
    except msgspec.ValidationError as error:
        found = find_problems(value, wanted, document.where)
        raise_problems(found or [Problem(where=document.where(), path="", message=str(error))], what=document.file)
        raise


def find_problems(value: Any, wanted: Any, locate: Locate, *, partial: bool = False, at: Path = ()) -> list[Problem]:
    """Everything in ``value`` that does not fit ``wanted``.

    ``partial``: the value is laid over another, so keys may be missing and ``null`` takes a key away. Items of
    lists are whole even then, because lists are replaced and not merged.
    """
    return [
        Problem(where=locate(path), path=dotted(path), message=message, hint=hint)
        for path, message, hint in _walk(value, _kind(wanted), at, partial=partial)
    ]


@cache
def _kind(wanted: Any) -> kinds.Type:
    return kinds.type_info(wanted)


def _walk(value: Any, kind: kinds.Type, path: Path, *, partial: bool) -> _Found:
    if value is None and partial and path:
        return
    match kind:
        case kinds.Metadata():
            yield from _with_examples(value, kind, path, partial=partial)
        case kinds.UnionType():
            yield from _union(value, kind, path, partial=partial)
        case kinds.StructType():
            yield from _struct(value, kind, path, partial=partial)
        case kinds.DictType():
            yield from _dict(value, kind, path, partial=partial)
        case kinds.VarTupleType():
            yield from _list(value, kind, path)
        case _ if (message := _scalar(value, kind)) is not None:
            yield path, message, _scalar_hint(value, kind)


def _with_examples(value: Any, kind: kinds.Metadata, path: Path, *, partial: bool) -> _Found:
    examples = ", ".join(map(str, (kind.extra_json_schema or {}).get("examples", ())))
    for at, message, hint in _walk(value, kind.type, path, partial=partial):
        yield at, message, hint or (f"examples: {examples}" if examples else None)


def _union(value: Any, kind: kinds.UnionType, path: Path, *, partial: bool) -> _Found:
    """One of several kinds: the problems with the one that comes closest."""
    tried = [list(_walk(value, each, path, partial=partial)) for each in kind.types if not isinstance(each, kinds.NoneType)]
    optional = any(isinstance(each, kinds.NoneType) for each in kind.types)
    if (value is None and optional) or not all(tried):
        return
    deepest = max(tried, key=lambda found: max(len(at) for at, _, _ in found))
    yield from deepest


def _struct(value: Any, kind: kinds.StructType, path: Path, *, partial: bool) -> _Found:
    if not isinstance(value, Mapping):
        yield path, f"expected a mapping, got {_described(value)}", None
        return
    fields = {field.encode_name: field for field in kind.fields}
    for key, inner in value.items():
        if (field := fields.get(key)) is not None:
            yield from _walk(inner, field.type, (*path, key), partial=partial)
        else:
            yield (*path, str(key)), "unknown key", _key_hint(str(key), fields)
    if not partial:
        for name, field in fields.items():
            if field.required and name not in value:
                yield path, f"the key {name!r} is missing", None


def _dict(value: Any, kind: kinds.DictType, path: Path, *, partial: bool) -> _Found:
    if not isinstance(value, Mapping):
        yield path, f"expected a mapping, got {_described(value)}", None
        return
    for key, inner in value.items():
        if isinstance(key, str):
            yield from _walk(inner, kind.value_type, (*path, key), partial=partial)
        else:
            yield (*path, str(key)), f"a key must be text, this one is {_described(key)}", "write it in quotes"


def _list(value: Any, kind: kinds.VarTupleType, path: Path) -> _Found:
    if not isinstance(value, list | tuple):
        yield path, f"expected a list, got {_described(value)}", "write it in brackets: [...]"
        return
    for index, item in enumerate(value):
        yield from _walk(item, kind.item_type, (*path, index), partial=False)


def _scalar(value: Any, kind: kinds.Type) -> str | None:
    """What is wrong with one value, or ``None``."""
    match kind:
        case kinds.AnyType():
            return None
        case kinds.LiteralType():
            return None if value in kind.values else f"expected one of {_choices(kind)}, got {_shown(value)}"
        case kinds.BoolType():
            return None if isinstance(value, bool) else f"expected true or false, got {_shown(value)}"
        case kinds.IntType() | kinds.FloatType():
            return _number(value, kind)
        case kinds.StrType():
            return _text(value, kind)
        case _:
            return f"cannot be {_described(value)}"


def _number(value: Any, kind: kinds.IntType | kinds.FloatType) -> str | None:
    whole = isinstance(kind, kinds.IntType)
    accepted = int if whole else (int, float)
    wanted = f"a {'whole ' if whole else ''}number{_range(kind)}"
    if isinstance(value, bool) or not isinstance(value, accepted):
        return f"expected {wanted}, got {_shown(value)}"
    inside = (kind.ge is None or value >= kind.ge) and (kind.gt is None or value > kind.gt)
    inside = inside and (kind.le is None or value <= kind.le)
    return None if inside else f"expected {wanted}, got {value}"


def _range(kind: kinds.IntType | kinds.FloatType) -> str:
    low = f" from {kind.ge}" if kind.ge is not None else f" above {kind.gt:g}" if kind.gt is not None else ""
    return low + (f" to {kind.le:g}" if kind.le is not None else "")


def _text(value: Any, kind: kinds.StrType) -> str | None:
    if not isinstance(value, str):
        return f"expected text, got {_described(value)}"
    try:
        msgspec.convert(value, _exact(kind.pattern, kind.min_length, kind.max_length))
    except msgspec.ValidationError:
        return f"{_shown(value)} cannot be used here"
    return None


@cache
def _exact(pattern: str | None, shortest: int | None, longest: int | None) -> Any:
    from typing import Annotated

    return Annotated[str, msgspec.Meta(pattern=pattern, min_length=shortest, max_length=longest)]


def _scalar_hint(value: Any, kind: kinds.Type) -> str | None:
    if isinstance(kind, kinds.StrType) and not isinstance(value, str | list | tuple | Mapping | None):
        return "write it in quotes"
    if isinstance(kind, kinds.LiteralType) and isinstance(value, str):
        close = nearest(value, [str(each) for each in kind.values])
        return f"nearest: {close}" if close else None
    return None


def _key_hint(key: str, fields: Mapping[str, Any]) -> str:
    close = nearest(key, fields)
    return f"nearest: {close}" if close else f"known: {', '.join(fields)}"


def _choices(kind: kinds.LiteralType) -> str:
    return ", ".join(str(each) for each in kind.values)


def _shown(value: Any) -> str:
    """A value as such, where it is a choice or a number and so no secret."""
    if not isinstance(value, str):
        return _described(value)
    return ascii(value if len(value) <= _SHOWN else f"{value[: _SHOWN - 3]}...")


def _described(value: Any) -> str:
    """The kind of a value in a person's words, without the value, which may be a secret."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list() | tuple():
            return "a list"
        case Mapping():
            return "a mapping"
        case _:
            return f"a {type(value).__name__}"
