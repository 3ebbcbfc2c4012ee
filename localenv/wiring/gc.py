"""What ``gc`` frees, one kind after the other: what cannot be removed keeps nothing else from being."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from localenv.core.names import EnvironmentId
from localenv.core.releases.model import Release
from localenv.errors import LocalenvError
from localenv.ports.state import EnvironmentRecord
from localenv.ports.volumes import Garbage
from localenv.wiring import ci, delivery
from localenv.wiring.environments import services
from localenv.wiring.previews import remove_previews
from localenv.wiring.services import Services

__all__ = ["Freed", "free", "left_over", "services"]

Result = TypeVar("Result")


@dataclass(kw_only=True)
class Freed:
    """What is gone, or would be."""

    environments: Mapping[EnvironmentId, str] = field(default_factory=dict)
    """Each with the cause."""
    releases: Sequence[Release] = ()
    data: Garbage = field(default_factory=Garbage)
    failures: list[tuple[str, LocalenvError]] = field(default_factory=list)
    """What stays: its name, and why."""


def free(told: Services, *, every_baseline: bool, dry_run: bool) -> Freed:
    """Remove what nothing needs; with ``dry_run`` only look for it."""
    freed = Freed()

    def tried(what: str, act: Callable[[], Result], otherwise: Result) -> Result:
        try:
            return act()
        except LocalenvError as error:
            freed.failures.append((what, error))
            return otherwise

    def stays(environment: EnvironmentId, error: LocalenvError) -> None:
        freed.failures.append((str(environment), error))

    abandoned = ci.abandoned(told)
    killed = abandoned.listed() if dry_run else abandoned.remove(stays)
    previews = remove_previews(told)
    none: list[EnvironmentRecord] = []
    ended = tried("previews", previews.expired if dry_run else previews.all_expired, none)
    freed.environments = {
        **dict.fromkeys(killed, "its command was killed"),
        **dict.fromkeys((record.id for record in ended), "its time was up"),
    }
    freed.releases = tried("releases", lambda: delivery.old_releases(told, remove=not dry_run), ())
    collect = told.snapshots.garbage if dry_run else told.snapshots.collect
    freed.data = tried("data", lambda: collect(every_baseline=every_baseline), freed.data)
    return freed


def left_over(freed: Freed) -> LocalenvError:
    """Return the error that names what could not be removed."""
    hints = dict.fromkeys(hint for _what, error in freed.failures for hint in error.hints)
    return LocalenvError(
        f"{len(freed.failures)} of what nothing needs could not be removed; all else is",
        details=tuple(f"{what}: {error.message}" for what, error in freed.failures),
        hints=(*hints, "localenv gc   (again, once that is mended)"),
        code="left-over",
    )
