"""An engine that lives in memory: state, rules and errors of the real one as far as localenv meets them.

The contract suite holds both to the same tests. Tests make containers with ``create_container`` (or ``FakeCompose``)
and say how they behave with ``behave``; ``calls`` tells what was changed, in order.
"""

from __future__ import annotations

import contextlib
import ipaddress
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, BinaryIO, Literal

from localenv.adapters.docker_engine.failures import Busy, Gone
from localenv.adapters.docker_engine.moments import moment
from localenv.core import labels as label
from localenv.core.observed import ContainerSeen, NetworkSeen, Observed, VolumeSeen
from localenv.core.wanted import HealthCheck, ImageDetails
from localenv.errors import LocalenvError, NotFound, Unavailable
from localenv.errors.engine import ForeignObject, PortTaken
from localenv.ports.engine import ContainerEvent, EngineInfo, ExecResult, NetworkSpec, ToolSpec, Usage, VolumeSpec
from tests.fakes.memory_objects import (
    BUILT_IN_PROGRAMS,
    Behaviour,
    Channel,
    Endpoint,
    ExecCall,
    Files,
    MemoryContainer,
    MemoryNetwork,
    MemoryVolume,
    Program,
    archive_of,
    ends,
    event_of,
    unpacked,
)

__all__ = ["MemoryEngine"]

_IDENTITY = (label.PROJECT, label.ENVIRONMENT, label.CLASSIFICATION)
_KILLED, _TERMINATED = 137, 143


class MemoryEngine:
    """``ports.engine.Engine`` without an engine."""

    def __init__(self, owner: str = "test", *, native_linux: bool = True) -> None:
        self.owner = owner
        self.containers: dict[str, MemoryContainer] = {}
        self.networks: dict[str, MemoryNetwork] = {}
        self.volumes: dict[str, MemoryVolume] = {}
        self.images: dict[str, ImageDetails] = {}
        self.programs: dict[str, Program] = dict(BUILT_IN_PROGRAMS)
        self.calls: list[tuple[str, ...]] = []
        """Every change that was made: the method's name and its target."""
        self._behaviours: dict[str, Behaviour] = {}
        self._subscribers: list[tuple[Mapping[str, str], queue.SimpleQueue[ContainerEvent | None]]] = []
        self._native_linux = native_linux
        self._lock = threading.RLock()
        self._serial = 0

    # --- what only tests do ------------------------------------------------------------------------------------------

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
                created=_now(),
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

    def end(self, container: str, exit_code: int) -> None:
        """Let a container's main process end by itself."""
        with self._lock:
            found = self._container(container)
            found.state, found.exit_code, found.health, found.finished = "exited", exit_code, "none", _now()
            for endpoint in found.endpoints.values():
                endpoint.address = None
            self._tell(event_of(found, "die", exit_code=exit_code))

    # --- the port ----------------------------------------------------------------------------------------------------

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
            containers = [_container_seen(one, details=details) for one in self.containers.values() if wanted(one.labels)]
            networks = [_network_seen(one) for one in self.networks.values() if wanted(one.labels)]
            volumes = [_volume_seen(one) for one in self.volumes.values() if wanted(one.labels)]
        return Observed(
            containers=tuple(sorted(containers, key=lambda seen: seen.name)),
            networks=tuple(sorted(networks, key=lambda seen: seen.name)),
            volumes=tuple(sorted(volumes, key=lambda seen: seen.name)),
        )

    def look_closer(self, containers: Sequence[ContainerSeen]) -> tuple[ContainerSeen, ...]:
        with self._lock:
            return tuple(_container_seen(self.containers[one.id], details=True) for one in containers if one.id in self.containers)

    def image(self, reference: str) -> ImageDetails | None:
        return self.images.get(reference)

    def networks_in_use(self) -> tuple[str, ...]:
        return tuple(sorted(network.subnet for network in self.networks.values()))

    def published_ports(self) -> frozenset[int]:
        with self._lock:
            running = [container for container in self.containers.values() if container.state == "running"]
            return frozenset(port for container in running for *_, port in container.ports)

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
                created=_now(),
            )
            self._note("create_volume", spec.name)

    def remove_volume(self, name: str) -> None:
        with self._lock:
            if (found := self.volumes.get(name)) is None:
                return
            self._check_owner(found.labels, f"volume {name}")
            if any(name in one.mounts.values() for one in self.containers.values()):
                raise Busy(f"volume {name} is in use")
            del self.volumes[name]
            self._note("remove_volume", name)

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
            found.state, found.started, found.exit_code = "running", _now(), None
            found.log += [(_now(), channel, line) for channel, line in behaviour.output]
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

    def put_files(self, container: str, path: str, archive: bytes) -> None:
        with self._lock:
            found = self._own(container)
            for name, content in unpacked(archive, path).items():
                self._place(found, name)[name] = content
            self._note("put_files", found.name, path)

    def _place(self, container: MemoryContainer, name: str) -> Files:
        """The container's own files, or those of the volume that is mounted over the path."""
        for target, volume in container.mounts.items():
            if name.startswith(target.rstrip("/") + "/"):
                return _Below(self.volumes[volume].files, target)
        return container.files

    def get_files(self, container: str, path: str) -> Iterator[bytes]:
        with self._lock:
            packed = archive_of(self._all_files(self._container(container)), path)
        for start in range(0, len(packed), 1 << 16):
            yield packed[start : start + (1 << 16)]

    def _all_files(self, container: MemoryContainer) -> Files:
        mounted = {
            f"{target.rstrip('/')}/{name}": content
            for target, volume in container.mounts.items()
            for name, content in self.volumes[volume].files.items()
        }
        return {**container.files, **mounted}

    def execute(  # noqa: PLR0913 - the whole of one call
        self,
        container: str,
        command: Sequence[str],
        *,
        stdin: BinaryIO | None = None,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        working_dir: str | None = None,
        privileged: bool = False,
        timeout: float | None = None,
        on_output: Callable[[Channel, bytes], None] | None = None,
    ) -> ExecResult:
        found = self._own(container)
        if found.state != "running":
            raise LocalenvError(f"container {container} is not running", code="not-running")
        self._note("execute", found.name, *command)
        program = self.programs.get(command[0])
        if program is None:
            return ends(127, stderr=f"exec: {command[0]}: not found".encode())
        result = program(
            ExecCall(
                container=found,
                command=tuple(command),
                stdin=stdin,
                environment=dict(environment or {}),
                user=user,
                working_dir=working_dir,
                timeout=timeout,
            )
        )
        if on_output is None:
            return result
        for channel, output in (("stdout", result.stdout), ("stderr", result.stderr)):
            if output:
                on_output(channel, output)  # type: ignore[arg-type]
        return ends(result.exit_code)

    def logs(
        self,
        container: str,
        *,
        follow: bool = False,
        tail: int | None = None,
        since: str | None = None,
        timestamps: bool = False,
        until: str | None = None,
    ) -> Iterator[tuple[Channel, bytes]]:
        """Lines so far; ``follow`` does not wait for more."""
        now = datetime.now(UTC)
        first = float(moment(since, now)) if since else 0.0
        last = float(moment(until, now)) if until else (now + timedelta(days=1)).timestamp()
        kept = [
            (at, channel, line)
            for at, channel, line in self._container(container).log
            if first <= datetime.fromisoformat(at).timestamp() <= last
        ]
        for at, channel, line in kept if tail is None else kept[len(kept) - min(tail, len(kept)) :]:
            yield channel, at.encode() + b" " + line if timestamps else line

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

    def run_tool(self, spec: ToolSpec, *, wait: bool = True, archive: tuple[str, bytes] | None = None) -> ExecResult | None:
        with self._lock:
            self.remove_tool(spec.name)
            target = self.create_container(
                spec.name,
                spec.image,
                labels={label.ROLE: "tool", **spec.labels, label.OWNER: self.owner},
                networks=self._tool_networks(spec),
                environment=spec.environment,
                ports=[(int(port.split("/")[0]), port.split("/")[1], *at) for port, at in spec.ports.items()],
                mounts=_volume_binds(spec.binds),
                command=spec.command,
                restart=spec.restart,
            )
            self._note("run_tool", spec.name)
            try:
                if archive is not None:
                    self.put_files(target, *archive)
                self.start(target)
                return self._tool_result(target) if wait else None
            except BaseException:
                self.remove(target)
                raise

    def _tool_networks(self, spec: ToolSpec) -> dict[str, Endpoint]:
        named = spec.network not in {None, "none", "host"}
        return {spec.network: Endpoint(configured=spec.address)} if named and spec.network else {}

    def _tool_result(self, target: str) -> ExecResult:
        """What the tool wrote and its code; one that has no behaviour of its own ends with 0."""
        found = self._container(target)
        result = ends(
            found.exit_code or 0,
            b"".join(line + b"\n" for _, channel, line in found.log if channel == "stdout"),
            b"".join(line + b"\n" for _, channel, line in found.log if channel == "stderr"),
        )
        self.remove(target)
        return result

    def remove_tool(self, name: str) -> None:
        self.remove(name)

    def tool(self, name: str) -> Mapping[str, str] | None:
        with contextlib.suppress(Gone):
            found = self._container(name)
            if found.labels.get(label.OWNER) == self.owner:
                own = {"id": found.id, "state": found.state, "image": found.image, "image_id": found.image_id}
                return {**found.labels, **own}
        return None

    def copy_into_volume(self, volume: str, archive: Iterator[bytes], *, image: str) -> None:
        with self._lock:
            if volume not in self.volumes:
                raise Gone(f"there is no volume {volume}")
            self._check_owner(self.volumes[volume].labels, f"volume {volume}")
            if image not in self.images:
                raise Unavailable(f"image {image} is not there", code="image-missing")
            files = unpacked(b"".join(archive), "/")
            self.volumes[volume].files.update({name.lstrip("/"): content for name, content in files.items()})
            self._note("copy_into_volume", volume)

    def read_volume(self, volume: str, *, image: str) -> Iterator[bytes]:
        with self._lock:
            if volume not in self.volumes:
                raise Gone(f"there is no volume {volume}")
            if image not in self.images:
                raise Unavailable(f"image {image} is not there", code="image-missing")
            packed = archive_of({f"/{name}": content for name, content in self.volumes[volume].files.items()}, "/")
        yield packed

    def system_usage(self) -> Callable[[], Mapping[str, int]]:
        return lambda: {"images": 0, "containers": 0, "volumes": 0, "build_cache": 0}

    # --- shared ------------------------------------------------------------------------------------------------------

    def _container(self, container: str) -> MemoryContainer:
        if container in self.containers:
            return self.containers[container]
        for found in self.containers.values():
            if found.name == container:
                return found
        raise Gone(f"there is no container {container}")

    def _own(self, container: str) -> MemoryContainer:
        found = self._container(container)
        self._check_owner(found.labels, f"container {container}")
        return found

    def _check_owner(self, labels: Mapping[str, str], what: str) -> None:
        if labels.get(label.OWNER) != self.owner:
            raise ForeignObject(f"{what} was not made by this installation of localenv")

    def _check_same(self, found: Mapping[str, str], wanted: Mapping[str, str], what: str) -> None:
        self._check_owner(found, what)
        if any(key in wanted and found.get(key) != wanted[key] for key in _IDENTITY):
            raise LocalenvError(f"{what} is there with other labels", code="object-differs")

    def _note(self, *call: str) -> None:
        self.calls.append(call)

    def _tell(self, event: ContainerEvent) -> None:
        for labels, mailbox in self._subscribers:
            if labels.items() <= event.labels.items():
                mailbox.put(event)

    def _new_id(self, name: str) -> str:
        self._serial += 1
        return sha256(f"{self._serial} {name}".encode()).hexdigest()


class _Below(dict[str, bytes]):
    """Files of a volume, written under the path where it is mounted."""

    def __init__(self, files: Files, target: str) -> None:
        super().__init__()
        self._files = files
        self._target = target.rstrip("/") + "/"

    def __setitem__(self, name: str, content: bytes) -> None:
        self._files[name.removeprefix(self._target)] = content


def _volume_binds(binds: Sequence[str]) -> dict[str, str]:
    pairs = [bind.split(":") for bind in binds]
    return {pair[1]: pair[0] for pair in pairs if not pair[0].startswith("/")}


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _container_seen(container: MemoryContainer, *, details: bool) -> ContainerSeen:
    labels = dict(container.labels)
    number = labels.get(label.COMPOSE_NUMBER, "")
    running = container.state == "running"
    return ContainerSeen(
        id=container.id,
        name=container.name,
        project=labels[label.PROJECT],
        environment=labels[label.ENVIRONMENT],
        service=labels.get(label.COMPOSE_SERVICE, ""),
        number=int(number) if number.isdigit() else 0,
        spec=labels.get(label.SPEC, ""),
        tier=labels.get(label.TIER, ""),
        image=container.image,
        image_id=container.image_id,
        state=container.state,
        health=container.health,
        exit_code=container.exit_code,
        one_shot=labels.get(label.ONE_SHOT) == "true",
        restart=container.restart if details else "no",
        addresses={name: end.address for name, end in container.endpoints.items() if end.address},
        created=container.created,
        started=container.started if details else None,
        finished=container.finished if details else None,
        labels=labels,
        ports=container.ports if running else (),
    )


def _network_seen(network: MemoryNetwork) -> NetworkSeen:
    return NetworkSeen(
        name=network.name,
        id=network.id,
        project=network.labels[label.PROJECT],
        environment=network.labels[label.ENVIRONMENT],
        subnet=network.subnet,
        labels=dict(network.labels),
    )


def _volume_seen(volume: MemoryVolume) -> VolumeSeen:
    profile = volume.labels.get(label.PROFILE, "none")
    return VolumeSeen(
        name=volume.name,
        project=volume.labels[label.PROJECT],
        environment=volume.labels[label.ENVIRONMENT],
        classification=volume.labels.get(label.CLASSIFICATION, ""),
        profile=None if profile == "none" else profile,
        created=volume.created,
        labels=dict(volume.labels),
    )
