"""Restart policies, one-shots, hooks, healthchecks, logging, limits and dependencies."""

from __future__ import annotations

from typing import Any

import pytest

from localenv.core.configuration.tier import Limits, TierProfile
from localenv.core.rewrite import Platform, rewrite
from localenv.core.rewrite.limits import memory_bytes
from localenv.core.wanted import Hook
from tests.unit.rewrite.given import DEVELOPMENT, STAGING, codes, context, image, model, port, service

DONE = {"condition": "service_completed_successfully", "required": True}


def test_a_service_whose_end_is_awaited_is_a_one_shot_and_does_not_restart() -> None:
    services = {"migrate": {"image": "a"}, "web": {"image": "b", "ports": [port(80)], "depends_on": {"migrate": DONE}}}
    rewritten = rewrite(model(services), context())
    assert rewritten.one_shots == {"migrate"}
    assert (service(rewritten, "migrate")["restart"], service(rewritten, "web")["restart"]) == ("no", "always")
    assert service(rewritten, "migrate")["labels"]["localenv.one-shot"] == "true"


@pytest.mark.parametrize(
    ("written", "one_shot"),
    [
        ({"x-localenv": {"one_shot": True}}, True),
        ({"deploy": {"mode": "replicated-job"}}, True),
        ({"restart": "no"}, False),
        ({}, False),
    ],
)
def test_what_nobody_awaits_is_a_one_shot_only_when_the_file_says_so(written: dict[str, Any], one_shot: bool) -> None:
    rewritten = rewrite(model({"job": {"image": "a", **written}}), context())
    assert (rewritten.one_shots == {"job"}) is one_shot


def test_an_awaited_service_that_is_to_run_for_ever_is_none() -> None:
    services = {"a": {"image": "a", "restart": "always"}, "web": {"image": "b", "depends_on": {"a": DONE}}}
    assert rewrite(model(services), context()).one_shots == frozenset()


@pytest.mark.parametrize(
    ("written", "policy", "told"),
    [
        ({}, "on-failure", ["restart-kept"]),
        ({"ports": [port(6379)]}, "always", []),
        ({"expose": ["9000"]}, "always", []),
        ({"x-localenv": {"one_shot": False}}, "always", []),
        ({"restart": "unless-stopped"}, "always", []),
        ({"restart": "no"}, "no", ["restart-kept"]),
        ({"restart": "on-failure:3"}, "on-failure", ["restart-kept"]),
        ({"restart": "no", "ports": [port(6379)]}, "always", ["restart"]),
        ({"restart": "on-failure", "healthcheck": {"test": ["CMD", "true"]}}, "always", ["restart"]),
        ({"restart": "always", "deploy": {"restart_policy": {"condition": "none"}}}, "no", ["restart-kept"]),
    ],
)
def test_everything_comes_back_with_the_engine_but_what_may_be_a_job(
    written: dict[str, Any], policy: str, told: list[str]
) -> None:
    rewritten = rewrite(model({"web": {"image": "a", **written}}), context())
    assert service(rewritten)["restart"] == policy
    assert (rewritten.may_end == {"web"}) is (policy != "always")
    assert ("localenv.may-end" in service(rewritten)["labels"]) is (policy != "always")
    assert [note.code for note in rewritten.notes] == told
    assert "restart_policy" not in service(rewritten).get("deploy", {})


@pytest.mark.parametrize(
    ("details", "command", "policy"),
    [
        ({"healthcheck": True}, ["x"], "always"),
        ({"volumes": ("/data",)}, ["x"], "always"),
        ({"exposed": (5432,)}, ["x"], "always"),
        ({"exposed": (5432,), "volumes": ("/data",)}, ["/usr/bin/psql", "-f", "seed.sql"], "on-failure"),
        ({"exposed": (8000,)}, None, "always"),
        ({"exposed": (8000,)}, ["migrate"], "on-failure"),
        ({}, None, "on-failure"),
    ],
)
def test_what_an_image_tells_of_its_container_counts(details: dict[str, Any], command: list[str] | None, policy: str) -> None:
    whole = model({"web": {"image": "a", "command": command}})
    assert service(rewrite(whole, context(images={"a": image("a", **details)})))["restart"] == policy


@pytest.mark.parametrize(
    ("mount", "written", "policy"),
    [
        ({"target": "/var/lib/postgresql/data"}, None, "always"),
        ({"target": "/var/lib/postgresql/data", "read_only": True}, None, "on-failure"),
        ({"target": "/var/lib/postgresql/data"}, "no", "no"),
        ({"target": "/srv"}, None, "on-failure"),
    ],
)
def test_what_writes_where_a_data_engine_does_is_no_job(mount: dict[str, Any], written: str | None, policy: str) -> None:
    web = {"image": "team/own:1", "restart": written, "volumes": [{"type": "volume", "source": "d", **mount}]}
    whole = model({"web": web}, volumes={"d": {"name": "shop_dev_d"}})
    assert service(rewrite(whole, context()))["restart"] == policy


def test_hooks_leave_the_model_with_dollars_as_the_container_sees_them() -> None:
    hooks = {
        "post_start": [
            {"command": ["sh", "-c", "echo $$HOME"], "user": "root", "privileged": True, "environment": {"A": "$$1", "B": None}}
        ],
        "pre_stop": [{"command": "true", "working_dir": "/x", "environment": ["C=2"]}],
        "pre_start": [{"command": ["init"], "image": "busybox"}],
    }
    rewritten = rewrite(model({"web": {"image": "a", **hooks}}), context())
    found = rewritten.hooks["web"]
    assert found.post_start == (Hook(command=("sh", "-c", "echo $HOME"), user="root", privileged=True, environment={"A": "$1"}),)
    assert found.pre_stop == (Hook(command=("true",), working_dir="/x", environment={"C": "2"}),)
    assert found.pre_start == (Hook(command=("init",), image="busybox"),)
    assert not {"post_start", "pre_stop", "pre_start"} & set(service(rewritten))


@pytest.mark.parametrize(
    ("engine", "health", "kept"),
    [
        (26, {"start_period": "5s"}, True),
        (None, {"start_period": "5s"}, True),
        (24, {"start_period": "5s"}, False),
        (26, {}, False),
    ],
)
def test_start_interval_stays_where_it_means_something(engine: int | None, health: dict[str, str], kept: bool) -> None:
    web = {"image": "a", "healthcheck": {"test": ["CMD", "true"], "start_interval": "1s", **health}}
    rewritten = rewrite(model({"web": web}), context(platform=Platform(engine_major=engine)))
    assert ("start_interval" in service(rewritten)["healthcheck"]) is kept
    assert ("start-interval" in codes(rewritten)) is not kept


@pytest.mark.parametrize(("driver", "kept"), [("json-file", True), ("none", True), ("syslog", False), ("grafana/loki", False)])
def test_logs_stay_on_this_machine(driver: str, kept: bool) -> None:
    logging = {"driver": driver, "options": {"a": "b"}}
    rewritten = rewrite(model({"web": {"image": "a", "logging": logging}}), context())
    assert service(rewritten)["logging"] == (logging if kept else {"driver": "local"})
    assert codes(rewritten) == ([] if kept else ["logging"])


LIMITED = TierProfile(tier="production", purpose="p", limits=Limits(cpus=1.5, memory="512m"))


@pytest.mark.parametrize(
    ("written", "limits"),
    [
        ({}, {"cpus": "1.5", "memory": "512m"}),
        ({"deploy": {"resources": {"limits": {"memory": "1g"}}}}, {"memory": "1g", "cpus": "1.5"}),
        ({"mem_limit": "1g"}, {"cpus": "1.5"}),
        ({"cpus": 0.5}, {"memory": "512m"}),
        ({"mem_reservation": "1g"}, {"cpus": "1.5"}),
    ],
)
def test_the_tiers_limits_are_for_those_who_state_none(written: dict[str, Any], limits: dict[str, str]) -> None:
    rewritten = rewrite(model({"web": {"image": "a", **written}}), context(LIMITED))
    assert service(rewritten)["deploy"]["resources"]["limits"] == limits


def test_no_container_asks_for_more_processors_than_there_are() -> None:
    web = {"image": "a", "cpus": 8, "deploy": {"resources": {"limits": {"cpus": "4"}}}}
    rewritten = rewrite(model({"web": web}), context(platform=Platform(cpus=2)))
    assert (service(rewritten)["cpus"], service(rewritten)["deploy"]["resources"]["limits"]["cpus"]) == (2.0, "2")
    assert codes(rewritten) == ["cpus"]


@pytest.mark.parametrize(
    ("text", "size"), [("512m", 2**29), ("1.5gb", 1610612736), (2048, 2048), ("10b", 10), (None, 0), ("much", 0)]
)
def test_sizes_are_read_as_compose_writes_them(text: object, size: int) -> None:
    assert memory_bytes(text) == size


def test_an_optional_dependency_on_what_no_profile_switched_on_goes() -> None:
    depends = {"mail": {"condition": "service_started", "required": False}, "db": {"condition": "service_started"}}
    whole = model({"web": {"image": "a", "depends_on": depends}, "db": {"image": "b"}})
    assert set(service(rewrite(whole, context()))["depends_on"]) == {"db"}


def test_watching_is_for_live_source() -> None:
    whole = model({"web": {"image": "a", "develop": {"watch": [{"path": "src", "action": "sync", "target": "/x"}]}}})
    assert "develop" in service(rewrite(whole, context(DEVELOPMENT)))
    assert "develop" not in service(rewrite(whole, context(STAGING)))
