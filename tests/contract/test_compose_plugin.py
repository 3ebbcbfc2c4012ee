"""What ``Compose`` promises, held against the plugin that is installed."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from localenv.adapters.compose_plugin import ComposePlugin
from localenv.adapters.subprocess_processes import SubprocessProcesses
from localenv.errors import Unavailable
from localenv.errors.compose import BuildFailed, CreateFailed, ModelInvalid
from localenv.ports.compose import ResolveRequest

pytestmark = pytest.mark.engine


@pytest.fixture
def compose() -> ComposePlugin:
    return ComposePlugin(SubprocessProcesses(dict(os.environ)), dict(os.environ))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def write(project: Path, text: str, name: str = "compose.yaml") -> str:
    (project / name).write_text(text)
    return str(project / name)


def request(project: Path, *files: str, **more: object) -> ResolveRequest:
    return ResolveRequest(directory=str(project), project_name="shop_plugin-test", files=files, **more)  # type: ignore[arg-type]


def fake_plugin(folder: Path, script: str) -> dict[str, str]:
    """Variables with which ``script`` is the Compose plugin."""
    program = folder / "cli-plugins" / "docker-compose"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {"PATH": os.environ["PATH"], "DOCKER_CONFIG": str(folder)}


def test_the_version_is_told(compose: ComposePlugin) -> None:
    assert re.match(r"\d+\.\d+", compose.version())


def test_a_plugin_that_is_too_old_is_refused(tmp_path: Path) -> None:
    variables = fake_plugin(tmp_path, "echo v2.17.3")
    with pytest.raises(Unavailable) as caught:
        ComposePlugin(SubprocessProcesses(variables), variables).version()
    assert caught.value.code_of_case == "compose-too-old"


def test_a_plugin_that_does_not_run_counts_as_missing(tmp_path: Path) -> None:
    variables = fake_plugin(tmp_path, "exit 1")
    with pytest.raises(Unavailable) as caught:
        ComposePlugin(SubprocessProcesses(variables), variables).version()
    assert caught.value.code_of_case == "compose-missing"


def test_a_known_plugin_is_not_asked_again(tmp_path: Path) -> None:
    variables = fake_plugin(tmp_path / "config", f"echo asked >> {tmp_path}/calls; echo 2.30.1")
    for _ in range(2):
        plugin = ComposePlugin(SubprocessProcesses(variables), variables, memory=str(tmp_path / "memory"))
        assert plugin.version() == "2.30.1"
    assert (tmp_path / "calls").read_text() == "asked\n"


def test_files_env_files_and_profiles_make_the_model(compose: ComposePlugin, project: Path) -> None:
    first = write(
        project,
        "services:\n  web: {image: 'x:${TAG}'}\n  tool: {image: y, profiles: [tools]}\n  off: {image: z, profiles: [o]}\n",
    )
    second = write(project, "services:\n  web: {environment: {A: b}}\n", "compose.staging.yaml")
    env = (write(project, "TAG=1\nCOMPOSE_PROFILES=o\n", ".env"), write(project, "TAG=2\n", ".env.staging"))
    model = compose.resolve(request(project, first, second, env_files=env, profiles=("tools",)))
    assert sorted(model["services"]) == ["tool", "web"]
    assert model["services"]["web"]["image"] == "x:2"
    assert model["services"]["web"]["environment"] == {"A": "b"}
    assert model["name"] == "shop_plugin-test"


def test_an_env_file_cannot_choose_profiles(compose: ComposePlugin, project: Path) -> None:
    file = write(project, "services:\n  web: {image: x}\n  off: {image: z, profiles: [o]}\n")
    env = write(project, "COMPOSE_PROFILES=o\n", ".env")
    assert list(compose.resolve(request(project, file, env_files=(env,)))["services"]) == ["web"]


def test_an_env_file_that_nobody_named_is_not_read(compose: ComposePlugin, project: Path) -> None:
    write(project, "TAG=from-the-file\n", ".env")
    file = write(project, "services:\n  web: {image: 'x:${TAG:-none}'}\n")
    assert compose.resolve(request(project, file))["services"]["web"]["image"] == "x:none"


def test_an_error_names_the_path_and_shows_no_value(compose: ComposePlugin, project: Path) -> None:
    env = write(project, "PASSWORD=hunter2\n", ".env")
    file = write(project, "services:\n  web:\n    image: x\n    deploy: {replicas: '${PASSWORD}'}\n")
    with pytest.raises(ModelInvalid) as caught:
        compose.resolve(request(project, file, env_files=(env,)))
    assert caught.value.path == "services.web.deploy.replicas"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["services:\n  a: {imagee: x}\n", "services:\n  a: {image: x, networks: [q]}\n", "services:\n  a: {}\n"]
)
def test_common_mistakes_are_recognised(compose: ComposePlugin, project: Path, text: str) -> None:
    with pytest.raises(ModelInvalid) as caught:
        compose.resolve(request(project, write(project, text)))
    assert (caught.value.path or "").startswith("services.a")


def test_a_failed_create_tells_why(compose: ComposePlugin, project: Path) -> None:
    file = write(project, "services:\n  a: {image: 'no-such-image:1'}\nnetworks:\n  default: {name: none, external: true}\n")
    with pytest.raises(CreateFailed) as caught:
        compose.create(file=file, project_name="shop_plugin-test", directory=str(project), scale={})
    assert any("no-such-image" in line for line in caught.value.details)


def test_a_failed_build_has_its_last_lines(compose: ComposePlugin, project: Path) -> None:
    (project / "Dockerfile").write_text("FROM scratch\nCOPY nothing-like-this /x\n")
    file = write(project, "services:\n  a: {build: .}\n")
    lines: list[str] = []
    with pytest.raises(BuildFailed) as caught:
        compose.build(file=file, project_name="shop_plugin-test", directory=str(project), services=["a"], on_line=lines.append)
    if caught.value.hints:
        assert "buildx" in caught.value.hints[0]  # this Compose refuses to build with the buildx that is here
        return
    assert any("nothing-like-this" in line for line in caught.value.details)
    assert any("Dockerfile" in line for line in lines)
