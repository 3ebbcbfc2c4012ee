"""``clone``: other environments that begin as a copy of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from localenv.actions.snapshots import Snapshots, TakeRequest
from localenv.actions.up import Up
from localenv.actions.up_request import UpRequest, UpResult
from localenv.core.configuration.tier import Classification
from localenv.core.names import EnvironmentId, checked_slug
from localenv.core.snapshots.choosing import How
from localenv.core.snapshots.model import Snapshot
from localenv.errors import InvalidInput, LocalenvError
from localenv.ports.state import Ledger
from localenv.values import dataclass

__all__ = ["CloneEnvironment", "CloneRequest", "Cloned", "clone_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CloneRequest:
    """What is cloned, into which environments of the same project."""

    id: EnvironmentId
    origin_tier: str
    directory: str
    names: tuple[str, ...]
    tier: str | None = None
    """Of names that have none of their own; ``None``: the origin's."""
    how: How = "auto"
    classification: Classification | None = None
    reason: str = ""
    timeout: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloned:
    """The snapshot in between, and what became of each clone."""

    snapshot: Snapshot
    results: Sequence[UpResult]


def clone_names(name: str | None, origin: str, count: int | None) -> tuple[str, ...]:
    """``qa`` three times is ``qa-1``, ``qa-2``, ``qa-3``. Raises ``InvalidInput`` for a name that is no slug."""
    base = checked_slug(name or f"{origin}-copy", what="an environment")
    return (base,) if count is None else tuple(f"{base}-{number}" for number in range(1, count + 1))


class CloneEnvironment:
    """Snapshots the origin as it is now, and brings the clones up from that side by side."""

    def __init__(self, *, snapshots: Snapshots, up: Up, ledger: Ledger) -> None:
        self._snapshots = snapshots
        self._up = up
        self._ledger = ledger

    def __call__(self, request: CloneRequest) -> Cloned:
        """Raises ``LocalenvError`` for a name that is taken, ``DataRefused`` for a tier that does not take the data.

        What a killed run began is finished, with the data of that run. Nothing is left of the snapshot when no clone can begin.
        """
        self._refuse_worktree(request.id)
        begun = self._begun(request)
        taken = [name for name in request.names if name not in begun and self._exists(request.id.project, name)]
        if taken:
            raise InvalidInput(
                f"there is an environment {taken[0]} already",
                hints=(f"localenv destroy {taken[0]}", f"localenv clone {request.id.name} {taken[0]}-2"),
                code="exists",
            )
        origin = self._ledger.record(request.id)
        asked = UpRequest(
            directory=request.directory,
            project=request.id.project,
            names=request.names,
            tier=request.tier,
            other_tier=request.origin_tier,
            release=origin.release if origin else None,
            deploying=True,
            worktree=origin is None or origin.release is None,
            passed=request.origin_tier,
            timeout=request.timeout,
        )
        own = self._snapshots.classes(request.id)
        self._up.refuse_brought(asked, {key: request.classification or found for key, found in own.items()}, request.id.name)
        fresh = tuple(name for name in request.names if name not in begun)
        snapshot = next(iter(begun.values()), None) or self._snapshots.take(
            TakeRequest(
                id=request.id,
                tier=request.origin_tier,
                kind="clone",
                reason=request.reason or f"clone to {', '.join(request.names)}",
                how=request.how,
                classification=request.classification,
            )
        )
        results: list[UpResult] = []
        try:
            for names, begins_as in ((tuple(begun), None), (fresh, snapshot.id)):
                if names:
                    results += self._up(replace(asked, names=names, snapshot=begins_as))
        except LocalenvError:
            if not any(self._exists(request.id.project, name) for name in request.names):
                self._snapshots.remove((snapshot,))
            raise
        return Cloned(snapshot=snapshot, results=results)

    def _refuse_worktree(self, origin: EnvironmentId) -> None:
        """A clone would run from files that go with their environment."""
        record = self._ledger.record(origin)
        if record is not None and record.origin:
            raise InvalidInput(
                f"{origin.name} runs from a worktree of its own, so it is not cloned; its data can be",
                hints=(f"localenv snapshot create {origin.name} --name NAME", "localenv up ENV --from NAME"),
                code="is-worktree",
            )

    def _begun(self, request: CloneRequest) -> Mapping[str, Snapshot]:
        """Of the names, those of clones that were never ready, with what they stand on."""
        records = {name: self._ledger.record(EnvironmentId(project=request.id.project, name=name)) for name in request.names}
        stands = {name: record.snapshot for name, record in records.items() if record and record.ready is None}
        made = {each.id: each for each in self._snapshots.listed(request.id.project).snapshots} if stands else {}
        found = {name: made[snapshot] for name, snapshot in stands.items() if snapshot in made}
        return {name: each for name, each in found.items() if each.kind == "clone" and each.environment == request.id.name}

    def _exists(self, project: str, name: str) -> bool:
        return self._ledger.record(EnvironmentId(project=project, name=name)) is not None
