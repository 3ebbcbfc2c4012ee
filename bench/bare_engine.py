"""The rival that cannot be beaten: the bare Engine API calls for the two services, nothing else."""

from __future__ import annotations

import time
from typing import Any

import docker

__all__ = ["BareEngine"]


class BareEngine:
    """Network, volume, two containers; the database is asked every 50 ms until it is ready."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._engine: Any = docker.APIClient()

    def up_and_away(self) -> float:
        began = time.perf_counter()
        try:
            self._up()
            return time.perf_counter() - began
        finally:
            self._away()

    def _up(self) -> None:
        self._engine.create_network(self._name)
        self._engine.create_volume(self._name)
        database = self._create(
            "db", "postgres:16", environment={"POSTGRES_PASSWORD": "bench"}, binds=[f"{self._name}:/var/lib/postgresql/data"]
        )
        web = self._create("web", "nginx:1.27")
        self._engine.start(database)
        while not self._ready(database):
            time.sleep(0.05)
        self._engine.start(web)

    def _create(
        self, service: str, image: str, *, environment: dict[str, str] | None = None, binds: list[str] | None = None
    ) -> str:
        created = self._engine.create_container(
            image,
            name=f"{self._name}-{service}",
            environment=environment,
            host_config=self._engine.create_host_config(binds=binds, network_mode=self._name),
        )
        return str(created["Id"])

    def _ready(self, container: str) -> bool:
        command = self._engine.exec_create(container, ["pg_isready", "-U", "postgres", "-h", "127.0.0.1"])
        self._engine.exec_start(command)
        return bool(self._engine.exec_inspect(command["Id"])["ExitCode"] == 0)

    def _away(self) -> None:
        for service in ("web", "db"):
            self._engine.remove_container(f"{self._name}-{service}", force=True, v=True)
        self._engine.remove_network(self._name)
        self._engine.remove_volume(self._name)
