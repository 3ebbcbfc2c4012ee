"""Where an environment's code comes from: the working tree, or the files of a release."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec

from localenv.actions.configuration import Loaded
from localenv.core.configuration.settings import Grant
from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.releases.gates import tiers_passed
from localenv.core.releases.model import Release
from localenv.errors import LocalenvError, NotFound
from localenv.ports.releases import ReleaseStore
from localenv.ports.state import Ledger
from localenv.values import dataclass

__all__ = ["Sources", "Wish", "release_named"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a command says of an environment's code."""

    release: str | None = None
    deploying: bool = False
    """Whether the release comes through the gates of its tier."""
    worktree: bool = False
    """Whether the working tree is wanted, whatever the tier."""
    captured: bool = False
    """Whether the working tree is copied when the environment is made, also in a tier that mounts it."""
    passed: str | None = None
    """Tier of another environment that the code comes from: ``deploying`` and ``worktree`` count as far as it has come."""


class Sources:
    """Decides for each environment, and loads a release's own configuration."""

    def __init__(self, *, releases: ReleaseStore, ledger: Ledger, load: Callable[[str], Loaded]) -> None:
        """``load`` reads the configuration in a directory."""
        self._releases = releases
        self._ledger = ledger
        self._load = load

    def __call__(self, loaded: Loaded, environment: EnvironmentId, tier: TierProfile, wanted: Wish) -> Loaded:
        """The project as this environment sees it: of the release that is wanted, of the one that it runs, or as it stands.

        Raises ``LocalenvError`` (code ``needs-release``) for a tier that runs releases only, once there is one,
        (code ``needs-promotion``) for a release that would come to such a tier past its gates,
        ``NotFound`` (code ``no-release``) for one that is not there.
        """
        if wanted.passed is not None and tier.tier not in tiers_passed(loaded.settings.tiers, wanted.passed):
            wanted = replace(wanted, deploying=False, worktree=wanted.worktree and tier.source != "release")
        if wanted.worktree:
            return _with_captured_binds(loaded) if wanted.captured else loaded
        record = self._ledger.record(environment)
        runs = record.release if record else None
        if wanted.release not in {None, runs} and tier.source == "release" and not wanted.deploying:
            raise LocalenvError(
                f"a release comes to {environment.name} through its gates",
                hints=(f"localenv promote {environment.name} --release {wanted.release}",),
                code="needs-promotion",
            )
        chosen = wanted.release or runs
        if chosen is not None:
            return self.of(loaded, release_named(self._releases, environment.project, chosen))
        if tier.source == "release" and self._releases.has_any(environment.project):
            raise LocalenvError(
                f"{environment} runs releases only, since there are some, and none was promoted to it",
                hints=(f"localenv promote {environment.name}", f"localenv up {environment.name} --from-worktree"),
                code="needs-release",
            )
        return loaded

    def of(self, loaded: Loaded, release: Release) -> Loaded:
        """The project as it was when the release was made; its data profiles are those of now.

        What was granted then counts, and nothing is mounted live.
        """
        tree = self._releases.tree(release.project, release.name)
        return replace(self.at(loaded, tree, grants=release.grants), release=release)

    def at(self, loaded: Loaded, tree: str, *, grants: tuple[Grant, ...]) -> Loaded:
        """The project with the files in another folder, which are no one's to write to."""
        then = self._load(tree)
        settings = then.settings
        tiers = {
            name: msgspec.structs.replace(tier, binds="captured", compose_override=False) for name, tier in settings.tiers.items()
        }
        counted = msgspec.structs.replace(settings, project=loaded.settings.project, grants=grants, tiers=tiers)
        return replace(then.with_settings(counted), directory=loaded.directory, profiles=loaded.profiles, tree=tree)


def release_named(releases: ReleaseStore, project: str, name: str) -> Release:
    """Raises ``NotFound`` (code ``no-release``) that lists what there is."""
    found = releases.release(project, name)
    if found is None:
        known = [release.name for release in releases.releases(project)]
        raise NotFound(
            f"{project} has no release {name[:80]!a}",
            details=(f"releases: {', '.join(known)}",) if known else (),
            hints=("localenv release ls",) if known else ("localenv release create",),
            code="no-release",
        )
    return found


def _with_captured_binds(loaded: Loaded) -> Loaded:
    """The project with nothing of the working tree mounted: each environment has the files as they are when it is made."""
    settings = loaded.settings
    tiers = {name: msgspec.structs.replace(tier, binds="captured") for name, tier in settings.tiers.items()}
    return loaded.with_settings(msgspec.structs.replace(settings, tiers=tiers))
