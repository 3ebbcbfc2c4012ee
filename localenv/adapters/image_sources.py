"""The engine's images by the docker command line, the registry and bundle archives. Implements ``ports.images``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal, Protocol

from localenv.core.argv import images as argv
from localenv.core.images import Reference, parse_reference
from localenv.core.wanted import ImageDetails
from localenv.errors import InvalidInput, LocalenvError
from localenv.ports.images import Registries, Tell
from localenv.ports.process import Completed, Processes

__all__ = ["ArchiveSource", "DockerImageStore", "RegistrySource", "references_in_archive"]

_PULL_SECONDS = 1800.0
_LOAD_SECONDS = 1800.0
_INDEX_LIMIT = 4 * 1024 * 1024


class ImageInspector(Protocol):
    """The part of ``ports.engine.Engine`` that looks at images."""

    def image(self, reference: str) -> ImageDetails | None:
        """See ``Engine.image``."""
        ...


class DockerImageStore:
    """Images of the engine."""

    def __init__(self, *, engine: ImageInspector, processes: Processes) -> None:
        self._engine = engine
        self._processes = processes

    def image(self, reference: str) -> ImageDetails | None:
        return self._engine.image(reference)

    def tag(self, image: str, reference: str) -> None:
        completed = self._processes.run(argv.tag(image, reference))
        if completed.exit_code != 0:
            raise LocalenvError(f"{image} cannot be tagged {reference}: {last_line(completed)}", code="image-tag")


class RegistrySource:
    """Pulls through the engine, where the registry answers."""

    kind: Literal["registry"] = "registry"

    def __init__(self, *, processes: Processes, registries: Registries) -> None:
        self._processes = processes
        self._registries = registries

    def obtain(self, reference: Reference, tell: Tell) -> str | None:
        if not self._registries.reachable(reference):
            return None
        tell("pulling")
        completed = self._processes.run(argv.pull(reference.familiar), timeout=_PULL_SECONDS)
        if completed.exit_code != 0:
            raise LocalenvError(
                f"its registry refuses it: {last_line(completed)}",
                hints=(f"docker pull {reference.familiar}", f"docker login {reference.registry}"),
                code="image-pull",
            )
        return "pulled"


class ArchiveSource:
    """Loads from archives that ``docker save`` wrote, such as a bundle's."""

    kind: Literal["bundle"] = "bundle"

    def __init__(self, archives: Sequence[str], *, processes: Processes) -> None:
        self._archives = tuple(archives)
        self._processes = processes
        self._index: dict[Reference, str] | None = None

    def obtain(self, reference: Reference, tell: Tell) -> str | None:
        archive = self._indexed().get(reference)
        if archive is None:
            return None
        tell(f"loading from {archive}")
        completed = self._processes.run(argv.load(archive), timeout=_LOAD_SECONDS)
        if completed.exit_code != 0:
            raise LocalenvError(f"{archive} cannot be loaded: {last_line(completed)}", where=archive, code="image-load")
        return f"loaded from {archive}"

    def _indexed(self) -> dict[Reference, str]:
        if self._index is None:
            self._index = {}
            for archive in self._archives:
                for text in references_in_archive(archive):
                    self._index.setdefault(parse_reference(text), archive)
        return self._index


def references_in_archive(archive: str) -> tuple[str, ...]:
    """Tags in the ``manifest.json`` of a ``docker save`` archive (image specification 1.2). Raises ``InvalidInput``."""
    import tarfile

    try:
        with tarfile.open(archive) as tar:
            member = tar.extractfile("manifest.json")
            content = member.read(_INDEX_LIMIT) if member else b""
        tags = tuple(tag for image in json.loads(content) for tag in image.get("RepoTags") or ())
    except (OSError, tarfile.TarError, KeyError, ValueError, AttributeError, TypeError) as error:
        raise InvalidInput(
            f"{archive} is not an archive of images: {type(error).__name__}",
            where=archive,
            hints=("docker save --output images.tar IMAGE...",),
            code="image-archive",
        ) from error
    if not all(isinstance(tag, str) for tag in tags):
        raise InvalidInput(f"{archive} is not an archive of images: its tags are not texts", where=archive, code="image-archive")
    return tags


def last_line(completed: Completed) -> str:
    """The last thing that a program said of its failure."""
    lines = completed.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else f"exit code {completed.exit_code}"
