"""Images that the file forbids to fetch."""

from __future__ import annotations

from typing import Any, cast

import pytest

from localenv.actions.builds import BuildRequest
from localenv.actions.environment_images import EnvironmentImages
from localenv.core.names import EnvironmentId
from localenv.core.wanted import ImageDetails
from localenv.errors import Unavailable
from tests.fakes.memory_engine import MemoryEngine

_NEVER = {"pull_policy": "never"}


def _images(engine: MemoryEngine, fetched: list[str]) -> EnvironmentImages:
    neighbour = cast("Any", None)
    return EnvironmentImages(
        engine=engine,
        builds=cast("Any", lambda request: request),
        images=cast("Any", lambda references, _: fetched.extend(references)),
        progress=neighbour,
    )


def _request(services: dict[str, Any]) -> BuildRequest:
    return BuildRequest(environment=EnvironmentId(project="p", name="dev"), directory="/p", model={"services": services})


@pytest.mark.parametrize("change", [True, False])
def test_what_is_never_pulled_is_never_fetched(change: bool) -> None:
    fetched: list[str] = []
    services = {"api": {"image": "own/api", **_NEVER}, "job": {"image": "own/job", **_NEVER}, "db": {"image": "postgres:16"}}
    with pytest.raises(Unavailable) as caught:
        _images(MemoryEngine(), fetched).of_worktree(_request(services), change=change)
    assert caught.value.message == "the image own/api of api is not in the engine, and its pull_policy is never"
    assert caught.value.details == ("nor is own/job of job",)
    assert fetched == []


def test_what_is_there_or_what_another_service_may_pull_is_no_reason() -> None:
    engine, fetched = MemoryEngine(), list[str]()
    engine.images["own/api"] = ImageDetails(reference="own/api", id="sha256:1")
    services = {"api": {"image": "own/api", **_NEVER}, "a": {"image": "x", **_NEVER}, "b": {"image": "x"}}
    _images(engine, fetched).of_worktree(_request(services), change=True)
    assert fetched == ["x"]
