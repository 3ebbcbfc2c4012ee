"""Networks and volumes: made once, read back, removed only when they are this owner's."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from localenv.adapters.docker_engine.api import path
from localenv.adapters.docker_engine.base import EnginePart
from localenv.adapters.docker_engine.failures import Busy, Gone
from localenv.adapters.docker_engine.seen import ipv4_subnets
from localenv.core.labels import CLASSIFICATION, ENVIRONMENT, OWNER, PROJECT
from localenv.errors import LocalenvError
from localenv.ports.engine import NetworkSpec, VolumeSpec

__all__ = ["NetworksAndVolumes"]

_IDENTITY: Final = (PROJECT, ENVIRONMENT, CLASSIFICATION)
"""Labels in which an object that is there already must agree; others, such as the time, may differ on a second run."""


class NetworksAndVolumes(EnginePart):
    """Calls about networks and volumes."""

    def create_network(self, spec: NetworkSpec) -> None:
        try:
            self._api.call("POST", "/networks/create", what=f"create network {spec.name}", body=self._network_body(spec))
        except Busy:
            self._accept_network(spec)

    def _network_body(self, spec: NetworkSpec) -> dict[str, Any]:
        body: dict[str, Any] = {
            "Name": spec.name,
            "CheckDuplicate": True,
            "Driver": "bridge",
            "Internal": spec.internal,
            "Attachable": False,
            "Options": dict(spec.options),
            "Labels": {**spec.labels, OWNER: self.owner},
        }
        if spec.subnet is not None:
            block = {"Subnet": spec.subnet, "IPRange": spec.ip_range, "Gateway": spec.gateway}
            body["IPAM"] = {"Config": [{key: value for key, value in block.items() if value is not None}]}
        return body

    def _accept_network(self, spec: NetworkSpec) -> None:
        """Take the network that has the name already, when it is the one that was asked for."""
        found = self._network(spec.name)
        self._check_same(found.get("Labels"), spec.labels, f"network {spec.name}")
        subnets = ipv4_subnets(found)
        if spec.subnet is not None and spec.subnet not in subnets:
            raise LocalenvError(
                f"network {spec.name} is there with {', '.join(subnets) or 'no subnet'}, wanted was {spec.subnet}",
                code="address-conflict",
                hints=(f"docker network rm -- {spec.name}",),
            )

    def _network(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._api.call("GET", path("networks", name), what=f"look at network {name}")
        if found["Name"] != name:
            raise Gone(f"there is no network {name}")
        return found

    def remove_network(self, name: str) -> None:
        with suppress(Gone):
            found = self._network(name)
            self._check_owner(found.get("Labels"), f"network {name}")
            self._when_free(lambda: self._delete_network(name, str(found["Id"])))

    def _delete_network(self, name: str, network_id: str) -> None:
        try:
            self._api.call("DELETE", path("networks", network_id), what=f"remove network {name}")
        except LocalenvError as error:
            if "active endpoints" in error.message:
                raise Busy(error.message, hints=(f"docker network inspect -- {name}",)) from error
            raise

    def networks_in_use(self) -> tuple[str, ...]:
        networks = self._api.call("GET", "/networks", what="list networks")
        return tuple(sorted({subnet for network in networks for subnet in ipv4_subnets(network)}))

    def create_volume(self, spec: VolumeSpec) -> None:
        made = self._api.call(
            "POST",
            "/volumes/create",
            what=f"create volume {spec.name}",
            body={
                "Name": spec.name,
                "Driver": "local",
                "DriverOpts": dict(spec.options),
                "Labels": {**spec.labels, OWNER: self.owner},
            },
        )
        self._check_same(made.get("Labels"), spec.labels, f"volume {spec.name}")
        if dict(made.get("Options") or {}) != dict(spec.options):
            raise LocalenvError(f"volume {spec.name} is there with other options", code="object-differs")

    def remove_volume(self, name: str) -> None:
        with suppress(Gone):
            found = self._api.call("GET", path("volumes", name), what=f"look at volume {name}")
            self._check_owner(found.get("Labels"), f"volume {name}")
            self._when_free(lambda: self._api.call("DELETE", path("volumes", name), what=f"remove volume {name}"))

    def volume_path(self, name: str) -> str | None:
        try:
            found = self._api.call("GET", path("volumes", name), what=f"look at volume {name}")
        except Gone:
            return None
        return str(found["Mountpoint"])

    def volume_labels(self, name: str) -> Mapping[str, str] | None:
        try:
            found = self._api.call("GET", path("volumes", name), what=f"look at volume {name}")
        except Gone:
            return None
        return dict(found.get("Labels") or {})

    def _check_same(self, labels: Mapping[str, str] | None, wanted: Mapping[str, str], what: str) -> None:
        self._check_owner(labels, what)
        for key in _IDENTITY:
            found = (labels or {}).get(key)
            if key in wanted and found != wanted[key]:
                raise LocalenvError(f"{what} is there with {key}={found}, wanted was {wanted[key]}", code="object-differs")
