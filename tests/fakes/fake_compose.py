"""Compose without Compose: makes containers in a ``MemoryEngine`` from the rendered model."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from localenv.core import labels as label
from localenv.core.wanted import Model
from localenv.ports.compose import ResolveRequest
from tests.fakes.memory_engine import MemoryEngine
from tests.fakes.memory_objects import Endpoint

__all__ = ["FakeCompose"]


def _read_yaml(file: str) -> Model:
    model: Model = yaml.safe_load(Path(file).read_text())
    return model


class FakeCompose:
    """``ports.compose.Compose``. ``read`` gets the model of a file; ``resolve`` answers from ``models``."""

    def __init__(self, engine: MemoryEngine, *, read: Callable[[str], Model] = _read_yaml) -> None:
        self.engine = engine
        self.models: dict[str, Model] = {}
        """Resolved models by project name."""
        self.built: list[str] = []
        self.attached: list[tuple[str, ...]] = []
        self._read = read

    def version(self) -> str:
        return "2.26.1"

    def resolve(self, request: ResolveRequest) -> Model:
        model: Model = json.loads(json.dumps(self.models[request.project_name]))
        return model

    def create(self, *, file: str, project_name: str, directory: str, scale: Mapping[str, int], no_recreate: bool = True) -> None:
        """Make the missing containers of every service, in the order of the file."""
        model = self._read(file)
        for service, definition in (model.get("services") or {}).items():
            for number in range(1, scale.get(service, definition.get("scale", 1)) + 1):
                self._create_one(project_name, service, number, definition, model)
        self.engine.calls.append(("compose create", project_name))

    def _create_one(  # one container
        self, project: str, service: str, number: int, definition: dict[str, Any], model: Model
    ) -> None:
        name = definition.get("container_name") or f"{project}-{service}-{number}"
        if any(container.name == name for container in self.engine.containers.values()):
            return
        self.engine.create_container(
            name,
            definition["image"],
            labels={
                **_mapping(definition.get("labels")),
                label.COMPOSE_PROJECT: project,
                label.COMPOSE_SERVICE: service,
                label.COMPOSE_NUMBER: str(number),
            },
            networks=_endpoints(definition, model.get("networks") or {}, project, service, name),
            environment=_mapping(definition.get("environment")),
            ports=[
                (int(port["target"]), port.get("protocol", "tcp"), port.get("host_ip", ""), int(port["published"]))
                for port in definition.get("ports") or ()
                if port.get("published")
            ],
            mounts=_mounts(definition, model.get("volumes") or {}),
            command=tuple(definition.get("command") or ()),
            healthcheck="test" in (definition.get("healthcheck") or {}),
            restart=definition.get("restart", "no"),
        )

    def build(
        self,
        *,
        file: str,
        project_name: str,
        directory: str,
        services: Sequence[str],
        on_line: Callable[[str], None] | None = None,
    ) -> None:
        """Make the services' images present."""
        definitions = self._read(file)["services"]
        for service in services:
            self.engine.add_image(definitions[service]["image"])
            self.built.append(service)
            if on_line is not None:
                on_line(f"built {service}")

    def attach(self, *, file: str, project_name: str, directory: str, arguments: Sequence[str]) -> int:
        self.attached.append(tuple(arguments))
        return 0

    def collect(
        self, *, file: str, project_name: str, directory: str, arguments: Sequence[str], on_line: Callable[[str], None]
    ) -> int:
        self.attached.append(tuple(arguments))
        on_line("collected")
        return 0


def _endpoints(
    definition: dict[str, Any], networks: dict[str, Any], project: str, service: str, name: str
) -> dict[str, Endpoint]:
    if definition.get("network_mode"):
        return {}
    wanted = definition.get("networks") or {"default": None}
    pairs = wanted.items() if isinstance(wanted, dict) else ((key, None) for key in wanted)
    return {
        (networks.get(key) or {}).get("name", f"{project}_{key}"): Endpoint(
            configured=(settings or {}).get("ipv4_address"),
            aliases=(name, service, *((settings or {}).get("aliases") or ())),
            links=tuple(definition.get("links") or ()),
            options=dict((settings or {}).get("driver_opts") or {}),
        )
        for key, settings in pairs
    }


def _mapping(value: Any) -> dict[str, str]:
    """Labels or variables in either of Compose's two spellings."""
    if isinstance(value, list):
        return {key: text for key, _, text in (entry.partition("=") for entry in value)}
    return {key: "" if text is None else str(text) for key, text in (value or {}).items()}


def _mounts(definition: dict[str, Any], volumes: dict[str, Any]) -> dict[str, str]:
    """Volume's name on the engine by path; binds are not followed."""
    return {
        mount["target"]: (volumes.get(mount["source"]) or {}).get("name", mount["source"])
        for mount in definition.get("volumes") or ()
        if _is_volume(mount)
    }


def _is_volume(mount: Any) -> bool:
    return isinstance(mount, dict) and mount.get("type") == "volume" and bool(mount.get("source"))
