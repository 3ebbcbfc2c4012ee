"""Reading and changing the resolved model without mutating it: every change makes a new mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from localenv.core.findings import Note
from localenv.core.names import slugify
from localenv.core.wanted import Model, Rewritten

__all__ = [
    "Change",
    "Service",
    "each_service",
    "escaped",
    "items",
    "mapping",
    "services",
    "text_list",
    "unescaped",
    "unique_slugs",
    "with_service",
    "with_top",
    "without",
]

Service = dict[str, Any]
Change = tuple[Service, tuple[Note, ...]]


def services(model: Model) -> Iterator[tuple[str, Service]]:
    """Services by name, in the model's order."""
    yield from mapping(model, "services").items()


def mapping(parent: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The mapping at ``key``; empty when it is absent or null, as Compose prints both."""
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def items(parent: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The list of mappings at ``key`` (the long form, which ``config`` always prints)."""
    value = parent.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_list(value: object) -> tuple[str, ...]:
    """A list of texts, or one text, as a tuple."""
    if isinstance(value, str):
        return (value,)
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()


def without(parent: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The mapping less these keys."""
    return {key: value for key, value in parent.items() if key not in keys}


def with_service(draft: Rewritten, name: str, service: Service) -> Rewritten:
    """The draft with one service replaced."""
    return with_top(draft, "services", {**mapping(draft.model, "services"), name: service})


def with_top(draft: Rewritten, key: str, value: Mapping[str, Any]) -> Rewritten:
    """The draft with a top-level key replaced, or dropped when nothing stands under it."""
    model = {**draft.model, key: dict(value)} if value else without(draft.model, key)
    return replace(draft, model=model)


def each_service(draft: Rewritten, change: Callable[[str, Service], Change]) -> Rewritten:
    """Put every service through ``change`` and collect what it tells."""
    changed: dict[str, Service] = {}
    notes: list[Note] = []
    for name, service in services(draft.model):
        changed[name], told = change(name, service)
        notes.extend(told)
    return replace(with_top(draft, "services", changed), notes=(*draft.notes, *notes))


def escaped(text: str) -> str:
    """Text as it must stand in a file that Compose interpolates (Compose specification, interpolation)."""
    return text.replace("$", "$$")


def unescaped(text: str) -> str:
    """A value of the resolved model as the container gets it."""
    return text.replace("$$", "$")


def unique_slugs(names: Iterable[str]) -> dict[str, str]:
    """A slug for each name; names that slug alike all carry a hash, so that none depends on the others' order."""
    wanted = sorted(set(names))
    plain = {name: slugify(name) for name in wanted}
    meeting = {slug for slug in plain.values() if list(plain.values()).count(slug) > 1}
    return {name: slugify(name, unique=True) if slug in meeting else slug for name, slug in plain.items()}
