"""``doctor --isolation``: two throwaway environments, and a probe inside one that tries to reach the other."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from localenv.actions.lifecycle import Lifecycle
from localenv.actions.up import Up
from localenv.actions.up_request import UpRequest, UpResult
from localenv.actions.workers import side_by_side
from localenv.core.isolation import Attempt, IsolationReport, ProbeSeen, Side, bridge_of, judge
from localenv.core.names import EnvironmentId
from localenv.core.typed import from_json
from localenv.errors import LocalenvError
from localenv.ports.engine import Engine
from localenv.ports.host import Host
from localenv.ports.progress import Message, Progress
from localenv.ports.router import Router, RouterStatus
from localenv.values import dataclass

__all__ = ["Isolation"]

_NAMES: Final = ("one", "other")
_TIER: Final = "preview"
_SERVICES: Final[Mapping[str, int]] = {"web": 8000, "db": 5432}
_PROBE: Final = ("python3", "/programs/probe.py")
_SECONDS: Final = 300.0
_DEFAULT_BRIDGE: Final = "172.17.0.1"

Ask = Callable[[str, str], tuple[int, bytes] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """The two environments while they run."""

    own: Side
    other: Side
    containers: Mapping[str, str]
    """Of ``own``, by service."""
    question: Mapping[str, Any]


class Isolation:
    """Proves by connecting. Whatever happens, both environments are removed at the end."""

    def __init__(  # noqa: PLR0913 - what a trial touches
        self,
        *,
        up: Up,
        lifecycle: Lifecycle,
        engine: Engine,
        host: Host,
        router: Router,
        secrets: Callable[[EnvironmentId], Mapping[str, str]],
        ask: Ask,
        progress: Progress,
        router_name: str,
    ) -> None:
        self._up = up
        self._lifecycle = lifecycle
        self._engine = engine
        self._host = host
        self._router = router
        self._secrets = secrets
        self._ask = ask
        self._progress = progress
        self._router_name = router_name

    def __call__(self, directory: str, project: str) -> IsolationReport:
        """Run the trial of the project in ``directory``, which is called ``project`` and used for nothing else."""
        ids = [EnvironmentId(project=project, name=name) for name in _NAMES]
        try:
            results = self._up(UpRequest(directory=directory, names=_NAMES, tier=_TIER))
            trial = self._trial(ids, results)
            self._tell(f"trying to get from {trial.own.name} to {trial.other.name}: every port, name, volume and secret")
            attempts = (*self._from_outside(results), *self._from_inside(trial))
            mode = self._router.status().mode
        finally:
            self._lifecycle("destroy", ids)
        return IsolationReport(attempts=attempts, mode=mode)

    def _from_outside(self, results: Sequence[UpResult]) -> tuple[Attempt, ...]:
        """Control: both answer through the router, so that what is tried to be reached is there."""
        found = []
        for result in results:
            for host in _hosts(result)[:1]:
                answer = self._ask(host, "/")
                told = answer[1].decode("utf-8", "replace").strip() if answer else "no answer"
                tried = f"this machine -> https://{host}"
                found.append(Attempt(group="control", tried=tried, seen=told, holds=told == f"I am {result.id.name}"))
        return tuple(found)

    def _from_inside(self, trial: _Trial) -> tuple[Attempt, ...]:
        seen: dict[str, ProbeSeen] = {}

        def probe(service: str) -> None:
            seen[service] = self._probe(trial.containers[service], trial.question, scans=service == "web")

        side_by_side(probe, sorted(trial.containers), name="probe")
        return tuple(
            attempt for service in sorted(seen) for attempt in judge(seen[service], trial.own, trial.other, service=service)
        )

    def _probe(self, container: str, question: Mapping[str, Any], *, scans: bool) -> ProbeSeen:
        asked = {**question, "scan": question["scan"] if scans else []}
        done = self._engine.execute(container, _PROBE, stdin=io.BytesIO(msgspec.json.encode(asked)), timeout=_SECONDS)
        if done.exit_code != 0:
            last = done.stderr.decode("utf-8", "replace").strip().splitlines()[-3:]
            raise LocalenvError("the probe inside the container failed", details=tuple(last), code="probe")
        return from_json(done.stdout, ProbeSeen)

    def _trial(self, ids: Sequence[EnvironmentId], results: Sequence[UpResult]) -> _Trial:
        own, other = (self._side(result) for result in results)
        observed = self._engine.observe(ids[0].project, ids[0].name)
        return _Trial(
            own=own,
            other=other,
            containers={container.service: container.id for container in observed.containers},
            question=self._question(ids, own, other, results),
        )

    def _side(self, result: UpResult) -> Side:
        observed = self._engine.observe(result.id.project, result.id.name)
        return Side(
            name=result.id.name,
            addresses={each.service: address for each in observed.containers for address in each.addresses.values()},
            ports=_SERVICES,
            containers=tuple(container.name for container in observed.containers),
            volumes=tuple(volume.name for volume in observed.volumes),
            hosts=_hosts(result),
        )

    def _question(self, ids: Sequence[EnvironmentId], own: Side, other: Side, results: Sequence[UpResult]) -> dict[str, Any]:
        status = self._router.status()
        published = [each["port"] for each in results[1].exposures if each.get("port")]
        secrets = [self._secrets(environment).get("TOKEN", "") for environment in ids]
        return {
            "fetch": [
                *((name, port) for name, port in _SERVICES.items()),
                *((own.addresses[name], port) for name, port in _SERVICES.items()),
                *((other.addresses[name], port) for name, port in _SERVICES.items()),
            ],
            "resolve": _names(ids[1], other),
            "scan": [own.addresses["db"], *other.addresses.values()],
            "gates": self._gates(),
            "gate_ports": sorted({*_router_ports(status), *published}),
            "router_ports": [(status.https_port, True), (status.http_port, False)],
            "hosts": [*own.hosts[:1], *other.hosts],
            "secrets": [hashlib.sha256(value.encode()).hexdigest() for value in secrets],
            "volumes": other.volumes,
        }

    def _gates(self) -> list[str]:
        """Where this machine could be met: the gateways of all environments, the default bridge, its own addresses.

        In attached mode the router itself stands on the network, under its container's name.
        """
        subnets = [network.subnet for network in self._engine.observe(details=False).networks if network.subnet]
        return [*dict.fromkeys((*map(bridge_of, subnets), _DEFAULT_BRIDGE, *self._host.addresses(), self._router_name))]

    def _tell(self, text: str) -> None:
        self._progress.emit(Message(stage="probe", text=text))


def _hosts(result: UpResult) -> tuple[str, ...]:
    """Hostnames that the router knows of it, the main one first."""
    urls = [str(each["url"]) for each in result.exposures if each.get("url")]
    hosts = [url.removeprefix("https://").partition("/")[0].partition(":")[0] for url in urls]
    return (*dict.fromkeys((*hosts, *(str(each["host"]) for each in result.exposures if each.get("host")))),)


def _router_ports(status: RouterStatus) -> tuple[int, ...]:
    return tuple(port for port in (status.http_port, status.https_port, status.postgres_port) if port)


def _names(other: EnvironmentId, side: Side) -> list[str]:
    """Every name under which somebody could hope to find the other environment's services."""
    plain = [
        f"{service}.{end}" for service in _SERVICES for end in (other.object_name("default"), other.compose_project, other.name)
    ]
    return [*_SERVICES, *side.containers, *plain, *side.hosts]
