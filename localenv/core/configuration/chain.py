"""Tiers among each other: dropped ones are passed over, shapes are taken from the tier that is named for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from localenv.core.configuration.merge import Layer, Merged, Origin
from localenv.core.configuration.problems import Problem, nearest, raise_problems
from localenv.core.configuration.tier import TierProfile
from localenv.core.documents import Document, Path, dotted
from localenv.core.findings import Note

__all__ = ["complete_tiers", "order_tiers", "resolve_shapes"]

_SEPARATOR = " in "


def complete_tiers(merged: Merged) -> list[Note]:
    """Give every tier its name, and lead what refers to a dropped tier past it; tells what was led elsewhere."""
    tiers = merged.value.get("tiers")
    if not isinstance(tiers, dict):
        return []
    problems = [problem for name, tier in tiers.items() for problem in _name_tier(str(name), tier, merged)]
    raise_problems(problems)
    dropped = {path[1]: layer for path, layer in merged.removed.items() if len(path) == 2 and path[0] == "tiers"}  # noqa: PLR2004
    return [note for name in dropped for note in _pass_over(str(name), tiers, dropped, merged)]


def order_tiers(tiers: Mapping[str, TierProfile]) -> tuple[str, ...]:
    """Names along the chain: a tier follows the one that it comes after; others stand where they are declared."""
    ordered: list[str] = []
    waiting = list(tiers)
    while waiting:
        ready = [name for name in waiting if tiers[name].after not in waiting]
        following = next((name for name in ready if tiers[name].after is None), (ready or waiting)[0])
        ordered.append(following)
        waiting.remove(following)
    return tuple(ordered)


def resolve_shapes(
    tiers: Mapping[str, TierProfile], origins: Mapping[Path, Origin], where: Callable[[Path], str]
) -> tuple[dict[str, TierProfile], dict[Path, Origin]]:
    """Fill replicas and limits from ``shape_of`` where a tier states none; return the origins of what was filled.

    Raises ``InvalidInput`` for a tier that does not exist or takes its shape from itself.
    """
    raise_problems(list(_shape_problems(tiers, where)))
    resolved: dict[str, TierProfile] = {}
    inherited: dict[Path, Origin] = {}

    def resolve(name: str) -> TierProfile:
        if name not in resolved:
            tier = tiers[name]
            resolved[name] = _shaped(tier, resolve(tier.shape_of), {**origins, **inherited}, inherited) if tier.shape_of else tier
        return resolved[name]

    return {name: resolve(name) for name in tiers}, inherited


def _shaped(tier: TierProfile, model: TierProfile, origins: Mapping[Path, Origin], inherited: dict[Path, Origin]) -> TierProfile:
    def stated(*path: str) -> bool:
        return ("tiers", tier.tier, *path) in origins

    def take(*path: str) -> None:
        if (origin := origins.get(("tiers", model.tier, *path))) is not None:
            inherited["tiers", tier.tier, *path] = origin

    replicas = {**model.replicas, **tier.replicas}
    for service in replicas.keys() - tier.replicas.keys():
        take("replicas", service)
    limits: dict[str, Any] = {}
    for key in ("cpus", "memory"):
        if stated("limits", key):
            limits[key] = getattr(tier.limits, key)
        else:
            limits[key] = getattr(model.limits, key)
            take("limits", key)
    exposed = tier.exposed_replicas
    if not stated("exposed_replicas"):
        exposed = model.exposed_replicas
        take("exposed_replicas")
    return msgspec.structs.replace(
        tier, replicas=replicas, exposed_replicas=exposed, limits=msgspec.structs.replace(tier.limits, **limits)
    )


def _shape_problems(tiers: Mapping[str, TierProfile], where: Callable[[Path], str]) -> Iterator[Problem]:
    for name, tier in tiers.items():
        path: Path = ("tiers", name, "shape_of")
        if tier.shape_of is not None and tier.shape_of not in tiers:
            yield _unknown_tier(tier.shape_of, tiers, path, where)
        elif _returns(name, lambda each: tiers[each].shape_of if each in tiers else None):
            yield Problem(where=where(path), path=dotted(path), message=f"{name} takes its shape from itself")


def _unknown_tier(name: str, tiers: Mapping[str, TierProfile], path: Path, where: Callable[[Path], str]) -> Problem:
    close = nearest(name, tiers)
    return Problem(
        where=where(path),
        path=dotted(path),
        message=f"there is no tier {name!a}",
        hint=f"nearest: {close}" if close else f"tiers: {', '.join(tiers)}",
    )


def _returns(start: str, following: Callable[[str], str | None]) -> bool:
    """Whether following the links from ``start`` leads back to it."""
    seen: set[str] = set()
    step = following(start)
    while step is not None and step not in seen:
        if step == start:
            return True
        seen.add(step)
        step = following(step)
    return False


def _name_tier(name: str, tier: Any, merged: Merged) -> Iterator[Problem]:
    if not isinstance(tier, dict):
        return
    path: Path = ("tiers", name, "tier")
    said = tier.get("tier", name)
    if said != name:
        message = f"{said!a} is not the name of this tier"
        yield Problem(where=merged.where(path), path=dotted(path), message=message, hint=f"leave it out, or write {name}")
    tier["tier"] = name


def _pass_over(name: str, tiers: dict[Any, Any], dropped: Mapping[Any, Layer], merged: Merged) -> Iterator[Note]:
    """Lead ``after``, ``gates`` and ``shape_of`` of the remaining tiers past the dropped one."""
    before = _before(name, dropped, merged)
    reason = f"{name} is dropped"
    for other, tier in tiers.items():
        if not isinstance(tier, dict):
            continue
        for key, value, told in _led_past(tier, name, before):
            if value is None:
                tier.pop(key, None)
            else:
                tier[key] = value
            merged.layers["tiers", other, key] = Layer(kind="derived", value={}, document=Document(file=reason, value=None))
            yield Note(code="tier-dropped", message=f"{told.format(other)}, because {reason}")


def _led_past(tier: Mapping[str, Any], name: str, before: str | None) -> Iterator[tuple[str, Any, str]]:
    """What changes in a tier: key, new value, and what to tell."""
    if tier.get("after") == name:
        yield "after", before, f"{{}} comes after {before or 'no tier'}"
    if tier.get("shape_of") == name:
        yield "shape_of", None, "{} has its own shape"
    gates = tier.get("gates")
    if isinstance(gates, list | tuple) and any(_gate_tier(gate) == name for gate in gates):
        led = [gate for gate in (_led(gate, name, before) for gate in gates) if gate is not None]
        yield "gates", list(dict.fromkeys(led)), f"the gates of {{}} look at {before or 'no tier'}"


def _before(name: str, dropped: Mapping[Any, Layer], merged: Merged) -> str | None:
    """The nearest tier before a dropped one that is still there."""
    seen: set[str] = set()
    step: str | None = name
    while step is not None and step in dropped and step not in seen:
        seen.add(step)
        was = merged.taken.get(("tiers", step))
        step = was.get("after") if isinstance(was, dict) else None
    return step if step not in seen else None


def _gate_tier(gate: Any) -> str | None:
    return gate.partition(_SEPARATOR)[2] or None if isinstance(gate, str) else None


def _led(gate: str, dropped: str, before: str | None) -> str | None:
    if _gate_tier(gate) != dropped:
        return gate
    return f"{gate.partition(_SEPARATOR)[0]}{_SEPARATOR}{before}" if before else None
