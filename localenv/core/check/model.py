"""Checks a resolved model whole: every refusal at once, in the order in which a person reads the files."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from localenv.core.check.building import build_paths, check_build
from localenv.core.check.context import CheckContext, ServiceCheck, mapping
from localenv.core.check.devices import check_devices
from localenv.core.check.image_names import check_image_name
from localenv.core.check.known_keys import check_keys
from localenv.core.check.mounts import bind_sources, check_mounts
from localenv.core.check.namespaces import check_namespaces
from localenv.core.check.privileges import check_privileges
from localenv.core.check.top_level import check_top_level, declared_paths
from localenv.core.check.watching import check_watch, watched_paths
from localenv.core.configuration.settings import Grant
from localenv.core.findings import Note, Refusal
from localenv.core.grants import apply_grants, unused_grants
from localenv.values import dataclass

__all__ = ["Checked", "check", "in_order", "paths_of"]

_SERVICE_CHECKS: Final[tuple[ServiceCheck, ...]] = (
    check_privileges,
    check_devices,
    check_namespaces,
    check_mounts,
    check_build,
    check_image_name,
    check_watch,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What checking found."""

    refusals: tuple[Refusal, ...] = ()
    notes: tuple[Note, ...] = ()


def paths_of(model: Mapping[str, Any]) -> tuple[str, ...]:
    """Every path of the machine that the model leads to: what ``CheckContext.facts`` has to know."""
    found = list(declared_paths(model))
    for service in mapping(model.get("services")).values():
        for paths in (bind_sources, build_paths, watched_paths):
            found.extend(paths(mapping(service)))
    return tuple(dict.fromkeys(path for written in found for path in (written, posixpath.normpath(written))))


def check(
    model: Mapping[str, Any], context: CheckContext, *, also: Iterable[Refusal] = (), used: Iterable[Grant] = ()
) -> Checked:
    """Refusals that no grant allows, and a note for each grant that allows nothing.

    ``also``: refusals that were found otherwise; ``used``: grants that allowed something before.
    """
    grants = context.settings.grants
    granted = apply_grants((*also, *_refusals(model, context)), grants, context.directory, context.home)
    return Checked(
        refusals=in_order(granted.refusals),
        notes=unused_grants(grants, (*used, *granted.used)),
    )


def in_order(refusals: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """By file and line, each once."""
    once: list[Refusal] = []
    for refusal in refusals:
        if refusal not in once:
            once.append(refusal)
    return tuple(sorted(once, key=lambda refusal: (refusal.file or "~", refusal.line or 0, refusal.path)))


def _refusals(model: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    yield from check_keys(model, context)
    for name, service in mapping(model.get("services")).items():
        for check_one in _SERVICE_CHECKS:
            yield from check_one(name, mapping(service), context)
    yield from check_top_level(model, context)
