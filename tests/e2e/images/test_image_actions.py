"""Images are had, listed, checked and loaded on the real engine."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from localenv.adapters.docker_engine import DockerEngine
from localenv.adapters.image_sources import references_in_archive
from localenv.adapters.subprocess_processes import SubprocessProcesses, caller_environment
from localenv.errors import InvalidInput, Unavailable
from localenv.wiring.image_actions import ImageActions, image_actions
from tests.e2e.images.conftest import Quiet, RealClock

pytestmark = [pytest.mark.engine, pytest.mark.e2e]


@pytest.fixture
def own_reference() -> Iterator[str]:
    reference = f"localenv-test/{uuid.uuid4().hex[:8]}:1"
    yield reference
    subprocess.run(["docker", "image", "rm", "--", reference], check=False, capture_output=True)


def test_every_recipe_is_built_and_works(images: ImageActions) -> None:
    images.build([], Quiet())
    assert {check.recipe: (check.state, check.detail) for check in images.check() if check.state != "works"} == {}


def test_building_again_builds_nothing(images: ImageActions) -> None:
    images.build(["redis"], Quiet())
    assert [built.source for built in images.build(["redis"], Quiet())] == ["engine"]


def test_a_stand_in_is_listed_as_what_it_is(images: ImageActions) -> None:
    images.build(["redis"], Quiet())
    (row,) = (row for row in images.listing() if row.reference == "redis:7")
    if row.state != "present":
        assert (row.state, row.recipe, row.gives) == ("stand-in", "redis", "Redis 7.0")


def test_an_image_of_an_unreachable_registry_is_an_error_within_seconds(images: ImageActions) -> None:
    with pytest.raises(Unavailable, match=r"localhost:1/none:1"):
        images.ensure(["localhost:1/none:1"], Quiet())


def test_an_archive_gives_what_no_registry_has(images: ImageActions, own_reference: str, tmp_path: Path) -> None:
    base = images.build(["base"], Quiet())[0].reference
    archive = str(tmp_path / "images.tar")
    subprocess.run(["docker", "tag", base, own_reference], check=True)
    subprocess.run(["docker", "save", f"--output={archive}", own_reference], check=True)
    subprocess.run(["docker", "image", "rm", own_reference], check=True, capture_output=True)
    assert references_in_archive(archive) == (own_reference,)
    environment, clock = caller_environment(), RealClock()
    engine = DockerEngine(owner="test", clock=clock, environment=environment)
    actions = image_actions(engine=engine, processes=SubprocessProcesses(environment), clock=clock, archives=[archive])
    assert [found.source for found in actions.ensure([own_reference], Quiet())] == ["bundle"]
    assert [found.source for found in actions.ensure([own_reference], Quiet())] == ["engine"]
    engine.close()


def test_a_file_that_is_no_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.tar").write_bytes(b"not a tar")
    with pytest.raises(InvalidInput, match="is not an archive of images"):
        references_in_archive(str(tmp_path / "broken.tar"))
