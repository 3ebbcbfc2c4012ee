"""Removing built images by the docker command line. Implements ``ports.built_images.BuiltImages``."""

from __future__ import annotations

from localenv.core.argv import images as argv
from localenv.ports.process import Processes

__all__ = ["DockerBuiltImages"]


class DockerBuiltImages:
    """The engine itself refuses what a container was made from."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    def remove(self, reference: str) -> bool:
        """See ``BuiltImages.remove``."""
        return self._processes.run(argv.remove(reference)).exit_code == 0
