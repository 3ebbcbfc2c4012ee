"""The keeper: a small container that always runs and holds the volume with all layers, so that no prune removes it.

It has no network and no capabilities. What is done to layers is done in it, by programs with the names as arguments:
the scripts below are constant and no name is ever part of one.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Final

from localenv.core.labels import ROLE
from localenv.errors import LocalenvError, Unavailable
from localenv.ports.engine import Engine, ToolSpec, VolumeSpec
from localenv.values import dataclass

__all__ = ["KEEPER_IMAGE", "ROOT", "Entry", "Keeper"]

KEEPER_IMAGE: Final = "debian:bookworm-slim"
"""GNU cp copies the marks of overlay file systems (whiteouts, opaque folders); smaller images' cp does not."""
ROOT: Final = "/vault"
_FOLDERS: Final = ("layers", "notes", "partial", "records", "snapshots", "volumes")
_STAY: Final = ("sh", "-c", "trap 'exit 0' TERM; sleep infinity & wait")
_SHOWN: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A folder, or a file with ``content``, to put below the root."""

    path: str
    content: bytes | None = None
    mode: int = 0o755
    uid: int = 0
    gid: int = 0


class Keeper:
    """``provide_image`` is called with the image's reference when the engine does not have it."""

    def __init__(
        self,
        engine: Engine,
        provide_image: Callable[[str], None],
        lock: Callable[[], AbstractContextManager[None]],
        place: str | None = None,
    ) -> None:
        """``place``: a folder of the engine's machine that holds everything, on another disk for example."""
        self.volume = f"localenv-layers-{engine.owner}"
        self.name = f"localenv-keeper-{engine.owner}"
        self._engine = engine
        self._provide_image = provide_image
        self._lock = lock
        self._options = {"type": "none", "o": "bind", "device": place} if place else {}
        self._path: str | None = None

    @property
    def image(self) -> str:
        """Image of everything that runs here."""
        return KEEPER_IMAGE

    def exists(self) -> bool:
        """Whether there are layers to keep."""
        return self._path is not None or self._engine.volume_path(self.volume) is not None

    def path(self) -> str:
        """Where the engine's machine has the root; the keeper runs then."""
        if self._path is None:
            self.mend()
            found = self._options.get("device") or self._engine.volume_path(self.volume)
            if found is None:
                raise LocalenvError(f"volume {self.volume} went away", code="not-found")
            self._path = found
        return self._path

    def mend(self) -> None:
        """Make the volume and the keeper run, whatever was there before."""
        if self._state() == "running":
            return
        if self._engine.image(KEEPER_IMAGE) is None:
            self._provide_image(KEEPER_IMAGE)
        with self._lock():
            if self._state() == "running":
                return
            self._engine.create_volume(VolumeSpec(name=self.volume, options=self._options, labels={ROLE: "keeper"}))
            self._engine.run_tool(
                ToolSpec(
                    name=self.name,
                    image=KEEPER_IMAGE,
                    entrypoint=_STAY[:1],
                    command=_STAY[1:],
                    labels={ROLE: "keeper"},
                    binds=(f"{self.volume}:{ROOT}",),
                    restart="always",
                ),
                wait=False,
                archive=("/", _archive([Entry(path=f"{ROOT[1:]}/{name}", mode=0o700) for name in _FOLDERS])),
            )

    def _state(self) -> str | None:
        found = self._engine.tool(self.name)
        return found["state"] if found else None

    def run(self, script: str, *arguments: str) -> str:
        """Run a constant shell script with these arguments; return what it prints.

        Raises ``LocalenvError`` with its message, code ``disk-full`` where there is no space.
        """
        self.path()
        result = self._engine.execute(
            self.name, ("sh", "-euc", script, "localenv", *arguments), working_dir=ROOT, privileged=True
        )
        if result.exit_code != 0:
            raise self.failure(
                "layers could not be changed", result.stderr.decode("utf-8", "replace").strip() or str(result.exit_code)
            )
        return result.stdout.decode("utf-8", "replace")

    def put(self, entries: Sequence[Entry]) -> None:
        """Make folders and write files below the root. One that is written over is not whole for a moment.

        Raises ``Unavailable``, code ``disk-full``, where there is no space; some of them may be there then.
        """
        self.path()
        try:
            self._engine.put_files(self.name, ROOT, _archive(entries))
        except LocalenvError as error:
            if error.code_of_case == "disk-full":
                raise self.failure("layers could not be changed", error.message) from error
            raise

    def failure(self, what: str, said: str) -> LocalenvError:
        """The error for what a program in the root said when it failed."""
        if "no space left" not in said.lower():
            return LocalenvError(f"{what}: {said[:_SHOWN]}", code="layers")
        place = self._options.get("device")
        return Unavailable(
            f"the disk of the engine that holds {place} is full" if place else "the disk of the engine is full",
            details=(said[:_SHOWN],),
            hints=("localenv gc", "docker system df"),
            code="disk-full",
        )

    def begin(self, script: str, *arguments: str) -> None:
        """Start such a script and leave it to itself."""
        self.path()
        self._engine.begin(self.name, ("sh", "-euc", script, "localenv", *arguments), working_dir=ROOT, privileged=True)

    def read(self, folder: str) -> dict[str, bytes]:
        """Content by name of the JSON files right in ``folder``; nothing where there are no layers yet."""
        if not self.exists():
            return {}
        self.path()
        import tarfile

        pieces = self._engine.get_files(self.name, f"{ROOT}/{folder}")
        found: dict[str, bytes] = {}
        with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
            for member in archive:
                name = member.name.rpartition("/")[2]
                if member.isfile() and name.endswith(".json") and (stream := archive.extractfile(member)) is not None:
                    found[name.removesuffix(".json")] = stream.read()
        return found


def _archive(entries: Sequence[Entry]) -> bytes:
    import tarfile

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for entry in entries:
            member = tarfile.TarInfo(entry.path)
            member.mode, member.uid, member.gid = entry.mode, entry.uid, entry.gid
            if entry.content is None:
                member.type = tarfile.DIRTYPE
                archive.addfile(member)
            else:
                member.size = len(entry.content)
                archive.addfile(member, io.BytesIO(entry.content))
    return packed.getvalue()
