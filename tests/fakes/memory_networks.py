"""Networks and volumes of the in-memory engine."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from localenv.adapters.docker_engine.failures import Busy
from localenv.core import labels as label
from localenv.errors import LocalenvError
from localenv.ports.engine import NetworkSpec, VolumeSpec
from tests.fakes.memory_objects import (
    MemoryNetwork,
    MemoryVolume,
)
from tests.fakes.memory_state import MemoryState, now

__all__ = ["MemoryNetworks"]


class MemoryNetworks(MemoryState):
    """Made once, kept from strangers, not removed while in use."""

    def networks_in_use(self) -> tuple[str, ...]:
        return tuple(sorted(network.subnet for network in self.networks.values()))

    def create_network(self, spec: NetworkSpec) -> None:
        with self._lock:
            if spec.name in self.networks:
                self._accept_network(spec)
                return
            subnet = ipaddress.ip_network(spec.subnet) if spec.subnet else self._free_block()
            if any(subnet.overlaps(ipaddress.ip_network(used)) for used in self.networks_in_use()):
                raise LocalenvError(f"cannot create network {spec.name}: overlaps", code="address-conflict")
            self.networks[spec.name] = MemoryNetwork(
                name=spec.name,
                id=self._new_id(spec.name),
                subnet=str(subnet),
                gateway=spec.gateway or str(next(subnet.hosts())),
                ip_range=spec.ip_range or str(subnet),
                labels={**spec.labels, label.OWNER: self.owner},
            )
            self._note("create_network", spec.name)

    def _accept_network(self, spec: NetworkSpec) -> None:
        found = self.networks[spec.name]
        self._check_same(found.labels, spec.labels, f"network {spec.name}")
        if spec.subnet not in {None, found.subnet}:
            raise LocalenvError(f"network {spec.name} is there with {found.subnet}", code="address-conflict")

    def _free_block(self) -> ipaddress.IPv4Network:
        used = [ipaddress.IPv4Network(block) for block in self.networks_in_use()]
        blocks = ipaddress.IPv4Network("172.16.0.0/12").subnets(new_prefix=16)
        return next(block for block in blocks if not any(block.overlaps(other) for other in used))

    def remove_network(self, name: str) -> None:
        with self._lock:
            if (found := self.networks.get(name)) is None:
                return
            self._check_owner(found.labels, f"network {name}")
            if any(name in one.endpoints and one.state == "running" for one in self.containers.values()):
                raise Busy(f"network {name} has active endpoints")
            del self.networks[name]
            self._note("remove_network", name)

    def create_volume(self, spec: VolumeSpec) -> None:
        with self._lock:
            if (found := self.volumes.get(spec.name)) is not None:
                self._check_same(found.labels, spec.labels, f"volume {spec.name}")
                if found.options != dict(spec.options):
                    raise LocalenvError(f"volume {spec.name} is there with other options", code="object-differs")
                return
            self.volumes[spec.name] = MemoryVolume(
                name=spec.name,
                labels={**spec.labels, label.OWNER: self.owner},
                options=dict(spec.options),
                created=now(),
            )
            self._note("create_volume", spec.name)

    def volume_path(self, name: str) -> str | None:
        with self._lock:
            return f"/var/lib/docker/volumes/{name}/_data" if name in self.volumes else None

    def volume_labels(self, name: str) -> Mapping[str, str] | None:
        with self._lock:
            return dict(self.volumes[name].labels) if name in self.volumes else None

    def remove_volume(self, name: str) -> None:
        with self._lock:
            if (found := self.volumes.get(name)) is None:
                return
            self._check_owner(found.labels, f"volume {name}")
            if any(name in one.mounts.values() for one in self.containers.values()):
                raise Busy(f"volume {name} is in use")
            del self.volumes[name]
            self._note("remove_volume", name)
