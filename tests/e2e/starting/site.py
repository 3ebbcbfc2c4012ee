"""One environment on the real engine, planned and carried out without the router or a project's files."""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from localenv.actions.executor.executor import Executor
from localenv.actions.executor.ports import Ports
from localenv.actions.executor.values import Execution, Outcome
from localenv.actions.starting import Starting
from localenv.actions.volumes import Volumes
from localenv.adapters.clock import SystemClock
from localenv.adapters.compose_plugin import ComposePlugin
from localenv.adapters.docker_engine import DockerEngine
from localenv.adapters.state_store import StateStore
from localenv.adapters.subprocess_processes import SubprocessProcesses
from localenv.adapters.tcp_dialer import TcpDialer
from localenv.adapters.yaml_files import dump, load_document
from localenv.core import labels
from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.observed import ContainerSeen, Observed
from localenv.core.plan import Plan, RouteFacts, plan, plan_destroy, plan_start, plan_stop
from localenv.core.plan.journal import unfinished
from localenv.core.wanted import Dependency, HealthCheck, NetworkWanted, ServiceWanted, Wanted
from localenv.ports.progress import Event, Message, ServiceState

IMAGE = "debian:bookworm-slim"


class Site:
    """An environment of its own: owner, name, addresses and state directory."""

    def __init__(self, home: Path) -> None:
        self.id = EnvironmentId(project="starting", name=secrets.token_hex(4))
        self.clock = SystemClock()
        self.owner = f"test-{secrets.token_hex(6)}"
        self.engine = DockerEngine(owner=self.owner, clock=self.clock, environment=os.environ)
        self.store = StateStore(home, dump=dump, load=lambda content, name: load_document(content, name).value)
        self.home = home
        self.events: list[Event] = []
        compose = ComposePlugin(SubprocessProcesses(os.environ), os.environ)
        nothing: Any = None
        no_layers: Any = PlainVolumes(self.engine)
        ports = Ports(
            engine=self.engine,
            compose=compose,
            router=nothing,
            store=self.store,
            progress=self,
            clock=self.clock,
            pack=lambda _source, _exclude: iter(()),
            volumes=Volumes(self.engine, no_layers, self),
        )
        starting = Starting(engine=self.engine, progress=self, clock=self.clock, dialer=TcpDialer())
        self.executor = Executor(ports, starting)
        self.subnet = self._free_block()

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def notes(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Message)]

    def states(self, service: str) -> list[str]:
        return [event.state for event in self.events if isinstance(event, ServiceState) and event.service == service]

    def _free_block(self) -> str:
        used = [ipaddress.IPv4Network(block) for block in self.engine.networks_in_use()]
        while True:
            block = ipaddress.IPv4Network(f"10.233.{secrets.randbelow(256)}.{secrets.randbelow(8) * 32}/27")
            if not any(block.overlaps(other) for other in used):
                return str(block)

    @property
    def network(self) -> str:
        return self.id.object_name("default")

    def wanted(self, *services: ServiceWanted, more: Mapping[str, Mapping[str, Any]] | None = None) -> Wanted:
        definitions = {entry.name: {**self._definition(entry), **dict((more or {}).get(entry.name, {}))} for entry in services}
        model = {
            "name": self.id.compose_project,
            "services": definitions,
            "networks": {"default": {"name": self.network, "ipam": {"config": [{"subnet": self.subnet}]}}},
        }
        return Wanted(
            id=self.id,
            owner=self.owner,
            tier=TierProfile(tier="development", purpose=""),
            directory=str(self.home),
            model=model,
            services=services,
            networks=(NetworkWanted(key="default", name=self.network),),
            subnets={self.network: self.subnet},
        )

    def _definition(self, entry: ServiceWanted) -> dict[str, Any]:
        definition: dict[str, Any] = {
            "image": entry.image,
            "init": True,
            "networks": {"default": None},
            "restart": "no" if entry.one_shot else "always",
            "labels": {
                labels.OWNER: self.owner,
                labels.PROJECT: self.id.project,
                labels.ENVIRONMENT: self.id.name,
                labels.TIER: "development",
                labels.SPEC: entry.spec,
                labels.ONE_SHOT: str(entry.one_shot).lower(),
            },
        }
        if entry.health is not None:
            definition["healthcheck"] = {"test": list(entry.health.test), "interval": f"{entry.health.interval:g}s"}
        return definition

    def plan(self, state: Wanted) -> Plan:
        done = unfinished(self.store.journal_lines(self.id))
        return plan(state, self.observe(), RouteFacts(), unfinished=done)

    def up(self, state: Wanted, *, timeout: float = 30.0) -> Outcome:
        return self.executor.run(self.plan(state), Execution(wanted=state, timeout=timeout, redact=_masked))

    def stop(self, *services: ServiceWanted) -> None:
        self.executor.run(plan_stop(self.id, self.observe(), services, published=False))

    def start(self, *services: ServiceWanted) -> None:
        self.executor.run(plan_start(self.id, self.observe(), services))

    def observe(self) -> Observed:
        return self.engine.observe(self.id.project, self.id.name)

    def of(self, service: str) -> ContainerSeen:
        return next(seen for seen in self.observe().containers if seen.service == service)

    def read(self, service: str, path: str) -> str:
        result = self.engine.execute(self.of(service).id, ("cat", "--", path))
        return result.stdout.decode()

    def close(self) -> None:
        self.executor.run(plan_destroy(self.id, self.observe(), published=False))
        assert self.observe() == Observed()
        self.engine.close()


class PlainVolumes:
    """A machine on which volumes have no layers."""

    method = None

    def __init__(self, engine: DockerEngine) -> None:
        self._engine = engine

    def remove(self, names: Sequence[str]) -> None:
        for name in names:
            self._engine.remove_volume(name)


def _masked(text: str) -> str:
    return text.replace("hunter2", "***")


def sites(home: Path) -> Iterator[Site]:
    site = Site(home)
    try:
        yield site
    finally:
        site.close()


def shell(name: str, script: str, *needs: Dependency, **given: Any) -> tuple[ServiceWanted, dict[str, Any]]:
    """A service that runs a script, and its part of the model."""
    service = ServiceWanted(
        **{
            "name": name,
            "image": IMAGE,
            "image_id": None,
            "spec": f"{name}-1",
            "dependencies": needs,
            "stop_grace": 2.0,
            **given,
        }
    )
    return service, {"command": ["sh", "-c", script.replace("$", "$$")]}


def checked(test: str, interval: float = 30.0) -> HealthCheck:
    return HealthCheck(test=("CMD-SHELL", test), interval=interval)
