"""Containers of localenv's own: the router, and helpers that live for one piece of work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

from localenv.adapters.docker_engine.api import path
from localenv.adapters.docker_engine.containers import Containers
from localenv.adapters.docker_engine.failures import Busy, Gone
from localenv.adapters.docker_engine.streams import Channel, Tail
from localenv.adapters.docker_engine.watching import Watching
from localenv.core.labels import ENVIRONMENT, OWNER, PROJECT, ROLE
from localenv.errors import Unavailable
from localenv.ports.engine import ExecResult, ToolSpec

__all__ = ["Tools"]

OUTPUT_KEPT: Final = 4 << 20
"""Bytes of each output that a tool's result holds: the last ones."""

_VOLUME_PATH: Final = "/localenv-volume"


class Tools(Containers, Watching):
    """Calls about localenv's own containers."""

    def run_tool(self, spec: ToolSpec, *, wait: bool = True, archive: tuple[str, bytes] | None = None) -> ExecResult | None:
        target = self._create_tool(spec.name, _body(spec), spec.image)
        try:
            if archive is not None:
                self._put(target, *archive)
            self.start(target)
            return self._result(target) if wait else None
        except BaseException:
            self._remove_now(target)
            raise
        finally:
            if wait:
                self._remove_now(target)

    def _result(self, target: str) -> ExecResult:
        ended = self._api.call("POST", path("containers", target, "wait"), what="wait for a tool", timeout=None)
        kept: dict[Channel, Tail] = {"stdout": Tail(OUTPUT_KEPT), "stderr": Tail(OUTPUT_KEPT)}
        for channel, line in self.logs(target):
            kept[channel].add(line + b"\n")
        return ExecResult(exit_code=int(ended["StatusCode"]), stdout=kept["stdout"].content(), stderr=kept["stderr"].content())

    def remove_tool(self, name: str) -> None:
        self.remove(name)

    def tool(self, name: str) -> Mapping[str, str] | None:
        try:
            found = self._inspect(name)
        except Gone:
            return None
        labels: dict[str, str] = found["Config"].get("Labels") or {}
        if labels.get(OWNER) != self.owner:
            return None
        own = {
            "id": str(found["Id"]),
            "state": str(found["State"]["Status"]),
            "image": str(found["Config"]["Image"]),
            "image_id": str(found["Image"]),
        }
        return {**labels, **own}

    def copy_into_volume(self, volume: str, archive: Iterator[bytes], *, image: str) -> None:
        found = self._api.call("GET", path("volumes", volume), what=f"look at volume {volume}")
        labels: dict[str, str] = found.get("Labels") or {}
        self._check_owner(labels, f"volume {volume}")
        kept: dict[str, str] = {key: labels[key] for key in (PROJECT, ENVIRONMENT) if key in labels}
        target = self._create_tool(f"localenv-copy-{uuid4().hex[:12]}", _holder(image, f"{volume}:{_VOLUME_PATH}", kept), image)
        try:
            self._put(target, _VOLUME_PATH, archive)
        finally:
            self._remove_now(target)

    def read_volume(self, volume: str, *, image: str) -> Iterator[bytes]:
        self._api.call("GET", path("volumes", volume), what=f"look at volume {volume}")
        target = self._create_tool(f"localenv-read-{uuid4().hex[:12]}", _holder(image, f"{volume}:{_VOLUME_PATH}:ro", {}), image)
        try:
            yield from self.get_files(target, f"{_VOLUME_PATH}/.")
        finally:
            self._remove_now(target)

    def _create_tool(self, name: str, body: dict[str, Any], image: str) -> str:
        """Create a container; one of this owner that has the name is what a killed command left, and makes room."""
        body["Labels"][OWNER] = self.owner

        def create() -> str:
            made = self._api.call("POST", "/containers/create", what=f"create container {name}", params={"name": name}, body=body)
            return self._remember(str(made["Id"]))

        try:
            with suppress(Busy):
                return create()
            self.remove(name)
            return self._when_free(create)
        except Gone as error:
            raise Unavailable(f"image {image} is not there ({error.message})", code="image-missing") from error


def _holder(image: str, bind: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """A container that is there to hold a volume and is never started."""
    return {
        "Image": image,
        "Entrypoint": ["localenv"],
        "Cmd": ["never-started"],
        "NetworkDisabled": True,
        "Labels": {ROLE: "tool", **labels},
        "HostConfig": {"Binds": [bind], "NetworkMode": "none"},
    }


def _body(spec: ToolSpec) -> dict[str, Any]:
    """The engine's words for a tool (Engine API, ``/containers/create``)."""
    network = spec.network or "none"
    host: dict[str, Any] = {
        "NetworkMode": network,
        "Binds": list(spec.binds),
        "VolumesFrom": list(spec.volumes_from),
        "Privileged": spec.privileged,
        "RestartPolicy": {"Name": spec.restart},
        "SecurityOpt": ["no-new-privileges"],
        "CapDrop": ["ALL"] if spec.capabilities_dropped else [],
        "CapAdd": list(spec.capabilities),
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "2"}},
        "PortBindings": {port: [{"HostIp": address, "HostPort": str(number)}] for port, (address, number) in spec.ports.items()},
    }
    body: dict[str, Any] = {
        "Image": spec.image,
        "Cmd": list(spec.command) or None,
        "Env": [f"{name}={value}" for name, value in spec.environment.items()],
        "Labels": {ROLE: "tool", **spec.labels},
        "ExposedPorts": {port: {} for port in spec.ports},
        "HostConfig": host,
    }
    if spec.entrypoint is not None:
        body["Entrypoint"] = list(spec.entrypoint)
    if spec.user is not None:
        body["User"] = spec.user
    if spec.working_dir is not None:
        body["WorkingDir"] = spec.working_dir
    if spec.address is not None:
        endpoint = {"IPAMConfig": {"IPv4Address": spec.address}}
        body["NetworkingConfig"] = {"EndpointsConfig": {network: endpoint}}
    return body
