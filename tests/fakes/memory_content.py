"""What goes into the in-memory engine's containers and comes out: files, commands, logs, tools."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from localenv.adapters.docker_engine.failures import Gone
from localenv.adapters.docker_engine.moments import moment
from localenv.core import labels as label
from localenv.errors import LocalenvError, Unavailable
from localenv.ports.engine import ExecResult, ToolSpec
from tests.fakes.memory_containers import MemoryContainers
from tests.fakes.memory_objects import (
    Channel,
    Endpoint,
    ExecCall,
    Files,
    MemoryContainer,
    archive_of,
    ends,
    unpacked,
)

__all__ = ["MemoryContent"]


class MemoryContent(MemoryContainers):
    """Files live in dicts; commands are Python functions by name."""

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

    def begin(self, container: str, command: Sequence[str], *, working_dir: str | None = None, privileged: bool = False) -> None:
        self.execute(container, command, working_dir=working_dir, privileged=privileged)

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
