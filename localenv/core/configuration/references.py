"""What a strict type cannot say: names that must exist, chains without circles, names that become hostnames."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from localenv.core.configuration.checks import check_problems, services_of_checks
from localenv.core.configuration.domains import domain_problem
from localenv.core.configuration.problems import Problem, nearest
from localenv.core.configuration.settings import Expose, Settings
from localenv.core.configuration.tier import TierProfile
from localenv.core.documents import Path, dotted
from localenv.core.names import checked_slug
from localenv.errors import InvalidInput

__all__ = ["check_references", "has_template"]

_Where = Callable[[Path], str]
_SERVICE = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,253}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,253}")
_GATE = re.compile(r"(?:healthy|checks|approved)(?: in (?P<tier>.+))?")
_TEMPLATE = re.compile(r"\{[{%#]")
_HTTP = {"http", "https"}


def has_template(text: str) -> bool:
    """Whether ``text`` has any mark of Jinja2."""
    return _TEMPLATE.search(text) is not None


def check_references(settings: Settings, where: _Where, profiles: Collection[str] | None) -> Iterator[Problem]:
    """Every reference and name in ``settings`` that does not hold. ``where`` gives the place of a path."""
    found = (
        *_names(settings),
        *_domain(settings),
        *_compose_files(settings),
        *_exposures(settings.expose),
        *check_problems(settings.checks),
        *_environments(settings),
        *_chain(settings.tiers),
        *_gates(settings),
        *_profiles(settings, profiles),
        *_templates(settings),
    )
    for path, message, hint in found:
        yield Problem(where=where(path), path=dotted(path), message=message, hint=hint)


_Found = Iterator[tuple[Path, str, str | None]]


def _names(settings: Settings) -> _Found:
    slugs: list[tuple[Path, str]] = [(("project",), settings.project)]
    slugs += [(("environments", name), name) for name in settings.environments]
    slugs += [(("tiers", name), name) for name in settings.tiers]
    for path, name in slugs:
        try:
            checked_slug(name, what=f"a{'n' if path[0] == 'environments' else ''} {str(path[0]).removesuffix('s')}")
        except InvalidInput as error:
            yield path, error.message, error.hints[0] if error.hints else None
    services: list[tuple[Path, str]] = [(("expose", name), name) for name in settings.expose]
    services += services_of_checks(settings.checks)
    services += [(("checks", name), name) for name in settings.checks]
    services += [(("volumes", name), name) for name in settings.volumes]
    services += [(("tiers", tier.tier, "replicas", name), name) for tier in settings.tiers.values() for name in tier.replicas]
    for path, name in services:
        if not _SERVICE.fullmatch(name):
            yield path, f"{name!a} cannot be a name here", "allowed: letters, digits, '.', '_' and '-'"
    yield from _variable_names(settings)


def _variable_names(settings: Settings) -> _Found:
    groups: list[tuple[Path, Mapping[str, object]]] = [(("variables",), settings.variables), (("secrets",), settings.secrets)]
    groups += [(("tiers", tier.tier, "variables"), tier.variables) for tier in settings.tiers.values()]
    for path, group in groups:
        for name, value in group.items():
            if not _VARIABLE.fullmatch(name):
                yield (*path, name), f"{name!a} cannot be the name of a variable", "allowed: letters, digits and '_'"
            if isinstance(value, str) and "\0" in value:
                yield (*path, name), "a variable cannot hold a NUL character", None


def _domain(settings: Settings) -> _Found:
    if (problem := domain_problem(settings.domain)) is not None:
        yield ("domain",), problem, "try: localhost"


def _compose_files(settings: Settings) -> _Found:
    for index, file in enumerate(settings.compose):
        if not file or "\0" in file or file.startswith(("/", "~")) or ".." in file.split("/") or "://" in file:
            yield (
                ("compose", index),
                f"{file!a} is not a file inside the project",
                "write: a path relative to localenv.yaml, without ..",
            )


def _exposures(exposures: Mapping[str, Expose]) -> _Found:
    primary = [name for name, expose in exposures.items() if expose.primary]
    for name in primary[1:]:
        yield ("expose", name, "primary"), f"{primary[0]} is primary already", "leave it out of one of the two"
    for name, expose in exposures.items():
        http = expose.protocol in _HTTP
        if expose.primary and not http:
            yield ("expose", name, "primary"), f"a service with protocol {expose.protocol} cannot be primary", None
        if not http and (expose.ports or expose.host_header or expose.path != "/"):
            yield ("expose", name), f"ports, host_header and path mean nothing with protocol {expose.protocol}", None
        if len(set(expose.ports)) < len(expose.ports) or expose.port in expose.ports:
            yield ("expose", name, "ports"), "a port is there twice", None


def _environments(settings: Settings) -> _Found:
    for name, environment in settings.environments.items():
        path = ("environments", name, "tier")
        if environment.tier not in settings.tiers:
            yield path, f"there is no tier {environment.tier!a}", _nearest(environment.tier, settings.tiers)
        elif name in settings.tiers and environment.tier != name:
            yield path, f"{name} is the name of a tier, so its tier is {name}", None


def _chain(tiers: Mapping[str, TierProfile]) -> _Found:
    for name, tier in tiers.items():
        path = ("tiers", name, "after")
        if tier.after is not None and tier.after not in tiers:
            yield path, f"there is no tier {tier.after!a}", _nearest(tier.after, tiers)
            continue
        seen = [name]
        step = tier.after
        while step is not None and step in tiers and step not in seen:
            seen.append(step)
            step = tiers[step].after
        if step == name:
            yield path, f"the chain of tiers is a circle: {' after '.join([*seen, name])}", None


def _gates(settings: Settings) -> _Found:
    for name, tier in settings.tiers.items():
        for index, gate in enumerate(tier.gates):
            path = ("tiers", name, "gates", index)
            match = _GATE.fullmatch(gate)
            if match is None and gate not in settings.checks:
                yield (
                    path,
                    f"{gate!a} is no gate",
                    "gates: healthy, checks, healthy in TIER, approved in TIER, or the name of a check",
                )
            elif match is not None and match["tier"] is not None and match["tier"] not in settings.tiers:
                yield path, f"there is no tier {match['tier']!a}", _nearest(match["tier"], settings.tiers)


def _profiles(settings: Settings, profiles: Collection[str] | None) -> _Found:
    named: list[tuple[Path, str | None]] = [(("data",), settings.data)]
    named += [(("environments", name, "data"), each.data) for name, each in settings.environments.items()]
    named += [(("tiers", name, "data", "profile"), tier.data.profile) for name, tier in settings.tiers.items()]
    for path, profile in named:
        if profile is None or profiles is None or has_template(profile):
            continue
        if profile not in profiles:
            hint = f"{_nearest(profile, profiles)}; it would be profiles/data/{profile}.yaml"
            yield path, f"there is no data profile {profile!a}", hint


def _templates(settings: Settings) -> _Found:
    """Jinja2 where it is not for: nothing of it may reach the router or a name."""
    for path, text in _plain_texts(settings):
        if has_template(text):
            yield path, "templates are for a tier's variables, data.profile and compose_profiles only", None


def _plain_texts(settings: Settings) -> Iterator[tuple[Path, str]]:
    for name, expose in settings.expose.items():
        yield ("expose", name, "path"), expose.path
    yield from ((("compose", index), file) for index, file in enumerate(settings.compose))
    if settings.data is not None:
        yield ("data",), settings.data
    for name, environment in settings.environments.items():
        if environment.data is not None:
            yield ("environments", name, "data"), environment.data
    for name, tier in settings.tiers.items():
        yield ("tiers", name, "purpose"), tier.purpose


def _nearest(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = nearest(word, names)
    return f"nearest: {close}" if close else f"known: {', '.join(names) or 'none'}"
