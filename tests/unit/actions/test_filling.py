from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest

from localenv.actions.filling import Filling
from localenv.actions.load_data import LoadRequest
from localenv.actions.personalise import PersonaliseData
from localenv.actions.profiles import LoadedProfile
from localenv.core import labels
from localenv.core.configuration.data_profile import DataProfile, ServiceData, VolumeData
from localenv.core.documents import Document
from localenv.core.plan import steps as kinds
from localenv.core.wanted import FileCopy
from localenv.errors import LocalenvError, NotFound
from localenv.ports.engine import VolumeSpec
from tests.fakes.memory_engine import MemoryEngine
from tests.unit.plan.planning import service, volume, wanted

DB = service("db", image="postgres:16")
WEB = service("web", volumes=("shop_staging_media",))
STATE = wanted(DB, WEB, volumes=(volume("media"),))


class Files:
    def archive(self, path: str) -> Iterator[bytes]:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            tar.addfile(tarfile.TarInfo(path.rpartition("/")[2]))
        yield buffer.getvalue()


class World:
    def __init__(self) -> None:
        self.engine = MemoryEngine()
        self.loaded: list[LoadRequest] = []
        self.copied: list[FileCopy] = []
        self.own = {labels.OWNER: "test", labels.PROJECT: "shop", labels.ENVIRONMENT: "staging"}
        store: Any = self
        files: Any = Files()
        load: Any = self.loaded.append
        self.filling = Filling(self.engine, store, files, load, PersonaliseData(self.engine))

    def copy(self, given: FileCopy) -> None:
        self.copied.append(given)

    def runs(self, image: str = "postgres:16") -> str:
        self.engine.add_image(image)
        container = self.engine.create_container("db", image, labels={**self.own, labels.COMPOSE_SERVICE: "db"})
        self.engine.start(container)
        return container

    def do(self, step: kinds.Step, **profile: Any) -> None:
        given = DataProfile(profile="small", classification="synthetic", **profile)
        loaded = LoadedProfile(profile=given, document=Document(file="small.yaml", value={}), directory="/code/shop")
        self.filling.handlers(STATE, loaded)[type(step)](step)


def load(target: str, **given: Any) -> kinds.LoadData:
    return kinds.LoadData(target=target, cause="", profile="small", **given)


def test_files_for_a_service_are_loaded_into_its_running_container() -> None:
    world = World()
    container = world.runs()
    world.do(load("db", service="db"), services={"db": ServiceData(files=("fixtures/a.sql",), verify=("select true",))})
    (request,) = world.loaded
    assert (request.container, request.engine, request.verify) == (container, "postgresql", ("select true",))
    assert [(file.path, file.shown) for file in request.files] == [("/code/shop/fixtures/a.sql", "fixtures/a.sql")]


def test_a_service_that_does_not_run_is_told() -> None:
    world = World()
    world.engine.add_image("postgres:16")
    with pytest.raises(NotFound) as raised:
        world.do(load("db", service="db"), services={"db": ServiceData()})
    assert raised.value.code_of_case == "not-running"


def test_a_service_that_is_no_data_engine_is_told_with_a_way_out() -> None:
    world = World()
    with pytest.raises(LocalenvError) as raised:
        world.do(load("web", service="web"), services={"web": ServiceData()})
    assert raised.value.code_of_case == "data-engine"
    assert raised.value.hints


def test_files_for_a_volume_are_copied_into_it() -> None:
    world = World()
    world.engine.add_image(WEB.image)
    world.engine.create_volume(VolumeSpec(name="shop_staging_media", labels=world.own))
    world.do(load("media", volume="shop_staging_media"), volumes={"media": VolumeData(files=("a.txt", "b.txt"))})
    assert sorted(world.engine.volumes["shop_staging_media"].files) == ["a.txt", "b.txt"]


def test_a_copy_of_files_goes_to_the_state_directory() -> None:
    world = World()
    given = FileCopy(target="/state/x", digest="1", content=b"x")
    world.do(kinds.CopyFiles(target="/state/x", cause="", copy=given))
    assert world.copied == [given]
