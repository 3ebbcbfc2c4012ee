"""One bench for the contract of volume stores: in memory, and on the real engine by each way of cloning."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import tarfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from localenv.adapters.docker_engine import DockerEngine
from localenv.adapters.volume_store import LayerStore
from localenv.core.names import EnvironmentId
from localenv.core.observed import VolumeSeen
from localenv.core.snapshots.model import Method, Snapshot, SnapshotVolume, VolumeToFreeze
from localenv.ports.engine import Engine, ExecResult, ToolSpec
from localenv.ports.volumes import Frozen, Garbage, VolumeStore
from tests.contract.engine_bench import IMAGE, Bench, DockerBench, MemoryBench, TestClock
from tests.fakes.memory_ledger import MemoryLedger
from tests.fakes.memory_volumes import MemoryVolumeStore

__all__ = ["DiskBench", "Files", "Killed", "StoreBench", "benches", "packed", "small_bench", "to_freeze"]

Files = dict[str, str]
"""Content by path below a volume's root."""


class StoreBench(ABC):
    """A store under test, volumes and snapshots of its own, and what only tests may do."""

    bench: Bench
    store: VolumeStore
    method: Method
    in_place: bool
    """Whether this way of cloning can freeze a volume where it stands."""
    shares_layers = False
    """Whether a snapshot of a clone stands on the layers of what it was cloned from."""

    def __init__(self) -> None:
        self._made = 0

    @property
    def environment(self) -> EnvironmentId:
        return EnvironmentId(project="contract", name=self.bench.environment)

    def name(self) -> str:
        """Of a volume that is not there yet."""
        self._made += 1
        return self.bench.name(f"v{self._made}")

    def create(self, name: str, source: Snapshot | None = None) -> str:
        origin = (source, source.volumes[0]) if source else None
        self.store.create(name, self.environment, self.bench.labels, source=origin)
        return name

    def volume(self, **files: str) -> str:
        """A new one that holds these files."""
        name = self.create(self.name())
        if files:
            self.write(name, files)
        return name

    def clone(self, snapshot: Snapshot) -> str:
        return self.create(self.name(), snapshot)

    def snapshot(self, volume: str, *, in_place: bool = False) -> Snapshot:
        return self.seal((self.store.freeze if in_place else self.store.copy)(self.environment, to_freeze(volume)))

    def seal(self, frozen: Frozen) -> Snapshot:
        """The snapshot of it; each was taken a second after the one before."""
        self._made += 1
        created = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self._made)

        def make(volumes: tuple[SnapshotVolume, ...]) -> Snapshot:
            return Snapshot(
                id=uuid4().hex[:16],
                kind="named",
                method=self.store.method or "copy",
                project=self.environment.project,
                environment=self.environment.name,
                tier="development",
                created=created.strftime("%Y-%m-%dT%H:%M:%SZ"),
                volumes=volumes,
            )

        return self.store.seal(frozen, make)

    def files(self, volume: str) -> Files:
        pieces = self.bench.engine.read_volume(volume, image=IMAGE)
        with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
            return {
                member.name.removeprefix("./"): content.read().decode()
                for member in archive
                if (content := archive.extractfile(member)) is not None
            }

    def seen(self) -> tuple[VolumeSeen, ...]:
        """This owner's volumes on the engine."""
        return self.bench.engine.observe(self.environment.project, self.environment.name).volumes

    def there(self, volume: str) -> bool:
        """Whether the engine has it, whoever made it."""
        return self.bench.engine.volume_path(volume) is not None

    def garbage(self, *, busy: Collection[EnvironmentId] = (), unneeded: Collection[str] = ()) -> Garbage:
        return self.store.garbage(busy=lambda each: each in busy, unneeded=lambda each: each.id in unneeded)

    def collect(self, *, busy: Collection[EnvironmentId] = (), unneeded: Collection[str] = ()) -> Garbage:
        return self.store.collect(busy=lambda each: each in busy, unneeded=lambda each: each.id in unneeded)

    def write(self, volume: str, files: Files, *, by: Engine | None = None) -> None:
        archive = packed(*((tarfile.TarInfo(path), content.encode()) for path, content in files.items()))
        (by or self.bench.engine).copy_into_volume(volume, iter([archive]), image=IMAGE)

    @abstractmethod
    def drop(self, volume: str, *paths: str) -> None:
        """Remove files, and folders with all that is in them."""

    @abstractmethod
    def put_manifest(self, name: str, content: bytes | None) -> None:
        """Put a manifest of this content in the place of what a store wrote; ``None`` takes it away."""

    @abstractmethod
    def unused(self) -> VolumeStore:
        """The store of an installation that has not kept anything yet."""

    @abstractmethod
    def close(self) -> None:
        """Remove everything that the tests made."""


class MemoryStoreBench(StoreBench):
    """In memory."""

    method: Method = "overlay"
    in_place = True

    def __init__(self) -> None:
        super().__init__()
        self.bench = self._memory = MemoryBench()
        self.store = self._fake = MemoryVolumeStore(self._memory.engine)

    def drop(self, volume: str, *paths: str) -> None:
        there = self._memory.engine.volumes[volume].files
        for name in [name for name in there if any(f"{name}/".startswith(f"{path}/") for path in paths)]:
            del there[name]

    def put_manifest(self, name: str, content: bytes | None) -> None:
        if content is None:
            del self._fake.manifests[name]
        else:
            self._fake.manifests[name] = content

    def unused(self) -> VolumeStore:
        return MemoryVolumeStore(MemoryBench().engine)

    def close(self) -> None:
        self.bench.close()


class Killed(BaseException):
    """A command ended where it was."""


class _DyingEngine(DockerEngine):
    """Runs every script but one."""

    script = ""

    def execute(self, *arguments: Any, **options: Any) -> ExecResult:
        if self.script in arguments[1]:
            raise Killed
        return super().execute(*arguments, **options)


class DiskBench(StoreBench):
    """On the real engine, by one way of cloning; ``place`` is where that can do it."""

    def __init__(self, method: Method, place: Path | None) -> None:
        super().__init__()
        self.in_place = self.shares_layers = method == "overlay"
        self.bench = DockerBench()
        self._other = DockerBench()
        self.place = place
        self.method = method
        self.store = self._store(self.bench.engine, method, place)

    @contextlib.contextmanager
    def dying(self, *, at: str) -> Iterator[VolumeStore]:
        """The same store in a command that is killed as it begins this script."""
        engine = _DyingEngine(owner=self.bench.engine.owner, clock=TestClock(), environment=os.environ)
        engine.script = at
        try:
            yield self._store(engine, self.method, self.place)
        finally:
            engine.close()

    def _store(self, engine: DockerEngine, method: Method, place: Path | None) -> LayerStore:
        names = threading.Lock()

        @contextlib.contextmanager
        def lock() -> Iterator[None]:
            assert names.acquire(timeout=10), "what holds the names waits for them"
            try:
                yield
            finally:
                names.release()

        return LayerStore(
            engine=engine,
            ledger=MemoryLedger(),
            lock=lock,
            provide_image=_missing,
            forced=method,
            place=str(place) if place else None,
        )

    def drop(self, volume: str, *paths: str) -> None:
        self.run(volume, 'rm -r -- "$@"', *paths)

    def run(self, volume: str, script: str, *words: str) -> None:
        """Run a shell script in a volume's root."""
        result = self.bench.engine.run_tool(
            ToolSpec(
                name=f"contract-run-{self.bench.environment}",
                image=IMAGE,
                entrypoint=("sh",),
                command=("-euc", script, "run", *words),
                working_dir="/data",
                binds=(f"{volume}:/data",),
                capabilities=("CHOWN", "FOWNER"),
            )
        )
        assert result is not None
        assert result.exit_code == 0, result.stderr.decode()

    def free(self) -> int:
        """Bytes that are left where everything is kept."""
        assert self.place is not None
        left = os.statvfs(self.place)
        return left.f_bavail * left.f_frsize

    def unpack(self, volume: str, archive: bytes) -> None:
        """Put what a tar archive holds into a volume, with owners, modes, links and attributes."""
        self.bench.engine.copy_into_volume(volume, iter([archive]), image=IMAGE)

    def members(self, volume: str) -> dict[str, tuple[object, ...]]:
        """All that a tar archive tells of each file, and of the root; of folders not when they were changed."""
        pieces = self.bench.engine.read_volume(volume, image=IMAGE)
        with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
            return {
                member.name.removeprefix("./") or ".": (
                    *(member.type, oct(member.mode), member.uid, member.gid, member.linkname, member.size),
                    0 if member.isdir() else member.mtime,
                    member.pax_headers.get("SCHILY.xattr.security.capability"),
                    content.read() if member.isreg() and (content := archive.extractfile(member)) is not None else b"",
                )
                for member in archive
            }

    def put_manifest(self, name: str, content: bytes | None) -> None:
        keeper = f"localenv-keeper-{self.bench.engine.owner}"
        if content is None:
            self.bench.engine.execute(keeper, ("rm", "--", f"/vault/snapshots/{name}.json"), privileged=True)
            return
        self.bench.engine.put_files(keeper, "/vault/snapshots", packed((tarfile.TarInfo(f"{name}.json"), content)))

    def unused(self) -> VolumeStore:
        return self._store(self._other.engine, "overlay", None)

    def close(self) -> None:
        engine = self.bench.engine
        self.store.remove([*self.store.stored()])
        engine.remove_tool(f"localenv-keeper-{engine.owner}")
        engine.remove_volume(f"localenv-layers-{engine.owner}")
        self._other.close()
        self.bench.close()


def packed(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """A tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def to_freeze(volume: str, *more: str) -> tuple[VolumeToFreeze, ...]:
    names = {"data": volume, **{name: name for name in more}}
    return tuple(VolumeToFreeze(key=key, name=name, classification="synthetic") for key, name in names.items())


def _missing(image: str) -> None:
    raise AssertionError(f"image {image} is there, and not found")


@contextlib.contextmanager
def sharing_file_system(folder: Path) -> Iterator[Path]:
    """An XFS in a file of its own, mounted: files on it can share blocks, whatever the machine's disk can do."""
    if shutil.which("mkfs.xfs") is None:
        pytest.fail("there is no mkfs.xfs to make a file system that shares blocks: scripts/bootstrap --tests")
    image = folder / "image"
    with image.open("wb") as file:
        file.truncate(512 << 20)
    subprocess.run(["mkfs.xfs", "-q", "-m", "reflink=1", "--", str(image)], check=True)
    with mounted(folder / "mounted", "-o", "loop", "--", str(image)) as place:
        yield place
    image.unlink()


@contextlib.contextmanager
def mounted(place: Path, *what: str) -> Iterator[Path]:
    """A file system for the time of a test."""
    if os.geteuid() != 0:
        pytest.skip("mounting a file system needs root")
    place.mkdir()
    subprocess.run(["mount", *what, str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--", str(place)], check=True)


@contextlib.contextmanager
def small_bench(folder: Path) -> Iterator[DiskBench]:
    """Copies on a file system of sixteen megabytes."""
    with mounted(folder / "small", "-t", "tmpfs", "-o", "size=16m", "--", "tmpfs") as place, contextlib.ExitStack() as stack:
        bench = DiskBench("copy", place)
        stack.callback(bench.close)
        yield bench


def benches(kind: str, folder: Path) -> Iterator[StoreBench]:
    """One bench, cleaned up afterwards whatever happened."""
    with contextlib.ExitStack() as stack:
        bench: StoreBench
        if kind == "memory":
            bench = MemoryStoreBench()
        elif kind == "reflink":
            bench = DiskBench("reflink", stack.enter_context(sharing_file_system(folder)))
        else:
            bench = DiskBench("overlay" if kind == "overlay" else "copy", None)
        stack.callback(bench.close)
        yield bench
