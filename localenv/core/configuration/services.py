"""Names in localenv.yaml that only the Compose file can confirm."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from localenv.core.configuration.checks import services_of_checks
from localenv.core.configuration.problems import Problem, nearest
from localenv.core.configuration.settings import Settings
from localenv.core.documents import Path, dotted

__all__ = ["check_services"]


def check_services(
    settings: Settings, *, services: Collection[str], volumes: Collection[str], where: Callable[[Path], str]
) -> Iterator[Problem]:
    """Every service and volume that ``settings`` names and the Compose file does not have.

    ``services`` are those of all profiles: a resolved model lacks the ones whose profile is not active.
    """
    for path, name in _services(settings):
        if name not in services:
            yield _unknown("service", name, services, path, where)
    for name in settings.volumes:
        if name not in volumes:
            yield _unknown("volume", name, volumes, ("volumes", name), where)


def _services(settings: Settings) -> Iterator[tuple[Path, str]]:
    for name in settings.expose:
        yield ("expose", name), name
    yield from services_of_checks(settings.checks)
    for index, grant in enumerate(settings.grants):
        if grant.service is not None:
            yield ("grants", index, "service"), grant.service
    for tier in settings.tiers.values():
        for name in tier.replicas:
            yield ("tiers", tier.tier, "replicas", name), name


def _unknown(what: str, name: str, known: Collection[str], path: Path, where: Callable[[Path], str]) -> Problem:
    close = nearest(name, known)
    hint = f"nearest: {close}" if close else f"known: {', '.join(sorted(known)) or 'none'}"
    return Problem(where=where(path), path=dotted(path), message=f"the Compose file has no {what} {name[:80]!a}", hint=hint)
