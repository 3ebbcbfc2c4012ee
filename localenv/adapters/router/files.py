"""The folder that the router is shown: its settings, the route files it watches, certificates, and room to write aside."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from localenv.adapters.atomic_files import write_whole
from localenv.adapters.yaml_files import dump
from localenv.core.names import EnvironmentId
from localenv.core.routes.common import COMMON
from localenv.values import dataclass

__all__ = ["Published", "RouterFiles"]

_HEAD = re.compile(r"^# (aliases|backends|inputs|mode|networks|renew|revision):(.*)$", re.MULTILINE)
_HEAD_BYTES = 65_536
_MODE = 0o640
"""The router has the caller's group and no right to read other people's files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What the head of a route file says."""

    revision: str
    inputs: str
    """Hash of what the file was made from."""
    mode: str
    """The mode of the router that it was made for."""
    renew: str
    """RFC 3339, UTC: from then on its certificate is made anew."""
    networks: tuple[str, ...]
    """Networks on which its replicas stand (attached mode)."""
    aliases: tuple[str, ...] = ()
    """Names by which its own containers find the router on those networks."""
    backends: tuple[str, ...] = ()
    """Whom it sends requests to, as ``host:port``."""

    def head(self, title: str) -> str:
        """As comment lines."""
        return (
            f"# {title}: written by localenv and replaced whole; do not edit\n"
            f"# revision: {self.revision}\n# inputs: {self.inputs}\n# mode: {self.mode}\n# renew: {self.renew}\n"
            f"# networks: {' '.join(self.networks)}\n# aliases: {' '.join(self.aliases)}\n"
            f"# backends: {' '.join(self.backends)}\n"
        )


class RouterFiles:
    """Files under ``directory``; nothing is ever written inside the watched folder, only moved there."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._dynamic = directory / "dynamic"
        self._scratch = directory / "new"

    def prepare(self) -> None:
        """Make the folders, for the owner and the group."""
        self.directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.directory, self._dynamic, self._scratch, self.directory / "certificates"):
            folder.mkdir(mode=0o750, exist_ok=True)
            folder.chmod(0o750)

    def write_settings(self, settings: Mapping[str, Any]) -> None:
        """What the router reads at its start."""
        write_whole(self.directory / "traefik.yaml", dump(settings).encode(), mode=_MODE, scratch=self._scratch)

    def write_common(self, content: Mapping[str, Any]) -> None:
        """What all environments share."""
        self._move_in(COMMON, dump(content))

    def has_common(self) -> bool:
        """Whether the shared file is there."""
        return self._path(COMMON).exists()

    def has_certificate(self, name: str) -> bool:
        """Whether a Compose project's certificate is there."""
        return any((self.directory / "certificates" / name).glob("*.crt"))

    def write(self, environment: EnvironmentId, published: Published, content: Mapping[str, Any]) -> None:
        """Replace an environment's route file."""
        self._move_in(environment.compose_project, published.head(str(environment)) + dump(content))

    def read(self, name: str) -> Published | None:
        """Head of the route file of a Compose project; ``None`` when there is none or it is not whole."""
        try:
            with self._path(name).open(encoding="utf-8", errors="replace") as file:
                found = {key: value.strip() for key, value in _HEAD.findall(file.read(_HEAD_BYTES))}
        except OSError:
            return None
        if len(found) < len(Published.__slots__):
            return None
        return Published(
            revision=found["revision"],
            inputs=found["inputs"],
            mode=found["mode"],
            renew=found["renew"],
            networks=tuple(found["networks"].split()),
            aliases=tuple(found["aliases"].split()),
            backends=tuple(found["backends"].split()),
        )

    def remove(self, name: str) -> None:
        """Remove the route file of a Compose project."""
        with suppress(FileNotFoundError):
            self._path(name).unlink()
            _sync(self._dynamic)

    def names(self) -> Iterator[str]:
        """Compose projects that have a route file."""
        return (path.stem for path in sorted(self._dynamic.glob("*.yaml")) if path.stem != COMMON)

    def _path(self, name: str) -> Path:
        return self._dynamic / f"{name}.yaml"

    def _move_in(self, name: str, text: str) -> None:
        self.prepare()
        write_whole(self._path(name), text.encode(), mode=_MODE, scratch=self._scratch)
        _sync(self._dynamic)


def _sync(folder: Path) -> None:
    """Make a rename or a removal last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
