"""Releases on disk: ``releases/<project>/<name>/``, a manifest and a tree of files. Implements ``ports.releases.ReleaseStore``.

Content is kept once, under ``releases/_objects`` by its hash, and stands in the trees as hard links, read-only.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal

from localenv.adapters.atomic_files import private_directory, write_whole
from localenv.core.releases.model import CapturedFile, Release, decode_release, encode_release, next_name
from localenv.errors import InvalidInput, LocalenvError
from localenv.ports.releases import Source

__all__ = ["DiskReleases"]

_MANIFEST = "release.json"
_TREE = "tree"
_LAST = "last"
_OBJECTS = "_objects"
_INCOMING = "_incoming"
"""No project's name begins with an underscore."""
_PIECE = 1024 * 1024
Kind = Literal["file", "program", "link"]


class DiskReleases:
    """``lock`` holds all of it while something is added or removed."""

    def __init__(self, home: Path, lock: Callable[[], AbstractContextManager[None]]) -> None:
        self._root = home / "releases"
        self._lock = lock

    def projects(self) -> Sequence[str]:
        """Names of those that have a release."""
        own = {_OBJECTS, _INCOMING}
        return [path.name for path in _listed(self._root) if path.name not in own and self._names(path.name)]

    def releases(self, project: str) -> Sequence[Release]:
        """Newest first, without those of ``damaged``: one of them must not stop what is done with the others."""
        found: list[Release] = []
        for name in self._names(project):
            with contextlib.suppress(InvalidInput):
                found += [release] if (release := self.release(project, name)) is not None else []
        return sorted(found, key=lambda release: int(release.name[1:]), reverse=True)

    def damaged(self, project: str) -> Mapping[str, str]:
        """Why, by name, of those whose manifest cannot be used."""
        found: dict[str, str] = {}
        for name in self._names(project):
            try:
                self.release(project, name)
            except InvalidInput as error:
                found[name] = error.message
        return found

    def release(self, project: str, name: str) -> Release | None:
        """One release, ``None`` when there is none of that name."""
        if name not in self._names(project):
            return None
        path = self._root / project / name / _MANIFEST
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InvalidInput(
                f"release {name} of {project} cannot be read: {error.strerror}", where=str(path), code="damaged-state"
            ) from None
        return decode_release(content, str(path))

    def has_any(self, project: str) -> bool:
        """Whether the project has a release."""
        return bool(self._names(project))

    def tree(self, project: str, name: str) -> str:
        """Where a release's files are."""
        return str(self._root / project / name / _TREE)

    def create(
        self,
        project: str,
        root: str,
        sources: Sequence[Source],
        make: Callable[[str, tuple[CapturedFile, ...]], Release | None],
    ) -> Release | None:
        """Capture into a folder that nobody lists, write the manifest beside it, then give it its name."""
        with self._lock():
            place = Path(tempfile.mkdtemp(dir=private_directory(self._root / _INCOMING)))
            try:
                files = self._captured(root, sources, place / _TREE)
                folder = private_directory(self._root / project)
                last = folder / _LAST
                given = last.read_text().split() if last.is_file() else []
                release = make(next_name([*self._names(project), *given]), files)
                if release is not None:
                    write_whole(place / _MANIFEST, encode_release(release))
                    write_whole(last, f"{release.name}\n".encode())
                    place.rename(folder / release.name)
            except OSError as error:
                raise LocalenvError(
                    f"{error.filename or root} cannot be captured: {error.strerror}",
                    hints=("make room on the disk, or make the file readable, and run the same command again",),
                    code="capture",
                ) from error
            finally:
                shutil.rmtree(place, ignore_errors=True)
                self._sweep()
            return release

    def _captured(self, root: str, sources: Sequence[Source], tree: Path) -> tuple[CapturedFile, ...]:
        objects = private_directory(self._root / _OBJECTS)
        found: dict[str, CapturedFile] = {}
        tree.mkdir()
        for source in sources:
            for path in _entries(Path(source.path), frozenset(source.exclude)):
                relative = os.path.relpath(path, root)
                if relative.startswith("../"):
                    raise InvalidInput(f"{path} lies outside the project and cannot be captured", code="outside-project")
                _refuse_unreadable_name(relative, root)
                if path.is_dir() and not path.is_symlink():
                    (tree / relative).mkdir(parents=True, exist_ok=True)
                elif relative not in found:
                    found[relative] = _capture(path, tree / relative, relative, objects)
        return tuple(found[path] for path in sorted(found))

    def changed_file(self, release: Release) -> str | None:
        """The first file whose content is another one now."""
        tree = Path(self.tree(release.project, release.name))
        for file in release.files:
            try:
                now = _digest(tree / file.path, file.kind)
            except OSError:
                return file.path
            if now != file.digest:
                return file.path
        return None

    def remove(self, release: Release) -> None:
        """Take it from the list at once, then remove its files and the content that only it had."""
        self._take_away(self._root / release.project / release.name)

    def forget(self, project: str) -> None:
        """Remove the project's folder, then the content that only it had."""
        self._take_away(self._root / project)

    def _take_away(self, folder: Path) -> None:
        """Gone for all who look, and only then removed."""
        with self._lock():
            gone = Path(tempfile.mkdtemp(dir=private_directory(self._root / _INCOMING)))
            with contextlib.suppress(FileNotFoundError):
                folder.rename(gone / folder.name)
            self._sweep()

    def _sweep(self) -> None:
        """Remove content that no release has, and what killed commands left half-made. The lock is held."""
        for left in _listed(self._root / _INCOMING):
            shutil.rmtree(left, ignore_errors=True)
        for path in _listed(self._root / _OBJECTS):
            if path.stat().st_nlink == 1:
                path.unlink()

    def _names(self, project: str) -> list[str]:
        return [path.name for path in _listed(self._root / project) if path.is_dir()]


def _refuse_unreadable_name(relative: str, root: str) -> None:
    """A manifest is text: bytes that are none cannot stand in it."""
    try:
        relative.encode()
    except UnicodeEncodeError:
        raise InvalidInput(
            f"the name of {relative!a} is not UTF-8, and a release cannot hold it",
            where=root,
            hints=("rename the file, or mount a folder that it is not in",),
            code="capture",
        ) from None


def _listed(folder: Path) -> list[Path]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return sorted(folder.iterdir())
    return []


def _entries(place: Path, exclude: frozenset[str], below: str = "") -> Iterator[Path]:
    """Files, links and folders; what is neither (a socket, a device) is left out, as from a volume's content."""
    if below == "" and not place.is_dir():
        if place.is_symlink() or place.is_file():
            yield place
        return
    if below == "":
        yield place
    with os.scandir(place) as found:
        names = sorted(entry.name for entry in found)
    for name in names:
        relative = f"{below}{name}"
        entry = place / name
        if relative in exclude:
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield entry
            yield from _entries(entry, exclude, f"{relative}/")
        elif entry.is_symlink() or entry.is_file():
            yield entry


def _capture(path: Path, target: Path, relative: str, objects: Path) -> CapturedFile:
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        link = path.readlink()
        target.symlink_to(link)
        return CapturedFile(path=relative, digest=hashlib.sha256(os.fsencode(link)).hexdigest(), kind="link")
    digest, kept = _put_by(path, objects)
    os.link(kept, target)
    return CapturedFile(path=relative, digest=digest, kind="program" if path.stat().st_mode & 0o111 else "file")


def _put_by(path: Path, objects: Path) -> tuple[str, Path]:
    """The content kept once for each owner and mode: hard links share those."""
    descriptor, name = tempfile.mkstemp(prefix=".", dir=objects)
    total = hashlib.sha256()
    try:
        with os.fdopen(descriptor, "wb") as copy, path.open("rb") as content:
            facts = os.fstat(content.fileno())
            while piece := content.read(_PIECE):
                total.update(piece)
                copy.write(piece)
            mode = stat.S_IMODE(facts.st_mode) & 0o777
            os.fchmod(copy.fileno(), mode)
            with contextlib.suppress(PermissionError):
                os.fchown(copy.fileno(), facts.st_uid, facts.st_gid)
        digest = total.hexdigest()
        kept = objects / f"{digest}-{mode:o}-{facts.st_uid}-{facts.st_gid}"
        if kept.is_file() and _digest(kept, "file") != digest:
            kept.unlink()  # changed on the disk: the releases that have it are refused, a new one is not
        with contextlib.suppress(FileExistsError):
            os.link(name, kept)
    finally:
        Path(name).unlink(missing_ok=True)
    return digest, kept


def _digest(path: Path, kind: Kind) -> str:
    if kind == "link":
        return hashlib.sha256(os.fsencode(path.readlink())).hexdigest()
    total = hashlib.sha256()
    with path.open("rb") as content:
        while piece := content.read(_PIECE):
            total.update(piece)
    return total.hexdigest()
