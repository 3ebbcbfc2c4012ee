"""Hostile files and names, given to the command line: refused in words, with place and exit code 1, and never obeyed."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.scenario import Installation, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

HOSTILE = [
    "$(touch owned)",
    "`touch owned`",
    "a;touch owned",
    "a|b",
    "-rf",
    "--tier=production",
    "../../etc",
    "..",
    "\x1b[31mred",
    "a\nb",
    "st\u0430ging",
    "prod\u200buction",
    "{{ env }}",
    "{{.Name}}",
    "a" * 300,
    "A_b",
    "a.b",
    "",
]
"""Names of environments; the eleventh has a Cyrillic letter."""


def planned(own: Installation, directory: Path, *arguments: str) -> Any:
    result = own.run("up", *arguments, "--dry-run", "--output", "json", cwd=directory)
    assert result.exit_code in {0, 1}, result.said
    assert "Traceback" not in result.said
    return result.json


def codes(document: Any) -> set[str]:
    if document["schema"] == "localenv.error/1":
        return {document["code"]}
    return {refusal["code"] for refusal in document["refusals"]}


def test_an_alias_bomb_is_refused_at_once(own: Installation, project: Path) -> None:
    levels = "\n".join(f"x-l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 12))
    (project / "compose.yaml").write_text(f"x-l0: &l0 [a, a, a]\n{levels}\nservices: {{web: {{image: x, command: *l11}}}}\n")
    assert codes(planned(own, project)) == {"file-too-large"}


def test_a_key_that_stands_twice_is_told_with_its_place(own: Installation, project: Path) -> None:
    (project / "compose.yaml").write_text("services:\n  web:\n    image: nginx:1.27\n    image: redis:7\n")
    document = planned(own, project)
    assert document["where"] == "compose.yaml:4:5"
    (project / "compose.yaml").write_text("services:\n  web: {image: nginx:1.27}\n")
    (project / "localenv.yaml").write_text("project: a\nproject: b\n")
    assert planned(own, project)["where"] == "localenv.yaml:2:1"


@pytest.mark.parametrize("name", ["compose.yaml", "localenv.yaml", ".env", ".env.staging"])
def test_ten_megabytes_are_refused_unread(own: Installation, project: Path, name: str) -> None:
    (project / "compose.yaml").write_text("services:\n  web: {image: nginx:1.27}\n")
    (project / name).write_text("#" * 10_000_000)
    document = planned(own, project, "staging")
    assert document["schema"] == "localenv.error/1"
    assert name in f"{document['message']}{document['where']}"


READ_BY_COMPOSE = """
include: [../outside.yaml, "https://example.invalid/compose.git"]
services:
  env-file: {image: "nginx:1.27", env_file: ../outside.env}
  env-link: {image: "nginx:1.27", env_file: link}
  extending: {extends: {file: ../outside.yaml, service: web}}
"""
"""Found before Compose is asked, since Compose would read the files."""
RUN_BY_COMPOSE = """
services:
  secret: {image: "nginx:1.27", secrets: [shadow, linked]}
  config: {image: "nginx:1.27", configs: [outside]}
  bind: {image: "nginx:1.27", volumes: ["../:/up"]}
  bind-link: {image: "nginx:1.27", volumes: ["./folder:/x"]}
  disguise: {image: "nginx:1.27", volumes: ["disguised:/x"]}
  remote-build: {build: "https://example.invalid/app.git"}
  outside-build: {build: ..}
  privileged: {image: "nginx:1.27", privileged: true}
  socket: {image: "nginx:1.27", volumes: ["/var/run/docker.sock:/var/run/docker.sock"]}
  parent: {image: "nginx:1.27", volumes: ["/var/run:/host:ro"]}
  processes: {image: "nginx:1.27", pid: host}
  memory: {image: "nginx:1.27", ipc: host}
  network: {image: "nginx:1.27", network_mode: host}
  capability: {image: "nginx:1.27", cap_add: [SYS_ADMIN]}
  device: {image: "nginx:1.27", devices: ["/dev/kmsg:/dev/kmsg"]}
  joined: {image: "nginx:1.27", network_mode: "container:somebody"}
  volumes-from: {image: "nginx:1.27", volumes_from: ["container:somebody"]}
  unconfined: {image: "nginx:1.27", security_opt: ["seccomp:unconfined"]}
  unset: {image: "nginx:1.27", volumes: ["${NOBODY_SET_THIS}/data:/data"]}
volumes: {disguised: {driver_opts: {type: none, o: bind, device: /etc}}}
secrets: {shadow: {file: /etc/shadow}, linked: {file: ./link}}
configs: {outside: {file: ../outside.env}}
"""


@pytest.fixture
def reaching(project: Path) -> Path:
    """A project with links that lead out of it, and something beside it to find."""
    (project / "link").symlink_to("/etc/passwd")
    (project / "folder").symlink_to("/etc")
    (project.parent / "outside.env").write_text("TAKEN=hostage-value\n")
    (project.parent / "outside.yaml").write_text("services: {web: {image: 'nginx:1.27'}}")
    return project


def refused(own: Installation, directory: Path, compose: str) -> list[dict[str, Any]]:
    (directory / "compose.yaml").write_text(compose)
    assert own.run("up", cwd=directory).exit_code == 1
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}
    result = own.run("up", "--dry-run", "--output", "json", cwd=directory)
    assert result.exit_code == 1, result.said
    assert "hostage-value" not in result.said
    refusals: list[dict[str, Any]] = result.json["refusals"]
    for refusal in refusals:
        assert refusal["message"], refusal
        assert (refusal["file"], bool(refusal["line"])) == ("compose.yaml", True), refusal
    return refusals


def test_files_out_of_the_project_are_refused_unread(own: Installation, reaching: Path) -> None:
    refusals = refused(own, reaching, READ_BY_COMPOSE)
    assert {"env-file", "env-link", "extending"} <= {refusal["service"] for refusal in refusals}
    assert {"include[0]", "include[1]"} <= {refusal["path"] for refusal in refusals}
    assert "remote-file" in {refusal["code"] for refusal in refusals}


def test_what_reaches_out_of_its_container_is_refused_all_at_once(own: Installation, reaching: Path) -> None:
    refusals = refused(own, reaching, RUN_BY_COMPOSE)
    wanted = {line.split(":")[0].strip() for line in RUN_BY_COMPOSE.splitlines() if line.startswith("  ")}
    paths = " ".join(refusal["path"] for refusal in refusals)
    assert [name for name in wanted - {"disguise", "secret", "config"} if f"services.{name}." not in paths] == []
    for path in ("volumes.disguised", "secrets.shadow", "secrets.linked", "configs.outside"):
        assert path in paths
    codes_of = {(refusal["service"], refusal["code"]) for refusal in refusals}
    assert {("privileged", "privileged"), ("socket", "docker-socket"), ("parent", "docker-socket")} <= codes_of
    assert ("unset", "unset-variable-in-path") in codes_of


def test_the_block_that_a_refusal_prints_grants_it(own: Installation, project: Path) -> None:
    (project / "compose.yaml").write_text(
        "services:\n  web:\n    image: nginx:1.27\n    cap_add: [NET_ADMIN]\n    privileged: true\n    pid: host\n"
        "    volumes: ['/etc/ssl:/x:ro']\n"
    )
    told = own.run("up", cwd=project)
    assert told.exit_code == 1
    block = [line for line in told.stderr.splitlines() if line.strip().startswith(("grants:", "- {service"))]
    grants = "\n".join(dict.fromkeys(line.strip() for line in block if line.strip().startswith("-")))
    assert grants.count("- {service") == 4, told.said
    (project / "localenv.yaml").write_text("grants:\n" + "\n".join(f"  {line}" for line in grants.splitlines()) + "\n")
    document = planned(own, project)
    assert document["schema"] == "localenv.plan/1", document
    assert document["refusals"] == []


def test_a_grant_counts_for_its_service_and_value_only(own: Installation, project: Path) -> None:
    service = "image: nginx:1.27\n    cap_add: [NET_ADMIN, SYS_ADMIN]"
    (project / "compose.yaml").write_text(f"services:\n  web:\n    {service}\n  other:\n    {service}\n")
    (project / "localenv.yaml").write_text('grants: [{service: web, key: cap_add, value: [NET_ADMIN], why: "tried"}]\n')
    refused = {(refusal["service"], refusal["code"]) for refusal in planned(own, project)["refusals"]}
    assert refused == {("web", "capabilities"), ("other", "capabilities")}


def test_hostile_environment_names_are_refused(own: Installation, project: Path) -> None:
    (project / "compose.yaml").write_text("services:\n  web: {image: nginx:1.27}\n")
    for name in HOSTILE:
        result = own.run("up", "--tier", "development", "--", name, cwd=project)
        assert result.exit_code in {1, 2}, (name, result.said)
        assert "\x1b" not in result.said
        assert len(result.said) < 1500
        assert "Traceback" not in result.said
    assert not (project / "owned").exists()
    assert own.left_behind() == {"containers": [], "networks": [], "volumes": []}


@pytest.mark.parametrize(
    "words", [("status",), ("destroy", "--yes"), ("logs",), ("urls",), ("stop",)], ids=lambda words: words[0]
)
def test_so_are_they_by_every_other_command(own: Installation, project: Path, words: tuple[str, ...]) -> None:
    (project / "compose.yaml").write_text("services:\n  web: {image: nginx:1.27}\n")
    for name in ("../../etc", "\x1b[31mred", "-rf"):
        result = own.run(*words, "--", name, cwd=project)
        assert result.exit_code in {1, 2}, (words, result.said)
        assert "\x1b" not in result.said
        assert "Traceback" not in result.said


@pytest.mark.parametrize("name", ["$(touch owned)", "-rf", "sprängen & söhne", "a" * 200, "{{x}}"])
def test_a_hostile_directory_becomes_a_slug(own: Installation, tmp_path: Path, name: str) -> None:
    directory = tmp_path / name
    directory.mkdir()
    (directory / "compose.yaml").write_text("services:\n  web: {image: nginx:1.27, ports: ['80']}\n")
    result = own.run("up", "--dry-run", "--output", "json", cwd=directory)
    assert result.exit_code == 0, result.said
    targets = " ".join(step["target"] for step in result.json["steps"])
    assert not set(targets) & set("$(){}&;`\t"), targets
    assert [path.name for path in directory.iterdir()] == ["compose.yaml"]


@pytest.mark.parametrize("name", ["$(touch x)", "{{.}}", "../x"])
def test_a_hostile_project_name_in_localenv_yaml_is_refused(own: Installation, project: Path, name: str) -> None:
    (project / "compose.yaml").write_text("services:\n  web: {image: nginx:1.27}\n")
    (project / "localenv.yaml").write_text(f'project: "{name}"\n')
    document = planned(own, project)
    assert document["schema"] == "localenv.error/1"
    assert str(document["where"]).startswith("localenv.yaml:1:")


@pytest.mark.parametrize(
    ("compose", "settings"),
    [
        ("", "expose: {web: {port: 80, host_header: '{{ env \"HOME\" }}'}}"),
        ("", "expose: {web: {port: 80, path: '/{{ env \"HOME\" }}'}}"),
        ("", "domain: '{{ env \"HOME\" }}'"),
        ("", "expose: {web: {port: 80, host_header: 'a`) || Host(`b'}}"),
        ("x-localenv: {expose: {host_header: '{{ now }}'}}", ""),
    ],
)
def test_templates_and_rules_never_reach_the_router(own: Installation, project: Path, compose: str, settings: str) -> None:
    (project / "compose.yaml").write_text(f"services:\n  web:\n    image: nginx:1.27\n    ports: ['80']\n    {compose}\n")
    (project / "localenv.yaml").write_text(f"{settings}\n")
    result = own.run("up", "--dry-run", "--output", "json", cwd=project)
    assert result.exit_code == 1, result.said
    assert result.json["schema"] == "localenv.error/1" or result.json["refusals"]


def test_labels_with_templates_and_for_traefik_change_no_route(own: Installation, project: Path) -> None:
    (project / "compose.yaml").write_text(
        "name: labelled\nservices:\n  web:\n    image: nginx:1.27\n    ports: ['80']\n    labels:\n"
        "      traefik.http.routers.x.rule: 'Host(`everything`)'\n      note: '{{ env \"HOME\" }}'\n"
        "      localenv.owner: somebody\n      com.docker.compose.project: other\n"
    )
    own.must("up", cwd=project)
    try:
        assert own.get("development.labelled.localhost").status == 200
        assert own.get("everything", verify=False).status == 404
        routes = "".join(path.read_text() for path in (own.home / "router" / "dynamic").iterdir() if path.is_file())
        assert "{{" not in routes
        assert "everything" not in routes
        labels = docker("inspect", "--format", "{{json .Config.Labels}}", "labelled_development-web-1")[0]
        assert "traefik" not in labels
        assert "somebody" not in labels
    finally:
        own.must("destroy", "--yes", cwd=project)


def test_variables_for_git_and_compose_of_the_caller_have_no_effect(own: Installation, project: Path) -> None:
    (project / "compose.yaml").write_text("services:\n  web: {image: nginx:1.27, ports: ['80']}\n")
    (project / "evil.yaml").write_text("services:\n  evil: {image: nginx:1.27, privileged: true}\n")
    (project / "evil.env").write_text("COMPOSE_FILE=evil.yaml\n")
    plain = planned(own, project)
    own.variables |= {
        "COMPOSE_FILE": str(project / "evil.yaml"),
        "COMPOSE_PROJECT_NAME": "evil",
        "COMPOSE_PROFILES": "evil",
        "COMPOSE_ENV_FILES": str(project / "evil.env"),
        "COMPOSE_REMOVE_ORPHANS": "1",
        "GIT_DIR": "/nowhere",
        "GIT_WORK_TREE": "/nowhere",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": "touch owned",
    }
    try:
        hostile = planned(own, project)
    finally:
        own.variables.clear()
    assert hostile == plain
    assert not (project / "owned").exists()


def test_an_env_file_that_sets_compose_variables_does_not_choose_files(own: Installation, project: Path) -> None:
    (project / "compose.yaml").write_text("services:\n  web: {image: nginx:1.27, ports: ['80']}\n")
    (project / "evil.yaml").write_text("services:\n  evil: {image: nginx:1.27, privileged: true}\n")
    (project / ".env").write_text("COMPOSE_FILE=evil.yaml\nCOMPOSE_PROJECT_NAME=evil\n")
    document = planned(own, project)
    assert "evil" not in {step["target"] for step in document["steps"]}
    assert not any("evil" in step["target"] for step in document["steps"])


def test_a_pipe_as_compose_file_holds_nobody_up(own: Installation, project: Path) -> None:
    os.mkfifo(project / "compose.yaml")
    began = time.monotonic()
    assert own.run("up", "--dry-run", cwd=project, timeout=60).exit_code == 1
    assert time.monotonic() - began < 30
