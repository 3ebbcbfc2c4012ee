"""Containers of the in-memory engine: how tests make them and say how they behave, and their life."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Literal

from localenv.adapters.docker_engine.failures import Busy, Gone
from localenv.core import labels as label
from localenv.core.wanted import ImageDetails
from localenv.errors import LocalenvError, NotFound, Unavailable
from localenv.errors.engine import PortTaken
from tests.fakes.memory_objects import (
    Behaviour,
    Endpoint,
    MemoryContainer,
    event_of,
)
from tests.fakes.memory_state import MemoryState, now

__all__ = ["MemoryContainers"]

_KILLED, _TERMINATED = 137, 143


class MemoryContainers(MemoryState):
    """From ``create_container`` to ``remove``."""

    def add_image(self, reference: str, **details: Any) -> ImageDetails:
        """Make an image present."""
        image = ImageDetails(reference=reference, id=f"sha256:{sha256(reference.encode()).hexdigest()}", **details)
        self.images[reference] = self.images[image.id] = image
        return image

    def behave(self, service: str, behaviour: Behaviour) -> None:
        """Say what containers of a service (or with this name) do from their next start on."""
        self._behaviours[service] = behaviour

    def create_container(  # noqa: PLR0913 - the whole of one container
        self,
        name: str,
        image: str,
        *,
        labels: Mapping[str, str] | None = None,
        networks: Mapping[str, Endpoint] | None = None,
        environment: Mapping[str, str] | None = None,
        ports: Sequence[tuple[int, str, str, int]] = (),
        mounts: Mapping[str, str] | None = None,
        command: Sequence[str] = (),
        healthcheck: bool = False,
        restart: str = "no",
    ) -> str:
        """Make a container as Compose would, not started; return its ID."""
        with self._lock:
            if any(container.name == name for container in self.containers.values()):
                raise Busy(f"the name {name} is in use")
            if image not in self.images:
                raise Unavailable(f"image {image} is not there", code="image-missing")
            container = MemoryContainer(
                id=self._new_id(name),
                name=name,
                image=image,
                image_id=self.images[image].id,
                labels=dict(labels or {}),
                endpoints=dict(networks or {}),
                environment={**self.images[image].environment, **(environment or {})},
                ports=tuple(ports),
                mounts=dict(mounts or {}),
                command=tuple(command),
                healthcheck=healthcheck or self.images[image].healthcheck,
                restart=restart,
                created=now(),
            )
            self.containers[container.id] = container
            self._tell(event_of(container, "create"))
            return container.id

    def set_health(self, container: str, health: Literal["starting", "healthy", "unhealthy"], output: str = "") -> None:
        """Let a container's healthcheck say something."""
        with self._lock:
            found = self._container(container)
            found.health, found.health_output = health, output or found.health_output
            self._tell(event_of(found, "health", health=health))

    def pause(self, container: str) -> None:
        with self._lock:
            found = self._own(container)
            if found.state == "running":
                found.state = "paused"
                self._note("pause", found.name)
                self._tell(event_of(found, "pause"))

    def unpause(self, container: str) -> None:
        with self._lock:
            found = self._own(container)
            if found.state == "paused":
                found.state = "running"
                self._note("unpause", found.name)
                self._tell(event_of(found, "unpause"))

    def end(self, container: str, exit_code: int) -> None:
        """Let a container's main process end by itself."""
        with self._lock:
            found = self._container(container)
            found.state, found.exit_code, found.health, found.finished = "exited", exit_code, "none", now()
            for endpoint in found.endpoints.values():
                endpoint.address = None
            self._tell(event_of(found, "die", exit_code=exit_code))

    def start(self, container: str) -> None:
        with self._lock:
            found = self._own(container)
            if found.state == "running":
                return
            behaviour = self._behaviour(found)
            if behaviour.refuses is not None:
                raise behaviour.refuses
            self._check_ports(found)
            self._give_addresses(found)
            found.state, found.started, found.exit_code = "running", now(), None
            found.log += [(now(), channel, line) for channel, line in behaviour.output]
            self._note("start", found.name)
            self._tell(event_of(found, "start"))
            if behaviour.exit_code is not None:
                self.end(found.id, behaviour.exit_code)
            elif found.healthcheck:
                self._reach(found, behaviour.health or "healthy")

    def _reach(self, container: MemoryContainer, health: str) -> None:
        container.health = "starting"
        if health in {"healthy", "unhealthy"}:
            self.set_health(container.id, health)  # type: ignore[arg-type]

    def _behaviour(self, container: MemoryContainer) -> Behaviour:
        service = container.labels.get(label.COMPOSE_SERVICE, "")
        return self._behaviours.get(container.name) or self._behaviours.get(service) or Behaviour()

    def _check_ports(self, container: MemoryContainer) -> None:
        for *_, port in container.ports:
            if port in self.published_ports():
                raise PortTaken(f"host port {port} is taken", port=port)

    def _give_addresses(self, container: MemoryContainer) -> None:
        for name, endpoint in container.endpoints.items():
            if name not in self.networks:
                raise Gone(f"there is no network {name}")
            taken = self._addresses_on(name)
            if endpoint.configured in taken:
                raise LocalenvError(f"address {endpoint.configured} is in use", code="address-conflict")
            endpoint.address = endpoint.configured or self.networks[name].free_address(taken)

    def _addresses_on(self, network: str) -> set[str]:
        ends = [one.endpoints[network] for one in self.containers.values() if network in one.endpoints]
        return {end.address for end in ends if end.address is not None}

    def published_ports(self) -> frozenset[int]:
        with self._lock:
            running = [container for container in self.containers.values() if container.state == "running"]
            return frozenset(port for container in running for *_, port in container.ports)

    def stop(self, container: str, grace: float) -> None:
        with self._lock, contextlib.suppress(Gone):
            found = self._own(container)
            if found.state in {"running", "paused", "restarting"}:
                self._tell(event_of(found, "kill"))
                self.end(found.id, _TERMINATED if grace > 0 else _KILLED)
                self._tell(event_of(found, "stop"))
                self._note("stop", found.name)

    def remove(self, container: str) -> None:
        with self._lock, contextlib.suppress(Gone):
            found = self._own(container)
            if found.state == "running":
                self._tell(event_of(found, "kill"))
                self.end(found.id, _KILLED)
            del self.containers[found.id]
            self._note("remove", found.name)
            self._tell(event_of(found, "destroy"))

    def set_restart(self, container: str, policy: str) -> None:
        with self._lock:
            self._own(container).restart = policy
            self._note("set_restart", container, policy)

    def connect(  # the whole of one endpoint
        self,
        network: str,
        container: str,
        *,
        address: str | None,
        aliases: Sequence[str] = (),
        links: Sequence[str] = (),
        options: Mapping[str, str] | None = None,
    ) -> None:
        with self._lock:
            found = self._own(container)
            if network not in self.networks:
                raise Gone(f"there is no network {network}")
            if network in found.endpoints:
                raise LocalenvError(f"{container} is on network {network} already", code="engine-refused")
            endpoint = Endpoint(configured=address, aliases=tuple(aliases), links=tuple(links), options=dict(options or {}))
            found.endpoints[network] = endpoint
            if found.state == "running":
                endpoint.address = address or self.networks[network].free_address(self._addresses_on(network))
            self._note("connect", network, found.name)

    def disconnect(self, network: str, container: str) -> None:
        with self._lock, contextlib.suppress(Gone):
            found = self._own(container)
            if found.endpoints.pop(network, None) is not None:
                self._note("disconnect", network, found.name)

    def move_endpoint(self, network: str, container: str, *, address: str) -> None:
        with self._lock:
            old = self._endpoint(self._own(container), network)
            if old.configured == address:
                return
            self.disconnect(network, container)
            self.connect(network, container, address=address, aliases=old.aliases, links=old.links, options=old.options)

    def rename_endpoint(self, network: str, container: str, *, aliases: Sequence[str]) -> None:
        with self._lock:
            old = self._endpoint(self._own(container), network)
            if set(old.aliases) == set(aliases):
                return
            address = old.configured or old.address
            self.disconnect(network, container)
            self.connect(network, container, address=address, aliases=aliases, links=old.links, options=old.options)

    def endpoint(self, container: str, network: str) -> Mapping[str, object]:
        found = self._endpoint(self._container(container), network)
        return {
            "aliases": list(found.aliases),
            "links": list(found.links),
            "options": dict(found.options),
            "address": found.address or found.configured,
        }

    def _endpoint(self, container: MemoryContainer, network: str) -> Endpoint:
        if network not in container.endpoints:
            raise NotFound(f"container {container.name} is not on network {network}")
        return container.endpoints[network]
