"""Keeping images by a tag and a container that is never started. Implements ``ports.kept_images.KeptImages``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Protocol

from localenv.adapters.image_sources import last_line
from localenv.core import labels
from localenv.core.argv import images as argv
from localenv.errors import LocalenvError
from localenv.ports.process import Processes

__all__ = ["DockerKeptImages"]

_DIGITS = 8
"""Of a hash, which tell the tags of one image apart in the names of their holders."""


class Tools(Protocol):
    """The part of ``ports.engine.Engine`` that knows containers of localenv's own."""

    owner: str

    def tool(self, name: str) -> Mapping[str, str] | None:
        """See ``Engine.tool``."""
        ...

    def remove_tool(self, name: str) -> None:
        """See ``Engine.remove_tool``."""
        ...


class DockerKeptImages:
    """By the docker command line, and the engine for what bears this installation's label."""

    def __init__(self, *, engine: Tools, processes: Processes) -> None:
        self._engine = engine
        self._processes = processes

    def keep(self, image: str, reference: str) -> None:
        """Raises ``LocalenvError`` (code ``image-tag``) for an image that is not there."""
        self._run(argv.tag(image, reference), reference)
        name = self._holder(reference)
        there = self._engine.tool(name)
        if there is not None and there["image_id"] == image:
            return
        self._engine.remove_tool(name)
        own = {labels.OWNER: self._engine.owner, labels.ROLE: labels.HOLDER}
        self._run(argv.hold(name, reference, own), reference)

    def give_up(self, reference: str) -> None:
        """Forced: a container that runs from the image keeps it, without its name."""
        self._engine.remove_tool(self._holder(reference))
        self._processes.run(argv.untag(reference))

    def _holder(self, reference: str) -> str:
        """Each tag has a holder of its own: equal images of two projects are given up by one of them at a time."""
        digest = hashlib.sha256(reference.encode()).hexdigest()[:_DIGITS]
        return f"localenv-kept-{self._engine.owner}-{reference.rpartition(':')[2]}-{digest}"

    def _run(self, command: tuple[str, ...], reference: str) -> None:
        completed = self._processes.run(command)
        if completed.exit_code != 0:
            raise LocalenvError(f"the image {reference} cannot be kept: {last_line(completed)}", code="image-tag")
