"""Which tier and which data an environment has, by its name."""

from __future__ import annotations

from localenv.core.configuration.problems import nearest
from localenv.core.configuration.references import has_template
from localenv.core.configuration.settings import Settings
from localenv.core.configuration.tier import TierProfile
from localenv.core.documents import dotted
from localenv.core.names import checked_slug
from localenv.errors import InvalidInput

__all__ = ["environment_settings", "find_tier", "has_tier", "tier_left_to"]


def environment_settings(
    settings: Settings, name: str, tier: str | None = None, data: str | None = None
) -> tuple[TierProfile, str | None]:
    """Tier profile and data profile of the environment ``name``.

    A name that is a tier's has that tier; a declared one has what localenv.yaml says; any other needs ``tier``.
    ``data`` from the command line comes before the environment's own profile, then the tier's, then the project's.
    Templates of the tier's data profile and Compose profiles are rendered. Raises ``InvalidInput`` for a name that is
    no slug, a tier that does not exist, or one that is not this name's.
    """
    checked_slug(name, what="an environment")
    declared = settings.environments.get(name)
    known = name if name in settings.tiers else declared.tier if declared else None
    if tier is not None and known is not None and tier != known:
        why = "is a tier by itself" if name in settings.tiers else f"is declared with tier {known}"
        raise InvalidInput(f"{name} {why}, so it cannot have tier {tier!a}", hints=(f"leave out --tier, or use --tier {known}",))
    wanted = tier or known
    if wanted is None:
        raise _undeclared(settings, name)
    profile = _rendered(settings, name, find_tier(settings, wanted))
    return profile, data or (declared.data if declared else None) or profile.data.profile or settings.data


def has_tier(settings: Settings, name: str) -> bool:
    """Whether an environment of this name has a tier by itself: it is called like one, or localenv.yaml declares it."""
    return name in settings.tiers or name in settings.environments


def tier_left_to(settings: Settings, name: str, tier: str | None) -> str | None:
    """``tier`` for a name that has none by itself, and ``None`` for one that has."""
    return None if has_tier(settings, name) else tier


def find_tier(settings: Settings, name: str) -> TierProfile:
    """The tier of this name. Raises ``InvalidInput`` that lists the tiers and the nearest one."""
    if (profile := settings.tiers.get(name)) is not None:
        return profile
    close = nearest(name, settings.tiers)
    raise InvalidInput(
        f"there is no tier {name[:80]!a}",
        details=(f"tiers: {', '.join(settings.tiers)}",),
        hints=(f"try: --tier {close}",) if close else (),
        code="unknown-tier",
    )


def _rendered(settings: Settings, name: str, tier: TierProfile) -> TierProfile:
    """The tier with its own templates rendered; its variables wait for the URLs."""
    if not any(map(has_template, (*tier.compose_profiles, tier.data.profile or ""))):
        return tier
    from localenv.core.configuration.templates import render_tier

    names = {"project": settings.project, "environment": name, "tier": tier.tier, "release": ""}
    return render_tier(tier, names, lambda path: dotted(("tiers", tier.tier, *path)))


def _undeclared(settings: Settings, name: str) -> InvalidInput:
    known = [*settings.tiers, *settings.environments]
    close = nearest(name, known)
    tiers = ", ".join(settings.tiers)
    return InvalidInput(
        f"{name} is neither a tier nor an environment of localenv.yaml, so it needs a tier",
        details=(f"tiers: {tiers}",),
        hints=(*((f"nearest: {close}",) if close else ()), f"try: --tier {next(iter(settings.tiers), 'TIER')}"),
        code="tier-needed",
    )
