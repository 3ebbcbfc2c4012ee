"""The tiers of a project side by side: tiers as columns, rules as rows, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localenv.core.configuration.effective import Effective
from localenv.core.configuration.merge import Origin
from localenv.core.configuration.sensitive import shown_value
from localenv.core.configuration.tier import Guards, TierProfile
from localenv.core.documents import Path

__all__ = ["TierCell", "TierRow", "TiersTable", "tiers_table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierCell:
    """What one tier says to one rule."""

    text: str
    value: Any
    """The same as plain values, as the files have it."""
    overridden: bool
    """Whether the project says something else than what ships."""
    where: str | None = None
    """Where the project says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRow:
    """One rule across all tiers."""

    key: str
    """Stable, for scripts."""
    title: str
    cells: tuple[TierCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TiersTable:
    """All rules of all tiers, the chain in order."""

    project: str | None
    """``None`` where there is no project: the tiers as they ship."""
    tiers: tuple[str, ...]
    rows: tuple[TierRow, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    key: str
    title: str
    paths: tuple[Path, ...]
    text: Callable[[TierProfile], str]
    value: Callable[[TierProfile], Any]


def tiers_table(effective: Effective, *, project: str | None = None) -> TiersTable:
    """Tabulate ``effective``. Rows that no tier has anything to say to are left out."""
    tiers = effective.settings.tiers
    rows = tuple(
        TierRow(key=rule.key, title=rule.title, cells=tuple(_cell(rule, tier, effective) for tier in tiers.values()))
        for rule in _RULES
        if rule.key not in _OPTIONAL or any(rule.text(tier) != "-" for tier in tiers.values())
    )
    return TiersTable(project=project, tiers=tuple(tiers), rows=rows)


def _cell(rule: _Rule, tier: TierProfile, effective: Effective) -> TierCell:
    origin = _override(rule, tier, effective)
    text = rule.text(tier)
    value = rule.value(tier)
    if rule.key == "data_profile" and tier.data.profile is None and effective.settings.data is not None:
        text = value = effective.settings.data
        origin = effective.origin(("data",))
    return TierCell(text=text, value=value, overridden=origin is not None, where=origin.where if origin else None)


def _override(rule: _Rule, tier: TierProfile, effective: Effective) -> Origin | None:
    for path in rule.paths:
        full = ("tiers", tier.tier, *path)
        for known, origin in effective.origins.items():
            if origin.is_override and known[: len(full)] == full and _is_leaf(known, effective):
                return origin
    return None


def _is_leaf(path: Path, effective: Effective) -> bool:
    """A mapping's own origin tells of its last writer only, who may have changed one key of many."""
    return not any(len(other) > len(path) and other[: len(path)] == path for other in effective.origins)


def _source(tier: TierProfile) -> str:
    texts = {"worktree": "the working tree", "branch": "a branch in its own worktree"}
    return texts.get(tier.source, f"a release from {tier.after}" if tier.after else "a release")


def _binds(tier: TierProfile) -> str:
    return {"live": "live", "worktree": "of that worktree", "captured": "captured in volumes"}[tier.binds]


def _shape(tier: TierProfile) -> str:
    named = [f"{service} {count}" for service, count in sorted(tier.replicas.items())]
    if tier.exposed_replicas:
        named.append(f"exposed {tier.exposed_replicas}")
    stated = ", ".join(named) or "as the Compose file says"
    return f"as {tier.shape_of}: {stated}" if tier.shape_of else stated


def _limits(tier: TierProfile) -> str:
    parts = [f"{tier.limits.cpus:g} CPU" if tier.limits.cpus else "", tier.limits.memory or ""]
    return ", ".join(filter(None, parts)) or "none"


def _lifetime(tier: TierProfile) -> str:
    text = tier.lifetime.ttl or "until removed"
    return text if tier.lifetime.bulk_removal else f"{text}, never in bulk"


def _guards(tier: TierProfile) -> str:
    words = {"ask": "ask before", "typed": "type the name before"}
    groups = {word: [key for key in _GUARDED if getattr(tier.guards, key) == guard] for guard, word in words.items()}
    texts = [f"{word} {', '.join(keys)}" for word, keys in groups.items() if keys]
    if tier.guards.reason:
        texts.append("with a reason")
    return "; ".join(texts) or "none"


def _variables(tier: TierProfile) -> dict[str, str]:
    return {name: shown_value(name, value) for name, value in tier.variables.items()}


def _guard_values(guards: Guards) -> dict[str, Any]:
    return {**{key: getattr(guards, key) for key in _GUARDED}, "reason": guards.reason}


_GUARDED = ("destroy", "reset", "restore", "exec")
_OPTIONAL = {"compose_profiles", "variables"}
_RULES = (
    _Rule("purpose", "for", (("purpose",),), lambda tier: tier.purpose, lambda tier: tier.purpose),
    _Rule("after", "comes after", (("after",),), lambda tier: tier.after or "-", lambda tier: tier.after),
    _Rule("source", "code from", (("source",),), _source, lambda tier: tier.source),
    _Rule("binds", "source binds", (("binds",),), _binds, lambda tier: tier.binds),
    _Rule(
        "compose_override",
        "compose.override.yaml",
        (("compose_override",),),
        lambda tier: "applies" if tier.compose_override else "does not apply",
        lambda tier: tier.compose_override,
    ),
    _Rule(
        "compose_profiles",
        "Compose profiles",
        (("compose_profiles",),),
        lambda tier: ", ".join(tier.compose_profiles) or "-",
        lambda tier: list(tier.compose_profiles),
    ),
    _Rule(
        "data_allowed",
        "data allowed",
        (("data", "allowed"),),
        lambda tier: ", ".join(tier.data.allowed) or "none",
        lambda tier: list(tier.data.allowed),
    ),
    _Rule("data_profile", "data profile", (("data", "profile"),), lambda t: t.data.profile or "-", lambda t: t.data.profile),
    _Rule(
        "shape",
        "replicas",
        (("shape_of",), ("replicas",), ("exposed_replicas",)),
        _shape,
        lambda tier: {
            "shape_of": tier.shape_of,
            "replicas": dict(tier.replicas),
            "exposed_replicas": tier.exposed_replicas,
        },
    ),
    _Rule(
        "limits",
        "limits",
        (("limits",),),
        _limits,
        lambda tier: {"cpus": tier.limits.cpus, "memory": tier.limits.memory},
    ),
    _Rule("rollout", "rollout", (("rollout",),), lambda tier: tier.rollout, lambda tier: tier.rollout),
    _Rule("gates", "gates", (("gates",),), lambda tier: ", ".join(tier.gates) or "none", lambda tier: list(tier.gates)),
    _Rule(
        "lifetime",
        "lifetime",
        (("lifetime",),),
        _lifetime,
        lambda tier: {"ttl": tier.lifetime.ttl, "bulk_removal": tier.lifetime.bulk_removal},
    ),
    _Rule("guards", "guards", (("guards",),), _guards, lambda tier: _guard_values(tier.guards)),
    _Rule(
        "host_ports",
        "host ports",
        (("host_ports",),),
        lambda tier: "as the Compose file says" if tier.host_ports else "become names",
        lambda tier: tier.host_ports,
    ),
    _Rule("variables", "variables", (("variables",),), lambda tier: ", ".join(tier.variables) or "-", _variables),
)
