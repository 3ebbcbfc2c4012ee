"""A build whose ``# syntax`` line names a reader that cannot be had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from localenv.actions.builds import BuildRequest, Builds
from localenv.core.dockerfiles import without_reader
from localenv.core.names import EnvironmentId
from localenv.core.wanted import Model
from localenv.errors.compose import BuildFailed
from tests.fakes.memory_engine import MemoryEngine
from tests.fakes.memory_files import MemoryFiles

_WEB = "# syntax=docker/dockerfile:1.4\nARG NAME=x\nFROM base:1\nRUN echo $NAME\n"


class Offline:
    """Stands for Compose, the store and the other neighbours: refuses the first build with ``code``."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.models: list[Model] = []
        self.messages: list[str] = []

    def write_build(self, environment: EnvironmentId, model: Model) -> str:
        self.models.append(model)
        return f"/{environment.name}/build.yaml"

    def build(self, *, services: Sequence[str], **_: object) -> None:
        if len(self.models) == 1:
            raise BuildFailed(f"{services} could not be built", code=self.code)

    def emit(self, event: Any) -> None:
        self.messages.append(event.text)

    def __call__(self, references: Sequence[str], progress: object) -> None:
        """Every base is there."""


def _build(offline: Offline, files: MemoryFiles) -> None:
    neighbour = cast("Any", offline)
    builds = Builds(engine=MemoryEngine(), compose=neighbour, store=neighbour, files=files, images=neighbour, progress=neighbour)
    services = {
        "api": {"image": "p/api:1", "build": {"context": "/p/api"}},
        "web": {"image": "p/web:1", "build": {"context": "/p/web", "target": "base", "dockerfile": "Dockerfile"}},
    }
    environment = EnvironmentId(project="p", name="staging")
    builds(BuildRequest(environment=environment, directory="/p", model={"services": services}))


def test_the_engines_own_reader_takes_over() -> None:
    offline = Offline("build-reader")
    _build(offline, MemoryFiles({"/p/web/Dockerfile": _WEB, "/p/api/Dockerfile": "FROM base:1\n"}))
    first, second = offline.models
    assert second["services"]["api"] == first["services"]["api"]
    assert second["services"]["web"]["build"] == {
        "context": "/p/web",
        "target": "base",
        "dockerfile_inline": "ARG NAME=x\nFROM base:1\nRUN echo $$NAME\n",
    }
    assert any("# syntax" in text for text in offline.messages)


def test_other_failures_are_not_tried_again() -> None:
    offline = Offline("build")
    with pytest.raises(BuildFailed):
        _build(offline, MemoryFiles({"/p/web/Dockerfile": _WEB, "/p/api/Dockerfile": "FROM base:1\n"}))
    assert len(offline.models) == 1


def test_a_dockerfile_with_an_ignore_file_of_its_own_stays_as_it_is() -> None:
    offline = Offline("build-reader")
    files = MemoryFiles(
        {"/p/web/Dockerfile": _WEB, "/p/web/Dockerfile.dockerignore": "node_modules\n", "/p/api/Dockerfile": "FROM base:1\n"}
    )
    with pytest.raises(BuildFailed):
        _build(offline, files)
    assert len(offline.models) == 1


def test_only_a_first_line_names_a_reader() -> None:
    assert without_reader("#syntax = docker/dockerfile:1\nFROM a\n") == "FROM a\n"
    assert without_reader("FROM a\n# syntax=docker/dockerfile:1\n") is None
