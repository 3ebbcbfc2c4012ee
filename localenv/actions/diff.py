"""``diff``: reads both environments as they run and compares them."""

from __future__ import annotations

import json

from localenv.core.diff import Difference, DiffSide, compare
from localenv.core.names import EnvironmentId
from localenv.core.summary import EnvironmentSummary, summarise
from localenv.errors import NotFound
from localenv.ports.engine import Engine
from localenv.ports.state import Ledger, Store
from localenv.values import dataclass

__all__ = ["Diff", "Diffed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diffed:
    """Both sides and what differs."""

    left: DiffSide
    right: DiffSide
    differences: tuple[Difference, ...]


class Diff:
    """Compares two environments of one project."""

    def __init__(self, engine: Engine, ledger: Ledger, store: Store) -> None:
        self._engine = engine
        self._ledger = ledger
        self._store = store

    def __call__(self, left: EnvironmentId, right: EnvironmentId) -> Diffed:
        """Raises ``NotFound`` for one that does not exist, or whose rendered file was lost."""
        sides = self._side(left), self._side(right)
        return Diffed(left=sides[0], right=sides[1], differences=compare(*sides))

    def _side(self, environment: EnvironmentId) -> DiffSide:
        model = self._store.rendered(environment)
        observed = self._engine.observe(environment.project, environment.name, details=False)
        summary = next((found for found in summarise(observed) if found.id == environment), None)
        if summary is None:
            raise NotFound(
                f"there is no environment {environment}", hints=(f"localenv up {environment.name}",), code="no-environment"
            )
        if model is None:
            raise NotFound(
                f"the rendered file of {environment} was lost, so it cannot be compared",
                hints=(f"localenv up {environment.name} writes it anew",),
                code="no-rendered-file",
            )
        record = self._ledger.record(environment)
        return DiffSide(
            id=environment,
            model=model,
            domain=record.domain if record else "localhost",
            image_ids=_image_ids(summary),
            replicas={service.name: service.replicas for service in summary.services},
            data_class=summary.data_class,
            data_profile=summary.data_profile or (record.data_profile if record else None),
            exposures=tuple(json.loads(record.exposures)) if record else (),
            secrets=self._store.kept_secrets(environment),
        )


def _image_ids(summary: EnvironmentSummary) -> dict[str, str]:
    """Of services all of whose containers run the same image; others are told by their reference."""
    ids = {service.name: {container.image_id for container in service.containers} for service in summary.services}
    return {name: next(iter(found)) for name, found in ids.items() if len(found) == 1}
