from __future__ import annotations

from typing import Any

import pytest

from localenv.core import labels
from localenv.core.observed import ContainerSeen, Observed, VolumeSeen
from localenv.core.summary import state_of, summarise


def container(**values: Any) -> ContainerSeen:
    told: dict[str, Any] = {
        "id": "1",
        "name": "shop_staging-web-1",
        "project": "shop",
        "environment": "staging",
        "service": "web",
        "number": 1,
        "spec": "s",
        "tier": "staging",
        "image": "web",
        "image_id": "sha256:1",
        "state": "running",
        "restart": "always",
        "labels": {labels.TIER: "staging", labels.DIRECTORY: "shop"},
    }
    return ContainerSeen(**{**told, **values})


HEALTHY = container(health="healthy")
DONE = container(service="migrate", state="exited", exit_code=0, one_shot=True, restart="no")


@pytest.mark.parametrize(
    ("containers", "state"),
    [
        ((), "absent"),
        ((HEALTHY, DONE), "healthy"),
        ((DONE,), "healthy"),
        ((HEALTHY, container(service="job", state="exited", exit_code=0, may_end=True, restart="on-failure")), "healthy"),
        ((HEALTHY, container(service="job", may_end=True, restart="on-failure")), "healthy"),
        ((HEALTHY, container(service="job", state="exited", exit_code=2, may_end=True, restart="on-failure")), "degraded"),
        ((container(health="starting"), DONE), "starting"),
        ((container(state="created"),), "creating"),
        ((container(state="exited", exit_code=0, restart="no"), DONE), "stopped"),
        ((container(state="exited", exit_code=137, restart="no"),), "stopped"),
        ((HEALTHY, container(number=2, state="exited", exit_code=1)), "degraded"),
        ((HEALTHY, container(service="db", state="restarting", exit_code=1)), "degraded"),
        ((container(state="exited", exit_code=1),), "failed"),
        ((HEALTHY, container(service="migrate", state="exited", exit_code=3, one_shot=True, restart="no")), "degraded"),
        ((HEALTHY, container(service="db", state="exited", exit_code=0, restart="no")), "degraded"),
    ],
)
def test_the_worst_that_a_person_must_look_at_is_the_state(containers: tuple[ContainerSeen, ...], state: str) -> None:
    assert state_of(containers) == state


def test_an_environment_of_volumes_alone_is_stopped_and_keeps_its_highest_class() -> None:
    volumes = tuple(
        VolumeSeen(name=name, project="shop", environment="staging", classification=value, profile="none")
        for name, value in (("a", "synthetic"), ("b", "real"), ("c", "masked"))
    )
    (summary,) = summarise(Observed(volumes=volumes))
    assert (summary.state, summary.data_class, summary.data_profile) == ("stopped", "real", None)


def test_environments_come_in_order_each_with_its_own_services() -> None:
    observed = Observed(containers=(container(environment="uat"), HEALTHY, container(number=2, id="2", health="healthy")))
    staging, uat = summarise(observed)
    assert (staging.id.name, staging.services[0].replicas, uat.id.name, uat.services[0].replicas) == ("staging", 2, "uat", 1)
