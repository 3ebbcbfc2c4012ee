"""Whatever is removed behind localenv's back is there again after the next command."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

COMPOSE = """
name: handmade
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    networks: [front, back]
  cache:
    image: redis:7
    volumes: ["kept:/data"]
    networks: [back]
networks: {front: {}, back: {}}
volumes: {kept: {}}
"""
HOST = "development.handmade.localhost"


@pytest.fixture(scope="module")
def handmade(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("handmade")
    (directory / "compose.yaml").write_text(COMPOSE)
    own.must("up", cwd=directory)
    return directory


def containers(*services: str) -> None:
    for service in services:
        docker("rm", "-f", f"handmade_development-{service}-1")


def network(_own: Installation) -> None:
    containers("web")
    assert docker("network", "rm", "handmade_development_front")


def network_in_use(_own: Installation) -> None:
    docker("network", "disconnect", "-f", "handmade_development_back", "handmade_development-cache-1")
    docker("network", "disconnect", "-f", "handmade_development_back", "handmade_development-web-1")
    assert docker("network", "rm", "handmade_development_back")


def endpoint(_own: Installation) -> None:
    docker("network", "disconnect", "-f", "handmade_development_front", "handmade_development-web-1")


def volume(_own: Installation) -> None:
    containers("cache")
    assert docker("volume", "rm", "handmade_development_kept")


def everything_on_the_engine(_own: Installation) -> None:
    containers("web", "cache")
    docker("network", "rm", "handmade_development_front", "handmade_development_back")
    docker("volume", "rm", "handmade_development_kept")


def stopped(_own: Installation) -> None:
    docker("stop", "-t", "0", "handmade_development-web-1")


def paused(_own: Installation) -> None:
    docker("pause", "handmade_development-web-1")


def route_file(own: Installation) -> None:
    found = [path for path in (own.home / "router" / "dynamic").iterdir() if "handmade" in path.name]
    assert found
    for path in found:
        path.unlink()


def certificates(own: Installation) -> None:
    for path in (own.home / "certificates").rglob("*handmade*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def ledger(own: Installation) -> None:
    for path in own.home.glob("ledger.sqlite*"):
        path.unlink()


def truncated_ledger(own: Installation) -> None:
    (own.home / "ledger.sqlite").write_bytes(b"")
    for path in own.home.glob("ledger.sqlite-*"):
        path.unlink()


def state_folder(own: Installation) -> None:
    shutil.rmtree(own.home / "environments")


def rendered_file(own: Installation) -> None:
    for path in (own.home / "environments").rglob("*.yaml"):
        path.write_text("services: {half")


def router_killed(own: Installation) -> None:
    docker("kill", *routers(own))


def router_removed(own: Installation) -> None:
    docker("rm", "-f", *routers(own))


def routers(own: Installation) -> list[str]:
    label = f"label=localenv.owner={own.owner()}"
    found = [line for line in docker("ps", "--filter", label, "--format", "{{.Names}}") if "router" in line]
    assert found
    return found


def whole_home_but_the_authority(own: Installation) -> None:
    for path in own.home.iterdir():
        if path.name != "certificates":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


MISHAPS = (
    network,
    network_in_use,
    endpoint,
    volume,
    everything_on_the_engine,
    stopped,
    paused,
    route_file,
    certificates,
    ledger,
    truncated_ledger,
    state_folder,
    rendered_file,
    router_killed,
    router_removed,
    whole_home_but_the_authority,
)


@pytest.mark.parametrize("mishap", MISHAPS, ids=lambda mishap: mishap.__name__)
def test_the_next_up_mends_it(own: Installation, handmade: Path, mishap: Callable[[Installation], None]) -> None:
    mishap(own)
    own.must("up", cwd=handmade)
    assert own.get(HOST).status == 200
    reached = own.must("exec", "web", "--", "getent", "hosts", "cache", cwd=handmade)
    assert "cache" in reached.stdout
    listed = own.must("ls", "--output", "json", cwd=handmade).json["environments"]
    assert [(item["name"], item["state"]) for item in listed] == [("development", "healthy")]


@pytest.mark.parametrize("mishap", [router_removed, stopped], ids=lambda mishap: mishap.__name__)
def test_start_mends_it_as_well(own: Installation, handmade: Path, mishap: Callable[[Installation], None]) -> None:
    mishap(own)
    own.must("start", cwd=handmade)
    assert own.get(HOST).status == 200


def test_destroy_takes_what_is_left(own: Installation, handmade: Path) -> None:
    containers("cache")
    state_folder(own)
    ledger(own)
    own.must("destroy", "--yes", cwd=handmade)
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}
    assert not [path for path in (own.home / "router" / "dynamic").iterdir() if "handmade" in path.name]
