"""What the in-memory engine holds: containers, networks and volumes with their state, and how containers behave."""

from __future__ import annotations

import io
import ipaddress
import posixpath
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

from localenv.core.wanted import HealthCheck
from localenv.errors import LocalenvError
from localenv.ports.engine import ContainerEvent, ExecResult

__all__ = [
    "BUILT_IN_PROGRAMS",
    "Behaviour",
    "Endpoint",
    "ExecCall",
    "MemoryContainer",
    "MemoryNetwork",
    "MemoryVolume",
    "Program",
    "archive_of",
    "unpacked",
]

Channel = Literal["stdout", "stderr"]
Health = Literal["none", "starting", "healthy", "unhealthy"]
Files = dict[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What containers of a service do once they are started."""

    exit_code: int | None = None
    """Ends at once with this; ``None`` runs until it is stopped."""
    health: Health | None = None
    """Reached at once; ``None`` is ``healthy`` with a healthcheck and ``none`` without."""
    output: tuple[tuple[Channel, bytes], ...] = ()
    """Lines written at the start."""
    refuses: LocalenvError | None = None
    """Raised instead of starting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecCall:
    """One command in a container."""

    container: MemoryContainer
    command: tuple[str, ...]
    stdin: BinaryIO | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    working_dir: str | None = None
    timeout: float | None = None


Program = Callable[[ExecCall], ExecResult]


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """A container's place on one network."""

    configured: str | None = None
    address: str | None = None
    aliases: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class MemoryContainer:
    """A container."""

    id: str
    name: str
    image: str
    image_id: str
    labels: dict[str, str]
    state: Literal["created", "running", "paused", "restarting", "removing", "exited", "dead"] = "created"
    health: Health = "none"
    exit_code: int | None = None
    restart: str = "no"
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    ports: tuple[tuple[int, str, str, int], ...] = ()
    mounts: dict[str, str] = field(default_factory=dict)
    """Volume's name by path."""
    files: Files = field(default_factory=dict)
    log: list[tuple[str, Channel, bytes]] = field(default_factory=list)
    """Time (RFC 3339), channel, line."""
    healthcheck: bool = False
    health_output: str | None = None
    healthcheck_test: HealthCheck | None = None
    command: tuple[str, ...] = ()
    created: str = ""
    started: str | None = None
    finished: str | None = None


@dataclass(slots=True, kw_only=True)
class MemoryNetwork:
    """A bridge network."""

    name: str
    id: str
    subnet: str
    gateway: str
    ip_range: str
    labels: dict[str, str]

    def free_address(self, taken: set[str]) -> str:
        """The first address of the range that is not taken."""
        hosts = (str(host) for host in ipaddress.ip_network(self.ip_range).hosts())
        return next(host for host in hosts if host not in taken | {self.gateway})


@dataclass(slots=True, kw_only=True)
class MemoryVolume:
    """A volume."""

    name: str
    labels: dict[str, str]
    options: dict[str, str]
    created: str
    files: Files = field(default_factory=dict)


def event_of(container: MemoryContainer, action: str, **more: object) -> ContainerEvent:
    """An event about a container as it is now."""
    return ContainerEvent(container=container.id, action=action, labels=dict(container.labels), **more)  # type: ignore[arg-type]


def unpacked(archive: bytes, directory: str) -> Files:
    """Regular files of a tar archive by absolute path."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        return {
            posixpath.normpath(posixpath.join(directory, member.name)): content.read()
            for member in packed.getmembers()
            if (content := packed.extractfile(member)) is not None
        }


def archive_of(files: Files, path: str) -> bytes:
    """A tar archive of a file, or of a directory with all below it, named as the engine names them."""
    buffer, parent = io.BytesIO(), posixpath.dirname(path)
    with tarfile.open(fileobj=buffer, mode="w") as packed:
        for name, content in sorted(files.items()):
            if name == path or name.startswith(path.rstrip("/") + "/"):
                member = tarfile.TarInfo(posixpath.relpath(name, parent))
                member.size = len(content)
                packed.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def ends(code: int, stdout: bytes = b"", stderr: bytes = b"") -> ExecResult:
    return ExecResult(exit_code=code, stdout=stdout, stderr=stderr)


def _cat(call: ExecCall) -> ExecResult:
    if len(call.command) == 1:
        return ends(0, call.stdin.read() if call.stdin is not None else b"")
    missing = [name for name in call.command[1:] if name not in call.container.files]
    if missing:
        return ends(1, stderr=f"cat: {missing[0]}: No such file or directory\n".encode())
    return ends(0, b"".join(call.container.files[name] for name in call.command[1:]))


def _printenv(call: ExecCall) -> ExecResult:
    known = {**call.container.environment, **call.environment}
    return ends(0, known[call.command[1]].encode() + b"\n") if call.command[1] in known else ends(1)


def _sleep(call: ExecCall) -> ExecResult:
    if call.timeout is not None and float(call.command[1]) > call.timeout:
        raise LocalenvError(f"the command did not end within {call.timeout:g} s", code="timeout")
    return ends(0)


BUILT_IN_PROGRAMS: Mapping[str, Program] = {
    "cat": _cat,
    "echo": lambda call: ends(0, " ".join(call.command[1:]).encode() + b"\n"),
    "false": lambda call: ends(1),
    "printenv": _printenv,
    "sleep": _sleep,
    "true": lambda call: ends(0),
}
