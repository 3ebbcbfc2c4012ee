"""``data build``: the baseline of a data profile made ahead of time, in an environment that is gone afterwards."""

from __future__ import annotations

from localenv.actions.lifecycle import Lifecycle
from localenv.actions.up import Up
from localenv.actions.up_request import UpRequest
from localenv.actions.volumes import Volumes
from localenv.core.names import EnvironmentId, slugify
from localenv.core.plan.data_steps import TakeSnapshot
from localenv.core.snapshots.model import Snapshot
from localenv.values import dataclass

__all__ = ["BuildData", "BuildDataRequest", "Built"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildDataRequest:
    """A data profile of the project around ``directory``; ``None`` is what its services make by themselves."""

    project: str
    directory: str
    profile: str | None
    tier: str
    scale: float | None = None
    """Multiplies the rows that the profile generates."""
    timeout: float = 300.0
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """The baseline, and whether it was made now."""

    snapshot: Snapshot | None
    """``None`` for a dry run that would make it."""
    made: bool


class BuildData:
    """Runs what makes the data, freezes it, removes what ran. A second call finds it there."""

    def __init__(self, *, up: Up, lifecycle: Lifecycle, volumes: Volumes) -> None:
        self._up = up
        self._lifecycle = lifecycle
        self._volumes = volumes

    def __call__(self, request: BuildDataRequest) -> Built:
        """Raises what ``up`` raises; the builder is removed whatever happens, and one that a killed build left before that."""
        name = slugify(f"build-{request.profile or 'own'}-{request.tier}")
        builder = EnvironmentId(project=request.project, name=name)
        asked = UpRequest(
            directory=request.directory,
            names=(name,),
            tier=request.tier,
            data=request.profile,
            scale=request.scale,
            timeout=request.timeout,
            data_only=True,
            dry_run=request.dry_run,
        )
        before = {each.id for each in self._volumes.snapshots()}
        if not request.dry_run:
            self._lifecycle("destroy", [builder])
        try:
            result = self._up(asked)[0]
        finally:
            if not request.dry_run:
                self._lifecycle("destroy", [builder])
        if result.snapshot is not None:
            return Built(snapshot=result.snapshot, made=False)
        takes = any(isinstance(step, TakeSnapshot) for step in result.plan.steps)
        if request.dry_run:
            return Built(snapshot=None, made=takes)
        found = next((each for each in self._volumes.snapshots() if each.id not in before and each.kind == "baseline"), None)
        return Built(snapshot=found, made=takes)
