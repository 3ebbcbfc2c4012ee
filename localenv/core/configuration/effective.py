"""The effective configuration of a project: layers merged, tiers resolved, references checked, origins kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

import msgspec

from localenv.core.configuration.chain import complete_tiers, order_tiers, resolve_shapes
from localenv.core.configuration.decode import find_problems
from localenv.core.configuration.merge import Layer, Merged, Origin, merge
from localenv.core.configuration.problems import Problem, raise_problems
from localenv.core.configuration.references import check_references
from localenv.core.configuration.settings import Settings
from localenv.core.configuration.template_fields import template_problems
from localenv.core.configuration.tier import TierProfile
from localenv.core.documents import Document, Path
from localenv.core.findings import Note
from localenv.core.typed import from_plain
from localenv.values import dataclass

__all__ = ["Effective", "Layers", "effective"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """Everything that says something about a project, from the weakest to the strongest."""

    project: str
    """Its name when no file gives one: a slug."""
    project_origin: str
    """What that name was taken from: ``the directory's name``."""
    shipped_tiers: Mapping[str, Document] = field(default_factory=dict)
    """By the file's name without its ending."""
    own_tiers: Mapping[str, Document] = field(default_factory=dict)
    """The project's ``profiles/tiers/*.yaml``."""
    settings: Document | None = None
    """localenv.yaml."""
    command_line: Mapping[str, Any] = field(default_factory=dict)
    """Options that stand for keys, nested as in localenv.yaml."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """The configuration as it counts, and where each value came from."""

    settings: Settings
    origins: Mapping[Path, Origin]
    """By path into the settings; what is missing is a default."""
    notes: tuple[Note, ...] = ()

    def origin(self, path: Path) -> Origin:
        """Origin of the value at ``path``."""
        return self.origins.get(path, Origin(kind="default"))


def effective(layers: Layers, *, profiles: Collection[str] | None = None) -> Effective:
    """Merge and check everything. ``profiles``: names of the data profiles that exist; ``None`` leaves them unchecked.

    Raises ``InvalidInput`` that names every problem of every file.
    """
    stack = list(_stack(layers))
    raise_problems([problem for layer in stack for problem in _layer_problems(layer)])
    merged = merge(stack)
    notes = complete_tiers(merged)
    settings = _decoded(merged)
    origins = {path: merged.origin(path) for path in (*merged.layers, *merged.removed)}
    tiers, inherited = resolve_shapes(settings.tiers, origins, merged.where)
    settings = msgspec.structs.replace(settings, tiers={name: tiers[name] for name in order_tiers(tiers)})
    raise_problems([*check_references(settings, merged.where, profiles), *template_problems(settings, merged.where)])
    return Effective(settings=settings, origins={**origins, **inherited}, notes=tuple(notes))


def _stack(layers: Layers) -> Iterator[Layer]:
    yield Layer(kind="derived", value={"project": layers.project}, document=Document(file=layers.project_origin, value=None))
    for name, document in layers.shipped_tiers.items():
        yield _layer("shipped", document, ("tiers", name))
    for name, document in layers.own_tiers.items():
        yield _layer("project", document, ("tiers", name))
    if layers.settings is not None:
        yield _layer("project", layers.settings, ())
    if layers.command_line:
        yield Layer(kind="command-line", value=layers.command_line)


def _layer(kind: Any, document: Document, prefix: Path) -> Layer:
    value = {} if document.value is None else document.value
    if not isinstance(value, Mapping):
        raise_problems([Problem(where=document.where(), path="", message="the file must be a mapping of keys to values")])
    return Layer(kind=kind, value=value, document=document, prefix=prefix)


def _layer_problems(layer: Layer) -> Sequence[Problem]:
    """What is wrong with a layer by itself, so that nothing hides below a stronger one."""
    if layer.kind == "derived":
        return ()
    locate = layer.document.where if layer.document else lambda _: "command line"
    return find_problems(layer.value, TierProfile if layer.prefix else Settings, locate, partial=True)


def _decoded(merged: Merged) -> Settings:
    try:
        return from_plain(merged.value, Settings)
    except msgspec.ValidationError as error:
        raise_problems(
            find_problems(merged.value, Settings, merged.where) or [Problem(where=merged.where(()), path="", message=str(error))]
        )
        raise
