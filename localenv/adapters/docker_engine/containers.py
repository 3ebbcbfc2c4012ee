"""Containers: start, stop, remove, their place on networks, and files in and out of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from localenv.adapters.docker_engine.api import path
from localenv.adapters.docker_engine.base import EnginePart
from localenv.adapters.docker_engine.failures import Busy, Gone
from localenv.core.wanted import HealthCheck
from localenv.errors import LocalenvError, NotFound

__all__ = ["Containers"]

_NANOSECONDS = 1_000_000_000
"""In a second: the unit of durations in the engine's JSON."""


_NOT_FROZEN = "unable to freeze"
_FREEZE_ATTEMPTS = 10
_FREEZE_PAUSE = 0.05
"""Seconds. A busy machine's kernel now and then does not hold a container's processes in runc's time."""


class Containers(EnginePart):
    """Calls about one container each."""

    def start(self, container: str) -> None:
        target = self._own(container)
        self._when_free(lambda: self._api.call("POST", path("containers", target, "start"), what=f"start container {container}"))

    def stop(self, container: str, grace: float) -> None:
        seconds = math.ceil(grace)
        with suppress(Gone):
            target = self._own(container)
            self._api.call(
                "POST",
                path("containers", target, "stop"),
                what=f"stop container {container}",
                params={"t": seconds},
                timeout=seconds + 60.0,
            )

    def pause(self, container: str) -> None:
        for attempt in range(_FREEZE_ATTEMPTS):
            try:
                with suppress(Gone, Busy):
                    self._api.call("POST", path("containers", self._own(container), "pause"), what=f"pause container {container}")
            except LocalenvError as error:
                if _NOT_FROZEN not in error.message or attempt + 1 == _FREEZE_ATTEMPTS:
                    raise
                self._clock.pause(_FREEZE_PAUSE)
            else:
                return

    def unpause(self, container: str) -> None:
        with suppress(Gone, Busy):
            self._api.call("POST", path("containers", self._own(container), "unpause"), what=f"unpause container {container}")

    def remove(self, container: str) -> None:
        with suppress(Gone):
            self._remove_now(self._own(container))

    def _remove_now(self, container_id: str) -> None:
        """Kill and remove; another removal on its way is waited for."""
        with suppress(Gone):
            self._when_free(
                lambda: self._api.call(
                    "DELETE",
                    path("containers", container_id),
                    what=f"remove container {container_id[:12]}",
                    params={"force": "1", "v": "1"},
                )
            )
        self._own_ids.discard(container_id)

    def set_restart(self, container: str, policy: str) -> None:
        target = self._own(container)
        self._api.call(
            "POST",
            path("containers", target, "update"),
            what=f"set the restart policy of container {container}",
            body={"RestartPolicy": {"Name": policy}},
        )

    def connect(
        self,
        network: str,
        container: str,
        *,
        address: str | None,
        aliases: Sequence[str] = (),
        links: Sequence[str] = (),
        options: Mapping[str, str] | None = None,
    ) -> None:
        settings: dict[str, Any] = {"Aliases": list(aliases), "Links": list(links), "DriverOpts": dict(options or {})}
        if address is not None:
            settings["IPAMConfig"] = {"IPv4Address": address}
        self._connect(network, self._own(container), settings)

    def _connect(self, network: str, target: str, settings: Mapping[str, Any]) -> None:
        self._api.call(
            "POST",
            path("networks", network, "connect"),
            what=f"connect container {target[:12]} to network {network}",
            body={"Container": target, "EndpointConfig": settings},
        )

    def disconnect(self, network: str, container: str) -> None:
        with suppress(Gone):
            target = self._own(container)
            if network not in self._endpoints(target):
                return
            self._api.call(
                "POST",
                path("networks", network, "disconnect"),
                what=f"disconnect container {container} from network {network}",
                body={"Container": target, "Force": True},
            )

    def move_endpoint(self, network: str, container: str, *, address: str) -> None:
        target = self._own(container)
        found = self._endpoint(target, network)
        configured = (found.get("IPAMConfig") or {}).get("IPv4Address")
        if configured == address:
            return
        kept = ("Aliases", "Links", "DriverOpts", "GwPriority")
        settings = {key: found[key] for key in kept if found.get(key)}
        settings["IPAMConfig"] = {**(found.get("IPAMConfig") or {}), "IPv4Address": address}
        self.disconnect(network, target)
        self._connect(network, target, settings)

    def rename_endpoint(self, network: str, container: str, *, aliases: Sequence[str]) -> None:
        target = self._own(container)
        found = self._endpoint(target, network)
        if set(found.get("Aliases") or ()) == set(aliases):
            return
        kept = ("Links", "DriverOpts", "GwPriority", "MacAddress")
        settings: dict[str, Any] = {key: found[key] for key in kept if found.get(key)}
        settings["Aliases"] = list(aliases)
        configured = found.get("IPAMConfig") or {}
        if address := configured.get("IPv4Address") or found.get("IPAddress"):
            settings["IPAMConfig"] = {**configured, "IPv4Address": address}
        self.disconnect(network, target)
        self._connect(network, target, settings)

    def endpoint(self, container: str, network: str) -> Mapping[str, object]:
        found = self._endpoint(container, network)
        configured = (found.get("IPAMConfig") or {}).get("IPv4Address")
        return {
            "aliases": list(found.get("Aliases") or ()),
            "links": list(found.get("Links") or ()),
            "options": dict(found.get("DriverOpts") or {}),
            "address": found.get("IPAddress") or configured or None,
        }

    def _endpoint(self, container: str, network: str) -> dict[str, Any]:
        endpoints = self._endpoints(container)
        if network not in endpoints:
            raise NotFound(f"container {container} is not on network {network}")
        found: dict[str, Any] = endpoints[network] or {}
        return found

    def _endpoints(self, container: str) -> dict[str, Any]:
        found: dict[str, Any] = self._inspect(container)["NetworkSettings"].get("Networks") or {}
        return found

    def put_files(self, container: str, path: str, archive: bytes) -> None:
        self._put(self._own(container), path, archive)

    def _put(self, target: str, directory: str, archive: bytes | Iterator[bytes]) -> None:
        self._api.call(
            "PUT",
            path("containers", target, "archive"),
            what=f"put files into {directory} of container {target[:12]}",
            params={"path": directory},
            data=archive,
            timeout=None,
        )

    def get_files(self, container: str, path: str) -> Iterator[bytes]:
        stream = self._api.stream(
            "GET",
            _archive_route(container),
            what=f"get {path} of container {container}",
            params={"path": path},
        )
        try:
            yield from stream.body()
        finally:
            stream.close()

    def health_output(self, container: str) -> str | None:
        runs = (self._inspect(container)["State"].get("Health") or {}).get("Log") or ()
        return str(runs[-1].get("Output", "")) if runs else None

    def healthcheck(self, container: str) -> HealthCheck | None:
        written = self._inspect(container)["Config"].get("Healthcheck") or {}
        test = tuple(written.get("Test") or ())
        if not test or test[0] == "NONE":
            return None
        return HealthCheck(
            test=test,
            interval=(written.get("Interval") or 30 * _NANOSECONDS) / _NANOSECONDS,
            timeout=(written.get("Timeout") or 30 * _NANOSECONDS) / _NANOSECONDS,
            retries=written.get("Retries") or 3,
            start_period=(written.get("StartPeriod") or 0) / _NANOSECONDS,
        )

    def environment_of(self, container: str) -> Mapping[str, str]:
        entries = self._inspect(container)["Config"].get("Env") or ()
        return {name: value for name, _, value in (entry.partition("=") for entry in entries)}


def _archive_route(container: str) -> str:
    return path("containers", container, "archive")
