"""Laying configuration over configuration: mappings merge, lists are replaced, ``null`` takes away.

Every value of the result remembers the layer that it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from localenv.core.documents import Document, Path

__all__ = ["Layer", "Merged", "Origin", "merge"]

OriginKind = Literal["default", "shipped", "project", "command-line", "derived"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a value came from."""

    kind: OriginKind
    where: str | None = None
    """``file:line:column``, or what it was derived from."""

    @property
    def text(self) -> str:
        """For people: ``localenv.yaml:9``, ``default``, ``command line``."""
        match self.kind:
            case "default" | "derived":
                return self.where or "default"
            case "command-line":
                return "command line"
            case "shipped":
                return f"{_line(self.where)} (shipped)"
            case "project":
                return _line(self.where)

    @property
    def is_override(self) -> bool:
        """Whether the project or its user said it."""
        return self.kind in {"project", "command-line"}


DEFAULT = Origin(kind="default")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One source of values, from the weakest to the strongest when merged."""

    kind: OriginKind
    value: Mapping[Any, Any]
    document: Document | None = None
    prefix: Path = ()
    """Where in the whole it belongs: a tier's file below ``("tiers", "staging")``."""

    def origin(self, path: Path) -> Origin:
        """Origin of the value at ``path`` of the whole."""
        if self.document is None:
            return Origin(kind=self.kind)
        return Origin(kind=self.kind, where=self.document.where(path[len(self.prefix) :]))


@dataclass(slots=True, kw_only=True)
class Merged:
    """The merged mapping while it is being made, and the layer of each path that a layer set."""

    value: dict[Any, Any] = field(default_factory=dict)
    layers: dict[Path, Layer] = field(default_factory=dict)
    removed: dict[Path, Layer] = field(default_factory=dict)
    """Paths that ``null`` took away, by the layer that did."""
    taken: dict[Path, Any] = field(default_factory=dict)
    """What stood at those paths before."""

    def origin(self, path: Path) -> Origin:
        """Origin of exactly this path; a value that no layer set is a default."""
        layer = self.layers.get(path) or self.removed.get(path)
        return layer.origin(path) if layer else DEFAULT

    def where(self, path: Path) -> str:
        """Place of ``path`` for an error: its own, or its nearest ancestor's."""
        for length in range(len(path), 0, -1):
            if (layer := self.layers.get(path[:length])) is not None:
                return layer.origin(path).where or "command line"
        return "localenv.yaml"


def merge(layers: Iterable[Layer]) -> Merged:
    """All layers in one, the last one winning."""
    merged = Merged()
    for layer in layers:
        base = merged.value
        for length, key in enumerate(layer.prefix, start=1):
            base = _mapping_at(base, key, layer.prefix[:length], layer, merged)
        _overlay(base, layer.value, layer.prefix, layer, merged)
    return merged


def _overlay(base: dict[Any, Any], value: Mapping[Any, Any], path: Path, layer: Layer, merged: Merged) -> None:
    for key, inner in value.items():
        at = (*path, key)
        if isinstance(inner, Mapping):
            _overlay(_mapping_at(base, key, at, layer, merged), inner, at, layer, merged)
            continue
        _forget(at, base.get(key), merged)
        if inner is None:
            merged.taken[at] = base.pop(key, None)
            merged.removed[at] = layer
        else:
            base[key] = inner
            merged.layers[at] = layer


def _mapping_at(base: dict[Any, Any], key: Any, at: Path, layer: Layer, merged: Merged) -> dict[Any, Any]:
    """The mapping at ``key``, made when something else or nothing is there."""
    if not isinstance(base.get(key), dict):
        _forget(at, None, merged)
        base[key] = {}
    merged.layers[at] = layer
    inner: dict[Any, Any] = base[key]
    return inner


def _forget(at: Path, value: Any, merged: Merged) -> None:
    """Forget where ``value``, about to be replaced at ``at``, came from."""
    for known in (merged.layers, merged.removed):
        known.pop(at, None)
        if isinstance(value, dict):
            for path in [path for path in known if path[: len(at)] == at]:
                del known[path]


def _line(where: str | None) -> str:
    """``file:line`` of ``file:line:column``."""
    file, *place = (where or "").rsplit(":", 2)
    return f"{file}:{place[0]}" if place else file
