"""``watch``: hands the rendered file to Compose."""

from __future__ import annotations

from collections.abc import Sequence

from localenv.core.names import EnvironmentId
from localenv.core.rewrite.model import mapping
from localenv.errors import LocalenvError, NotFound
from localenv.wiring.environments import containers, rendered_path, tier_of
from localenv.wiring.services import Services

__all__ = ["watch"]


def watch(told: Services, found: EnvironmentId, services: Sequence[str]) -> int:
    """Return Compose's exit code. Raises ``LocalenvError`` where there is nothing that could be watched."""
    seen = containers(told, found, services)
    tier = tier_of(told, found)
    if tier.binds == "captured":
        raise LocalenvError(
            f"{found} runs a captured copy of its sources, so there is nothing to watch",
            details=(f"its tier {tier.tier} does not follow the working tree",),
            hints=("localenv watch development", f"localenv up {found.name} takes the sources as they are now"),
            code="not-watchable",
        )
    model, path = told.store.rendered(found), rendered_path(told, found)
    if model is None or path is None:
        raise NotFound(f"the rendered file of {found} was lost", hints=(f"localenv up {found.name}",), code="no-rendered-file")
    running = {container.service for container in seen}
    watched = [
        name
        for name, service in mapping(model, "services").items()
        if mapping(service, "develop").get("watch") and name in running
    ]
    if not watched:
        raise LocalenvError(
            f"{' and '.join(services) or 'no service'} has {'no ' if services else ''}develop.watch in the Compose file",
            details=("bind mounts need no watch: they are live here already",),
            code="nothing-to-watch",
        )
    record = told.ledger.record(found)
    return told.compose.attach(
        file=path,
        project_name=found.compose_project,
        directory=record.directory if record else str(told.place.home),
        arguments=("watch", "--no-up", "--", *watched),
    )
