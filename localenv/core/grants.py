"""Grants: leave that a person gave in localenv.yaml for what is refused otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from localenv.core.configuration.settings import Grant
from localenv.core.findings import Note, Refusal
from localenv.core.paths import absolute
from localenv.values import dataclass

__all__ = ["Granted", "apply_grants", "unused_grants"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """Refusals after the grants."""

    refusals: tuple[Refusal, ...]
    """Those that no grant allows."""
    used: tuple[Grant, ...]
    """Grants that allowed something."""


def apply_grants(refusals: Iterable[Refusal], grants: tuple[Grant, ...], directory: str, home: str = "") -> Granted:
    """Leave out what is granted. A grant names service and key, and the value where the refusal has one.

    Paths in a grant count from ``directory``, the project's.
    """
    left: list[Refusal] = []
    used: list[Grant] = []
    for refusal in refusals:
        fitting = [grant for grant in grants if _fits(grant, refusal, directory, home)]
        wanted = _values(refusal.grant_value, directory, home)
        given = {value for grant in fitting for value in _values(grant.value, directory, home)}
        if fitting and wanted <= given:
            used.extend(grant for grant in fitting if grant not in used)
        else:
            left.append(refusal)
    return Granted(refusals=tuple(left), used=tuple(used))


def unused_grants(grants: tuple[Grant, ...], used: Iterable[Grant]) -> tuple[Note, ...]:
    """One note for each grant that allowed nothing: it is out of date, or does not say what was meant."""
    effective = tuple(used)
    return tuple(
        Note(
            code="unused-grant",
            service=grant.service,
            message=f"the grant for {grant.key} allows nothing: the Compose file asks for no such thing",
        )
        for grant in grants
        if grant not in effective
    )


def _fits(grant: Grant, refusal: Refusal, directory: str, home: str) -> bool:
    if refusal.grant_key is None or (grant.service, grant.key) != (refusal.service, refusal.grant_key):
        return False
    if refusal.grant_value is None:
        return True
    return bool(_values(grant.value, directory, home) & _values(refusal.grant_value, directory, home))


def _values(value: Any, directory: str, home: str) -> frozenset[str]:
    if value is None:
        return frozenset()
    parts = value if isinstance(value, (list, tuple)) else (value,)
    return frozenset(_normal(str(part), directory, home) for part in parts)


def _normal(text: str, directory: str, home: str) -> str:
    return absolute(text, directory, home) if text.startswith((".", "/", "~")) else text
