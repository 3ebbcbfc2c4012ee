"""What is there: three list calls, and a closer look at containers where the list does not tell enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from localenv.adapters.docker_engine.api import path
from localenv.adapters.docker_engine.base import EnginePart
from localenv.adapters.docker_engine.failures import Gone
from localenv.adapters.docker_engine.seen import (
    container_seen,
    network_seen,
    of_environment,
    volume_seen,
    with_details,
)
from localenv.core.labels import ENVIRONMENT, OWNER, PROJECT
from localenv.core.observed import ContainerSeen, Observed

__all__ = ["Observing"]


class Observing(EnginePart):
    """Reading the state of environments."""

    def observe(self, project: str | None = None, environment: str | None = None, *, details: bool = True) -> Observed:
        filters = self._own_objects(project, environment)
        containers = [container_seen(entry) for entry in self._listed("/containers/json", filters, all="1")]
        for container in containers:
            self._remember(container.id)
        if details:
            containers = list(self.look_closer(containers))
        networks = [network_seen(entry) for entry in self._listed("/networks", filters)]
        volumes = [volume_seen(entry) for entry in self._listed("/volumes", filters)]
        return Observed(
            containers=tuple(sorted(containers, key=lambda seen: seen.name)),
            networks=tuple(sorted(networks, key=lambda seen: seen.name)),
            volumes=tuple(sorted(volumes, key=lambda seen: seen.name)),
        )

    def look_closer(self, containers: Sequence[ContainerSeen]) -> tuple[ContainerSeen, ...]:
        looked = self._side_by_side(self._look_closer, containers)
        return tuple(container for container in looked if container is not None)

    def _own_objects(self, project: str | None, environment: str | None) -> str:
        wanted = {OWNER: self.owner, PROJECT: project, ENVIRONMENT: environment}
        labels = [f"{key}={value}" for key, value in wanted.items() if value is not None]
        return msgspec.json.encode({"label": labels}).decode()

    def _listed(self, route: str, filters: str, **params: str) -> list[dict[str, Any]]:
        answer = self._api.call("GET", route, what="list what is there", params={"filters": filters, **params})
        entries = answer["Volumes"] if isinstance(answer, dict) else answer
        return [entry for entry in entries or () if of_environment(entry)]

    def _look_closer(self, seen: ContainerSeen) -> ContainerSeen | None:
        """Add what the list leaves out; ``None`` when the container went away meanwhile."""
        try:
            found = self._api.call("GET", path("containers", seen.id, "json"), what=f"look at container {seen.name}")
        except Gone:
            return None
        return with_details(seen, found)
