"""From the engine's JSON, as engines 24 to 29 write it, to the values that planning compares."""

from __future__ import annotations

from typing import Any

import pytest

from localenv.adapters.docker_engine.seen import (
    container_seen,
    ipv4_subnets,
    network_seen,
    of_environment,
    volume_seen,
    with_details,
)
from localenv.adapters.docker_engine.watching import container_event

LABELS = {
    "localenv.owner": "me",
    "localenv.project": "shop",
    "localenv.environment": "staging",
    "localenv.one-shot": "true",
    "com.docker.compose.service": "web",
    "com.docker.compose.container-number": "2",
}


def listed(**changes: Any) -> dict[str, Any]:
    return {
        "Id": "a" * 64,
        "Names": ["/shop_staging-web-2"],
        "Image": "web:1",
        "ImageID": "sha256:1",
        "Labels": LABELS,
        "State": "running",
        "Status": "Up 2 seconds (healthy)",
        "Created": 1764000000,
        "NetworkSettings": {"Networks": {"front": {"IPAddress": "10.0.0.2"}, "back": {"IPAddress": ""}}},
        "Ports": [{"PrivatePort": 80, "Type": "tcp"}, {"IP": "::", "PrivatePort": 1, "PublicPort": 2, "Type": "udp"}],
        **changes,
    }


@pytest.mark.parametrize(
    ("state", "status", "health", "exit_code"),
    [
        ("running", "Up 2 seconds", "none", None),
        ("running", "Up 2 seconds (healthy)", "healthy", None),
        ("running", "Up 2 seconds (unhealthy)", "unhealthy", None),
        ("running", "Up Less than a second (health: starting)", "starting", None),
        ("paused", "Up 2 hours (Paused)", "none", None),
        ("exited", "Exited (0) 3 minutes ago", "none", 0),
        ("exited", "Exited (137) About an hour ago", "none", 137),
        ("restarting", "Restarting (1) 2 seconds ago", "none", 1),
        ("dead", "Dead", "none", None),
        ("created", "Created", "none", None),
    ],
)
def test_state_is_read_from_the_lists_words(state: str, status: str, health: str, exit_code: int | None) -> None:
    seen = container_seen(listed(State=state, Status=status))
    assert (seen.state, seen.health, seen.exit_code) == (state, health, exit_code)


def test_a_listed_container_says_whose_it_is() -> None:
    seen = container_seen(listed())
    assert (seen.project, seen.environment, seen.service, seen.number) == ("shop", "staging", "web", 2)
    assert (seen.name, seen.one_shot, seen.created) == ("shop_staging-web-2", True, "2025-11-24T16:00:00Z")
    assert seen.addresses == {"front": "10.0.0.2"}
    assert seen.ports == ((1, "udp", "::", 2),)


def test_what_ended_has_neither_address_nor_port() -> None:
    seen = container_seen(listed(State="exited", Status="Exited (0) 1 second ago"))
    assert (seen.addresses, seen.ports) == ({}, ())


def test_a_static_address_is_known_whether_or_not_it_runs() -> None:
    ends = {"front": {"IPAMConfig": {"IPv4Address": "10.0.0.20"}, "IPAddress": ""}, "back": {"IPAMConfig": None}, "odd": None}
    seen = container_seen(listed(State="exited", Status="Exited (0) 1 second ago", NetworkSettings={"Networks": ends}))
    assert (seen.addresses, seen.fixed) == ({}, {"front": "10.0.0.20"})
    assert (seen.address_on("front"), seen.address_on("back")) == ("10.0.0.20", None)


def test_names_on_networks_are_told_by_an_inspection_alone() -> None:
    ends = {"front": {"Aliases": ["web"]}, "back": {"Aliases": None}}
    found = {"State": {"Status": "running"}, "NetworkSettings": {"Networks": ends}}
    assert container_seen(listed()).aliases == {}
    assert with_details(container_seen(listed()), found).aliases == {"front": ("web",), "back": ()}


def test_an_inspection_that_is_newer_than_the_list_wins() -> None:
    state = {"Status": "exited", "ExitCode": 3, "StartedAt": "2026-01-01T00:00:00Z", "FinishedAt": "2026-01-02T00:00:00Z"}
    host = {"RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}}
    seen = with_details(container_seen(listed()), {"State": state, "HostConfig": host, "RestartCount": 4})
    assert (seen.state, seen.exit_code, seen.health, seen.addresses) == ("exited", 3, "none", {})
    assert (seen.restart, seen.restarts, seen.finished) == ("always", 4, "2026-01-02T00:00:00Z")


def test_a_container_that_never_ran_has_no_times() -> None:
    state = {"Status": "created", "ExitCode": 0, "StartedAt": "0001-01-01T00:00:00Z", "FinishedAt": "0001-01-01T00:00:00Z"}
    seen = with_details(container_seen(listed()), {"State": state, "HostConfig": {"RestartPolicy": {"Name": ""}}})
    assert (seen.started, seen.finished, seen.exit_code, seen.restart) == (None, None, None, "no")


def test_absent_keys_mean_nothing() -> None:
    seen = container_seen({"Id": "b" * 64, "Image": "x", "State": "created", "Labels": None, "Names": None})
    assert (seen.name, seen.labels, seen.number) == ("b" * 12, {}, 0)
    assert ipv4_subnets({"IPAM": None}) == []
    assert not of_environment({"Labels": None})


def test_a_networks_subnet_is_its_first_ipv4_block() -> None:
    blocks = [{"Subnet": "fd00::/64"}, {"Subnet": "10.0.0.0/26"}]
    seen = network_seen({"Name": "n", "Id": "1", "Labels": LABELS, "IPAM": {"Config": blocks}})
    assert (seen.subnet, seen.project) == ("10.0.0.0/26", "shop")


def test_a_volume_that_nothing_filled_has_no_profile() -> None:
    assert volume_seen({"Name": "v", "Labels": {"localenv.profile": "none"}}).profile is None
    assert volume_seen({"Name": "v", "Labels": {"localenv.profile": "small"}}).profile == "small"


@pytest.mark.parametrize(
    ("action", "attributes", "expected"),
    [
        ("start", {}, ("start", None, None)),
        ("die", {"exitCode": "137"}, ("die", None, 137)),
        ("health_status: healthy", {}, ("health", "healthy", None)),
        ("health_status: unhealthy", {}, ("health", "unhealthy", None)),
        ("rename", {}, ("other", None, None)),
    ],
)
def test_events_are_read(action: str, attributes: dict[str, str], expected: tuple[str, str | None, int | None]) -> None:
    given = {"name": "web", "image": "web:1", **attributes, **LABELS}
    event = container_event({"Action": action, "Actor": {"ID": "c", "Attributes": given}})
    assert (event.action, event.health, event.exit_code) == expected
    assert event.labels == LABELS


@pytest.mark.parametrize(("streak", "health"), [(0, "starting"), (3, "unhealthy")])
def test_no_check_of_a_container_that_was_paused_has_failed(streak: int, health: str) -> None:
    """After a snapshot of it while it ran, an environment was called failed until the next check."""
    state = {"Status": "running", "Health": {"Status": "unhealthy", "FailingStreak": streak}}
    assert with_details(container_seen(listed()), {"State": state}).health == health
