"""What repair concludes from labels and rendered files, and what it takes for left behind."""

from __future__ import annotations

from typing import Any

import pytest

from localenv.core.names import EnvironmentId
from localenv.core.observed import ContainerSeen, NetworkSeen, Observed, VolumeSeen
from localenv.core.releases.model import Release, ReleaseImage
from localenv.core.repair import (
    allocations_of,
    domain_of,
    environment_of,
    exposures_of_model,
    holds_binds,
    is_stopped,
    leftovers,
    release_of,
)
from localenv.core.summary import summarise

STAGING = EnvironmentId(project="shop", name="staging")


def container(service: str = "web", **changed: Any) -> ContainerSeen:
    facts: dict[str, Any] = {
        "id": service,
        "name": f"shop_staging-{service}-1",
        "project": "shop",
        "environment": "staging",
        "service": service,
        "number": 1,
        "spec": "1",
        "tier": "staging",
        "image": "x",
        "image_id": "sha256:1",
        "state": "running",
    }
    return ContainerSeen(**{**facts, **changed})


def network(environment: str = "staging", subnet: str | None = "10.0.0.0/27") -> NetworkSeen:
    return NetworkSeen(name=f"shop_{environment}_default", id="n", project="shop", environment=environment, subnet=subnet)


def test_what_nothing_stands_behind_is_left_over() -> None:
    observed = Observed(containers=(container(),), networks=(network(), network("half")))
    gone = EnvironmentId(project="shop", name="gone")
    found = leftovers(observed, folders=["shop_staging", "shop_gone"], routes=["shop_lost"], records=[STAGING, gone])
    assert [(each.kind, each.id.name) for each in found] == [
        ("network", "half"),
        ("folder", "gone"),
        ("route", "lost"),
        ("record", "gone"),
    ]


def test_an_environment_of_which_only_volumes_are_there_is_kept() -> None:
    volume = VolumeSeen(name="shop_staging_data", project="shop", environment="staging", classification="real", profile=None)
    observed = Observed(volumes=(volume,), networks=(network(),))
    assert leftovers(observed, folders=["shop_staging"], routes=[], records=[STAGING]) == ()


@pytest.mark.parametrize("name", ["plain", "_x", "x_", "a_b_c", ""])
def test_a_name_that_is_no_environments_is_left_alone(name: str) -> None:
    assert environment_of(name) is None


def test_ports_of_a_stopped_environment_are_read_from_its_file() -> None:
    ports = [
        {"host_ip": "127.0.0.1", "target": 5432, "published": "41007", "protocol": "tcp"},
        {"host_ip": "192.0.2.9", "target": 1, "published": "1"},
    ]
    found = allocations_of(Observed(networks=(network(),)), {"services": {"db": {"ports": ports}}})
    assert dict(found.subnets) == {"shop_staging_default": "10.0.0.0/27"}
    assert dict(found.ports) == {"db:5432/tcp": 41007}


def test_published_ports_win_over_the_file() -> None:
    seen = Observed(containers=(container("db", ports=((5432, "tcp", "127.0.0.1", 41009), (80, "tcp", "192.0.2.9", 80))),))
    file = {"services": {"db": {"ports": [{"host_ip": "127.0.0.1", "target": 5432, "published": "41007"}]}}}
    assert dict(allocations_of(seen, file).ports) == {"db:5432/tcp": 41009}


def bind(**changed: Any) -> dict[str, Any]:
    return {"services": {"web": {"volumes": [{"type": "bind", "source": "/code/src", "target": "/srv", **changed}]}}}


def test_who_holds_the_binds_is_read_from_the_file() -> None:
    assert holds_binds(bind(), "/code", live=True)
    assert not holds_binds(bind(read_only=True), "/code", live=True)
    assert not holds_binds(bind(source="/code-else"), "/code", live=True)
    assert not holds_binds(bind(), "/code", live=False)


def test_without_a_file_the_strictest_reading_holds() -> None:
    assert holds_binds(None, "/code", live=True)
    assert not holds_binds(None, "/code", live=False)


def test_urls_come_from_what_services_are_told() -> None:
    told = {
        "LOCALENV_URL": "https://staging.shop.team.test:8443",
        "LOCALENV_URL_WEB": "https://staging.shop.team.test:8443",
        "LOCALENV_URL_MY_API": "https://my-api.staging.shop.team.test:8443",
    }
    model = {
        "services": {
            "web": {"environment": told, "healthcheck": {"test": ["CMD", "healthcheck", "8000"]}},
            "my-api": {"environment": told},
            "db": {"ports": [{"host_ip": "127.0.0.1", "target": 5432, "published": "41007", "protocol": "tcp"}]},
        }
    }
    observed = Observed(containers=tuple(container(name) for name in ("web", "my-api", "db")))
    (summary,) = summarise(observed)
    found = exposures_of_model(model, summary)
    assert [(each["service"], each.get("url"), each.get("port"), each["primary"]) for each in found] == [
        ("web", "https://staging.shop.team.test:8443", None, True),
        ("my-api", "https://my-api.staging.shop.team.test:8443", None, False),
        ("db", None, 41007, False),
    ]
    assert (found[0]["host"], found[0]["router_port"], found[0]["container_port"]) == ("staging.shop.team.test", 8443, 8000)
    assert domain_of(model, STAGING) == "team.test"
    assert domain_of(None, STAGING) == "localhost"


def test_stopped_by_a_person_is_told_from_ended_by_itself() -> None:
    assert is_stopped([container(state="exited", restart="no")])
    assert not is_stopped([container(state="exited", restart="always")])
    assert not is_stopped([container(state="exited", restart="no"), container("db")])
    assert not is_stopped([container(state="exited", restart="no", one_shot=True)])


def release(name: str, image: str) -> Release:
    kept = ReleaseImage(reference="x", id=image, kept="k", services=("web",))
    return Release(name=name, project="shop", created="t", by="ann", images=(kept,))


def test_the_release_is_the_one_that_its_file_names_and_its_containers_run() -> None:
    known = [release("r2", "sha256:2"), release("r1", "sha256:1")]
    model = {"services": {"web": {"environment": {"LOCALENV_RELEASE": "r1"}}, "db": {"environment": {"A": "b"}}}}
    assert release_of(model, (container(),), known) == known[1]
    assert release_of(model, (), known) == known[1]


@pytest.mark.parametrize(
    ("named", "image"),
    [("r2", "sha256:1"), ("r9", "sha256:1"), ("", "sha256:1"), ("r1", "sha256:other")],
    ids=["half replaced", "of a release that is gone", "of a working tree", "of images that are not the release's"],
)
def test_where_that_is_in_doubt_it_is_none(named: str, image: str) -> None:
    known = [release("r2", "sha256:2"), release("r1", "sha256:1")]
    model = {"services": {"web": {"environment": {"LOCALENV_RELEASE": named}}}}
    assert release_of(model, (container(image_id=image),), known) is None
    assert release_of(None, (container(),), known) is None
