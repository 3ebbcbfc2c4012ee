"""An engine that lives in memory: state, rules and errors of the real one as far as localenv meets them.

The contract suite holds both to the same tests. Tests make containers with ``create_container`` (or ``FakeCompose``)
and say how they behave with ``behave``; ``calls`` tells what was changed, in order.
"""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Iterator, Mapping, Sequence

from localenv.adapters.docker_engine.failures import Gone
from localenv.core import labels as label
from localenv.core.observed import ContainerSeen, Observed
from localenv.core.wanted import HealthCheck, ImageDetails
from localenv.ports.engine import ContainerEvent, EngineInfo, Usage
from tests.fakes.memory_content import MemoryContent
from tests.fakes.memory_networks import MemoryNetworks
from tests.fakes.memory_seen import container_seen, network_seen, volume_seen

__all__ = ["MemoryEngine"]


class MemoryEngine(MemoryNetworks, MemoryContent):
    """``ports.engine.Engine`` without an engine."""

    def info(self) -> EngineInfo:
        return EngineInfo(
            version="26.1.5",
            api_version="1.45",
            operating_system="Memory",
            native_linux=self._native_linux,
            root_directory="/var/lib/docker",
            cpus=2,
            memory=8 << 30,
            storage_driver="overlay2",
        )

    def observe(self, project: str | None = None, environment: str | None = None, *, details: bool = True) -> Observed:
        def wanted(labels: Mapping[str, str]) -> bool:
            found = labels.get(label.PROJECT), labels.get(label.ENVIRONMENT)
            return (
                labels.get(label.OWNER) == self.owner
                and all(found)
                and project in {None, found[0]}
                and environment in {None, found[1]}
            )

        with self._lock:
            containers = [container_seen(one, details=details) for one in self.containers.values() if wanted(one.labels)]
            networks = [network_seen(one) for one in self.networks.values() if wanted(one.labels)]
            volumes = [volume_seen(one) for one in self.volumes.values() if wanted(one.labels)]
        return Observed(
            containers=tuple(sorted(containers, key=lambda seen: seen.name)),
            networks=tuple(sorted(networks, key=lambda seen: seen.name)),
            volumes=tuple(sorted(volumes, key=lambda seen: seen.name)),
        )

    def look_closer(self, containers: Sequence[ContainerSeen]) -> tuple[ContainerSeen, ...]:
        with self._lock:
            return tuple(container_seen(self.containers[one.id], details=True) for one in containers if one.id in self.containers)

    def image(self, reference: str) -> ImageDetails | None:
        return self.images.get(reference)

    def health_output(self, container: str) -> str | None:
        return self._container(container).health_output

    def healthcheck(self, container: str) -> HealthCheck | None:
        return self._container(container).healthcheck_test

    def environment_of(self, container: str) -> Mapping[str, str]:
        return dict(self._container(container).environment)

    def usage(self, container: str) -> Usage | None:
        with contextlib.suppress(Gone):
            if self._container(container).state == "running":
                return Usage(memory=1 << 20, memory_limit=8 << 30, cpu=1_000_000)
        return None

    @contextlib.contextmanager
    def events(self, labels: Mapping[str, str]) -> Iterator[Iterator[ContainerEvent]]:
        mailbox: queue.SimpleQueue[ContainerEvent | None] = queue.SimpleQueue()
        subscriber = ({**labels, label.OWNER: self.owner}, mailbox)
        with self._lock:
            self._subscribers.append(subscriber)
        try:
            yield iter(mailbox.get, None)
        finally:
            with self._lock:
                self._subscribers.remove(subscriber)
            mailbox.put(None)

    def system_usage(self) -> Callable[[], Mapping[str, int]]:
        return lambda: {"images": 0, "containers": 0, "volumes": 0, "build_cache": 0}
