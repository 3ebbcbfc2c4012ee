"""What localenv relies on when Compose creates containers on networks and volumes that are there already.

Run with every supported Compose version by ``scripts/test-matrix``: a version that renames, prompts, recreates or pins an
endpoint breaks here first.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localenv.adapters.compose_plugin import ComposePlugin
from localenv.adapters.subprocess_processes import SubprocessProcesses
from localenv.core import labels as label
from localenv.core.observed import ContainerSeen
from tests.contract.engine_bench import IMAGE, DockerBench, eventually

pytestmark = pytest.mark.engine

NETWORKS = ("front", "back")
SPEAKING = ["sh", "-c", "echo ready; exec sleep 600"]


class Project:
    """A rendered file as localenv writes it, and the objects that localenv makes before Compose runs."""

    def __init__(self, bench: DockerBench, directory: Path) -> None:
        self.bench = bench
        self.directory = directory
        self.name = f"contract_{bench.environment}"
        self.compose = ComposePlugin(SubprocessProcesses(os.environ), os.environ)
        self.model: dict[str, Any] = {
            "name": self.name,
            "services": {"db": self.service("back"), "web": self.service("front", "back")},
            "networks": {key: {"name": bench.name(key)} for key in NETWORKS},
            "volumes": {"data": {"name": bench.name("data")}},
        }
        self.model["services"]["web"]["depends_on"] = {"db": {"condition": "service_started", "required": True}}
        self.model["services"]["db"]["volumes"] = [{"type": "volume", "source": "data", "target": "/data"}]
        for key in NETWORKS:
            bench.network(key, labels={**bench.labels, label.COMPOSE_PROJECT: self.name, label.COMPOSE_NETWORK: key})
        bench.volume("data", **{label.COMPOSE_PROJECT: self.name, label.COMPOSE_VOLUME: "data"})

    def service(self, *networks: str) -> dict[str, Any]:
        own = {label.OWNER: self.bench.engine.owner, label.SPEC: "first", **self.bench.labels}
        return {
            "image": IMAGE,
            "command": SPEAKING,
            "labels": own,
            "networks": {key: {"aliases": [f"alias-{key}"]} for key in networks},
            "restart": "always",
        }

    def create(self, **scale: int) -> dict[str, ContainerSeen]:
        """Run ``create``; return the containers by service and number."""
        file = self.directory / "compose.yaml"
        file.write_text(json.dumps(self.model))
        self.compose.create(file=str(file), project_name=self.name, directory=str(self.directory), scale=scale)
        return self.containers()

    def containers(self) -> dict[str, ContainerSeen]:
        seen = self.bench.engine.observe("contract", self.bench.environment).containers
        return {f"{one.service}-{one.number}": one for one in seen}

    def docker_compose(self, *arguments: str) -> str:
        processes = SubprocessProcesses(os.environ)
        done = processes.run(["docker", "compose", "-p", self.name, *arguments], directory=str(self.directory))
        assert done.exit_code == 0, done.stderr.decode()
        return done.stdout.decode()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    bench = DockerBench()
    try:
        yield Project(bench, tmp_path)
    finally:
        bench.close()


def identifiers(containers: dict[str, ContainerSeen]) -> dict[str, str]:
    return {name: container.id for name, container in containers.items()}


def test_containers_are_created_with_both_kinds_of_labels_and_not_started(project: Project) -> None:
    containers = project.create()
    assert set(containers) == {"db-1", "web-1"}
    web = containers["web-1"]
    assert (web.state, web.name, web.spec, web.restart) == ("created", f"{project.name}-web-1", "first", "always")
    assert web.labels[label.COMPOSE_PROJECT] == project.name
    assert web.labels.items() >= project.bench.labels.items()


def test_networks_and_volumes_that_are_there_are_taken_as_they_are(project: Project) -> None:
    before = project.bench.engine.observe("contract", project.bench.environment)
    project.create()
    after = project.bench.engine.observe("contract", project.bench.environment)
    assert (after.networks, after.volumes) == (before.networks, before.volumes)


def test_creating_again_recreates_nothing_though_the_file_has_changed(project: Project) -> None:
    first = identifiers(project.create())
    project.model["services"]["web"]["environment"] = {"CHANGED": "yes"}
    project.model["services"]["db"]["labels"][label.SPEC] = "second"
    assert identifiers(project.create()) == first


def test_only_what_was_removed_is_created_again(project: Project) -> None:
    first = project.create()
    project.bench.engine.start(first["db-1"].id)
    project.bench.engine.remove(first["web-1"].id)
    second = project.create()
    assert second["db-1"].id == first["db-1"].id
    assert second["db-1"].state == "running"
    assert second["web-1"].id != first["web-1"].id
    assert second["web-1"].state == "created"


def test_scaling_up_numbers_the_replicas_and_keeps_those_that_are_there(project: Project) -> None:
    first = project.create(web=2)
    assert set(first) == {"db-1", "web-1", "web-2"}
    for container in first.values():
        project.bench.engine.start(container.id)
    second = project.create(web=3)
    assert set(second) == {"db-1", "web-1", "web-2", "web-3"}
    assert identifiers(first).items() <= identifiers(second).items()
    assert [second[name].state for name in sorted(second)] == ["running", "running", "running", "created"]


def test_a_service_that_left_the_file_keeps_its_container(project: Project) -> None:
    first = project.create()
    del project.model["services"]["web"]
    assert identifiers(project.create()) == identifiers(first)


def test_a_static_address_of_the_file_is_kept_after_the_start(project: Project) -> None:
    address = project.bench.address(project.bench.name("back"), 20)
    project.model["services"]["db"]["networks"]["back"]["ipv4_address"] = address
    project.bench.engine.start(project.create()["db-1"].id)
    assert project.containers()["db-1"].addresses == {project.bench.name("back"): address}


def test_replicas_moved_before_their_start_keep_address_and_aliases_on_each_network(project: Project) -> None:
    containers = project.create(web=2)
    engine, expected = project.bench.engine, {}
    for number in (1, 2):
        target = containers[f"web-{number}"].id
        places = {project.bench.name(key): project.bench.address(project.bench.name(key), 20 + number) for key in NETWORKS}
        for network, address in places.items():
            engine.move_endpoint(network, target, address=address)
        engine.start(target)
        expected[f"web-{number}"] = places
    seen = project.containers()
    assert {name: seen[name].addresses for name in expected} == expected
    for name in expected:
        for key in NETWORKS:
            aliases: Any = engine.endpoint(seen[name].id, project.bench.name(key))["aliases"]
            assert {"web", f"alias-{key}"} <= set(aliases)


def test_moved_replicas_are_found_by_their_services_name(project: Project) -> None:
    containers = project.create()
    engine, network = project.bench.engine, project.bench.name("back")
    address = project.bench.address(network, 25)
    engine.move_endpoint(network, containers["db-1"].id, address=address)
    for container in containers.values():
        engine.start(container.id)
    result = engine.execute(containers["web-1"].id, ["getent", "hosts", "db"])
    assert result.stdout.split()[:1] == [address.encode()]


def test_compose_finds_the_environment_by_its_name(project: Project) -> None:
    containers = project.create()
    for container in containers.values():
        project.bench.engine.start(container.id)
    listed = project.docker_compose("ps", "--all", "--format", "json")
    assert all(f"{project.name}-{name}" in listed for name in ("db-1", "web-1"))
    eventually(lambda: "ready" in project.docker_compose("logs", "--no-color", "web"), "the log has its line")
    assert project.docker_compose("exec", "-T", "web", "echo", "hello").strip() == "hello"
