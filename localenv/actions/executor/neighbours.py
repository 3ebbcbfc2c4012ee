"""By which names the containers of an environment find each other: given and taken away while they run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from localenv.core.plan.graph import networks_of
from localenv.core.wanted import Wanted
from localenv.errors import NotFound
from localenv.ports.engine import Engine

__all__ = ["Neighbours"]


class Neighbours:
    """Changes who answers to a service's names.

    The engine's name server lists every container that runs, ready or not, until it is gone. So a new one gets the names
    when it is ready, and an old one loses them before it is stopped; the containers' own names stay.
    """

    def __init__(self, engine: Engine, wanted: Wanted | None) -> None:
        self._engine = engine
        self._wanted = wanted

    def names(self, service: str, network: str) -> tuple[str, ...]:
        """Names by which a service is found on a network: its own, and those of its definition."""
        if self._wanted is None:
            return (service,)
        keys = [item.key for item in self._wanted.networks if item.name == network]
        networks = self._wanted.model["services"].get(service, {}).get("networks")
        settings = networks if isinstance(networks, dict) else {}
        given = [alias for key in keys for alias in (settings.get(key) or {}).get("aliases") or ()]
        return tuple(dict.fromkeys((service, *given)))

    def learn(self, service: str, container: str) -> None:
        """Let the neighbours find a container by its service's names."""
        self._each(service, container, lambda known, names: [*known, *(name for name in names if name not in known)])

    def forget(self, service: str, container: str) -> None:
        """Let nobody find it by these any more."""
        self._each(service, container, lambda known, names: [name for name in known if name not in names])

    def _each(self, service: str, container: str, change: Callable[[list[str], tuple[str, ...]], list[str]]) -> None:
        if self._wanted is None:
            return
        keys = networks_of(self._wanted.model, service)
        for network in (item.name for item in self._wanted.networks if item.key in keys):
            with suppress(NotFound):
                known = self._engine.endpoint(container, network)["aliases"]
                held = [str(name) for name in known] if isinstance(known, list) else []
                self._engine.rename_endpoint(network, container, aliases=change(held, self.names(service, network)))
