"""Resolving on the real plugin: what is found, what is remembered, and what is refused before it does harm."""

from __future__ import annotations

import json
import os
import resource
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localenv.actions.resolve import Resolved, ResolveInput, ResolveProject
from localenv.actions.scan_project import ScanProject
from localenv.adapters.compose_plugin import ComposePlugin
from localenv.adapters.project_files import DiskFiles
from localenv.adapters.resolve_cache import ResolveCache
from localenv.adapters.subprocess_processes import SubprocessProcesses, scrubbed
from localenv.adapters.yaml_files import load_documents
from localenv.core.configuration.settings import Grant, Settings
from localenv.core.configuration.tier import TierProfile
from localenv.core.interpolation import EnvValue, fill
from localenv.core.names import EnvironmentId
from localenv.core.scan.dotenv import parse_env_file
from localenv.core.wanted import Model
from localenv.errors import InvalidInput, LocalenvError, NotFound
from localenv.errors.compose import ModelInvalid
from localenv.errors.refused import Refused
from localenv.ports.compose import ResolveRequest

pytestmark = pytest.mark.engine

SECRET = "hunter2-Zx9"


class CountingCompose(ComposePlugin):
    """The real plugin, and how often it was asked."""

    asked = 0

    def resolve(self, request: ResolveRequest) -> Model:
        self.asked += 1
        return super().resolve(request)


class Project:
    """A project in a folder of its own, resolved with a cache of its own."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self.home = home
        self.variables = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "DOCKER_CONFIG"}}
        self.compose = CountingCompose(SubprocessProcesses(self.variables), self.variables)

    def write(self, name: str, text: str) -> None:
        place = self.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)

    def action(self) -> ResolveProject:
        files = DiskFiles()
        return ResolveProject(
            files=files,
            compose=self.compose,
            scan=lambda: ScanProject(files, load_documents),
            cache=ResolveCache(str(self.home / "resolve")),
            variables=scrubbed(self.variables),
            plugin=self.compose.identity,
        )

    def resolve(self, tier: str = "staging", *, directory: str = ".", **settings: Any) -> Resolved:
        profile = settings.pop("profile", None) or TierProfile(tier=tier, purpose="test", compose_override=tier == "development")
        return self.action()(
            ResolveInput(
                directory=str(self.folder / directory),
                id=EnvironmentId(project="shop", name=tier),
                settings=Settings(project="shop", **settings),
                tier=profile,
            )
        )

    def codes(self, **settings: Any) -> list[str]:
        return [refusal.code for refusal in self.resolve(**settings).refusals]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "project").mkdir()
    return Project(tmp_path / "project", tmp_path / "home")


def service(keys: str) -> str:
    return f"services:\n  web:\n    image: x\n    {keys}\n"


# --- which files --------------------------------------------------------------------------------------------------------


def test_the_tiers_own_files_are_merged_and_the_override_is_development_only(project: Project) -> None:
    project.write("compose.yaml", "services: {web: {image: 'x:${TAG}', environment: {FROM: base}}}")
    project.write("compose.override.yaml", "services: {web: {environment: {OVERRIDE: '1'}}}")
    project.write("compose.staging.yaml", "services: {web: {environment: {FROM: staging}}}")
    project.write(".env", "TAG=one\n")
    project.write(".env.staging", "TAG=two\n")
    staging = project.resolve("staging")
    assert staging.shown_files == ("compose.yaml", "compose.staging.yaml", ".env", ".env.staging")
    assert staging.model["services"]["web"]["image"] == "x:two"
    assert staging.model["services"]["web"]["environment"] == {"FROM": "staging"}
    development = project.resolve("development")
    assert development.model["services"]["web"]["image"] == "x:one"
    assert development.model["services"]["web"]["environment"] == {"FROM": "base", "OVERRIDE": "1"}
    assert development.model["name"] == "shop_development"


def test_files_named_in_localenv_yaml_count_from_their_own_folder(project: Project) -> None:
    project.write("docker/compose.yml", "services: {web: {build: ../app, env_file: web.env}}")
    project.write("docker/web.env", "A=1\n")
    project.write("docker/.env", "B=2\n")
    project.write("app/Dockerfile", "FROM scratch\n")
    found = project.resolve(compose=("docker/compose.yml",))
    assert found.refusals == ()
    assert found.model["services"]["web"]["build"]["context"] == str(project.folder / "app")
    assert found.model["services"]["web"]["environment"] == {"A": "1"}
    assert found.shown_files == ("docker/compose.yml", "docker/.env")


def test_profiles_are_the_tiers_or_those_of_the_env_file_where_it_names_none(project: Project) -> None:
    project.write(
        "compose.yaml", "services: {web: {image: x}, tool: {image: y, profiles: [t]}, other: {image: z, profiles: [o]}}"
    )
    assert list(project.resolve().model["services"]) == ["web"]
    project.write(".env", "COMPOSE_PROFILES=t\nCOMPOSE_FILE=elsewhere.yaml\n")
    found = project.resolve()
    assert sorted(found.model["services"]) == ["tool", "web"]
    assert {note.code for note in found.notes} == {"compose-variables", "compose-profiles"}
    chosen = project.resolve("uat", profile=TierProfile(tier="uat", purpose="test", compose_profiles=("o",)))
    assert sorted(chosen.model["services"]) == ["other", "web"]


def test_no_compose_file_is_told(project: Project) -> None:
    with pytest.raises(NotFound) as caught:
        project.resolve()
    assert caught.value.code_of_case == "no-compose-file"
    with pytest.raises(NotFound, match=r"other\.yaml"):
        project.resolve(compose=("other.yaml",))


def test_places_and_variables_of_secrets_are_part_of_the_result(project: Project) -> None:
    project.write("compose.yaml", "services:\n  web:\n    image: x\n    secrets: [key]\nsecrets:\n  key: {environment: KEY}\n")
    project.write(".env", f"KEY={SECRET}\nOTHER=unused\n")
    found = project.resolve()
    assert found.places["services.web.image"] == "compose.yaml:3:5"
    assert found.places["secrets.key"] == "compose.yaml:6:3"
    assert found.variables == {"KEY": SECRET}
    assert SECRET not in repr(found)


# --- what is remembered -------------------------------------------------------------------------------------------------


def test_nothing_changed_means_that_compose_is_not_asked_again(project: Project) -> None:
    project.write("compose.yaml", service("env_file: [web.env]\n    volumes: ['./src:/src']"))
    project.write("web.env", "A=1\n")
    first = project.resolve()
    begun = time.perf_counter()
    assert project.resolve() == first
    assert project.compose.asked == 1
    assert time.perf_counter() - begun < 10


@pytest.mark.parametrize(
    "change",
    [
        lambda project: project.write("compose.yaml", service("environment: {A: '2'}")),
        lambda project: project.write(".env", "TAG=2\n"),
        lambda project: project.write("web.env", "A=2\n"),
        lambda project: project.write("sub/.env", "OWN=3\n"),
        lambda project: project.write("sub/compose.yaml", "services: {api: {image: y}}\n"),
        lambda project: project.write("compose.staging.yaml", "services: {web: {tty: true}}"),
        lambda project: project.write("base.yaml", "services: {web: {hostname: other}}"),
        lambda project: project.variables.update(FROM_SHELL="2"),
        lambda project: project.variables.update(TAG="2"),
        lambda project: (project.folder / "src").symlink_to("/etc"),
        lambda project: (project.folder / "compose.yaml").chmod(0o600) or project.write(".env", ""),
    ],
)
def test_any_input_that_changes_is_seen(project: Project, change: Callable[[Project], object]) -> None:
    project.write(
        "compose.yaml",
        service(
            "extends: {file: base.yaml, service: web}\n    environment: [FROM_SHELL, 'TAG=${TAG:-none}']\n"
            "    env_file: [web.env]\n    volumes: ['./src:/src']"
        )
        + "include: [sub/compose.yaml]\n",
    )
    project.write("sub/compose.yaml", "services: {api: {image: 'y:${OWN:-none}${TAG}'}}\n")
    project.write("base.yaml", "services: {web: {hostname: one}}")
    project.write(".env", "TAG=1\n")
    project.write("web.env", "A=1\n")
    project.variables["FROM_SHELL"] = "1"
    first = project.resolve()
    change(project)
    project.compose = CountingCompose(SubprocessProcesses(project.variables), project.variables)
    assert project.resolve() != first
    assert project.compose.asked == 1


def test_a_variable_that_no_file_mentions_changes_nothing(project: Project) -> None:
    project.write("compose.yaml", service("tty: true"))
    project.resolve()
    project.variables["UNRELATED"] = "1"
    project.resolve()
    assert project.compose.asked == 1


def test_a_broken_cache_is_ignored_and_nobody_else_can_read_it(project: Project) -> None:
    project.write("compose.yaml", service(f"environment: {{KEY: {SECRET}}}"))
    first = project.resolve()
    (entry,) = (project.home / "resolve").iterdir()
    assert entry.stat().st_mode & 0o777 == 0o600
    assert entry.parent.stat().st_mode & 0o777 == 0o700
    for data in (b"", b"x" * 100, entry.read_bytes()[:-1], entry.read_bytes()[:40] + b"!" + entry.read_bytes()[41:]):
        entry.write_bytes(data)
        assert project.resolve() == first


def test_a_changed_localenv_judges_anew(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result from before a rule was added let pass what the rule refuses."""
    project.write("compose.yaml", service("tty: true"))
    project.resolve()
    (tmp_path / "code" / "core").mkdir(parents=True)
    (tmp_path / "code" / "__init__.py").touch()
    monkeypatch.setattr("localenv.__file__", str(tmp_path / "code" / "__init__.py"))
    project.resolve()
    assert project.compose.asked == 2
    (tmp_path / "code" / "core" / "rule.py").write_text("NEW = True\n")
    project.resolve()
    project.resolve()
    assert project.compose.asked == 3


def test_a_path_that_was_exchanged_after_the_check_is_noticed(project: Project) -> None:
    project.write("compose.yaml", service("volumes: ['./src:/src', './later:/later']"))
    project.write("src/x", "")
    found = project.resolve()
    action = project.action()
    (project.folder / "later").mkdir()
    action.check_again(found)
    (project.folder / "src").rename(project.folder / "old")
    (project.folder / "src").symlink_to("/etc")
    with pytest.raises(LocalenvError) as caught:
        action.check_again(found)
    assert caught.value.code_of_case == "path-changed"
    assert caught.value.message.startswith("src was exchanged")


# --- what is refused ----------------------------------------------------------------------------------------------------


def test_an_alias_bomb_costs_neither_time_nor_memory(project: Project) -> None:
    levels = "\n".join(f"x-l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 12))
    project.write("compose.yaml", f"x-l0: &l0 [a, a, a]\n{levels}\nservices: {{web: {{image: x, command: *l11}}}}\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InvalidInput) as caught:
        project.resolve()
    assert caught.value.code_of_case == "file-too-large"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000
    assert project.compose.asked == 0


def test_a_key_that_stands_twice_is_refused_with_its_place(project: Project) -> None:
    project.write("compose.yaml", "services:\n  web:\n    image: x\n    image: y\n")
    with pytest.raises(InvalidInput) as caught:
        project.resolve()
    assert caught.value.where == "compose.yaml:4:5"


def test_a_file_of_ten_megabytes_is_refused_unread(project: Project) -> None:
    project.write("compose.yaml", "#" * 10_000_000)
    with pytest.raises(InvalidInput) as caught:
        project.resolve()
    assert caught.value.code_of_case == "file-too-large"


def test_an_env_file_that_doubles_itself_is_refused(project: Project) -> None:
    project.write("compose.yaml", service("tty: true"))
    project.write(".env", "A0=xxxxxxxx\n" + "".join(f"A{n}=${{A{n - 1}}}${{A{n - 1}}}\n" for n in range(1, 40)))
    with pytest.raises(InvalidInput) as caught:
        project.resolve()
    assert caught.value.where is not None
    assert caught.value.where.startswith(".env:")
    assert project.compose.asked == 0


@pytest.mark.parametrize(
    "keys",
    [
        "env_file: /etc/passwd",
        "env_file: link",
        "env_file: folder/passwd",
        "env_file: [{path: ../outside.env, required: false}]",
        "label_file: /etc/passwd",
        "extends: {file: ../outside.yaml, service: web}",
        "extends: {file: link, service: web}",
    ],
)
def test_what_lies_outside_is_not_read(project: Project, keys: str) -> None:
    (project.folder / "link").symlink_to("/etc/passwd")
    (project.folder / "folder").symlink_to("/etc")
    (project.folder.parent / "outside.env").write_text(f"KEY={SECRET}\n")
    (project.folder.parent / "outside.yaml").write_text("services: {web: {image: x}}")
    project.write("compose.yaml", service(keys))
    found = project.resolve()
    (refusal,) = found.refusals
    assert (refusal.code, refusal.file, refusal.line) == ("file-outside-project", "compose.yaml", 4)
    assert found.model == {}
    assert project.compose.asked == 0
    grant = Grant(service="web", key=str(refusal.grant_key), value=refusal.grant_value, why="test")
    if ".." in keys and "path" not in keys:
        assert project.codes(grants=(grant,)) == []


@pytest.mark.parametrize(
    "entry", ["https://github.com/docker/awesome-compose.git#master:x", "oci://registry.invalid/x", "git@host.invalid:x.git"]
)
def test_a_remote_include_is_refused_and_never_fetched(project: Project, entry: str) -> None:
    project.write("compose.yaml", f"include:\n  - {entry}\n{service('tty: true')}")
    begun = time.monotonic()
    assert project.codes() == ["remote-file"]
    assert time.monotonic() - begun < 5
    assert project.compose.asked == 0


def test_a_fifo_does_not_hold_anybody_up(project: Project) -> None:
    os.mkfifo(project.folder / "pipe.env")
    project.write("compose.yaml", service("env_file: pipe.env"))
    assert project.codes() == ["not-a-file"]


@pytest.mark.parametrize(
    "keys",
    [
        "volumes: ['/var/run/docker.sock:/var/run/docker.sock']",
        "volumes: ['/run/docker.sock:/x:ro']",
        "volumes: ['/var/run:/host']",
        "volumes: ['/run/:/host']",
        "volumes: ['/var/../run/./docker.sock:/x']",
        "volumes: ['./link:/x']",
        "volumes: ['./folder:/x']",
        "volumes: ['./folder/docker.sock:/x']",
        "volumes: [{type: bind, source: /, target: /host}]",
        "volumes: ['${SOCKET:-/var/run/docker.sock}:/x']",
        "secrets: [s]\nsecrets: {s: {file: /var/run/docker.sock}}",
        "configs: [s]\nconfigs: {s: {file: ./link}}",
    ],
)
def test_the_engines_socket_is_refused_in_any_spelling(project: Project, keys: str) -> None:
    (project.folder / "link").symlink_to("/var/run/docker.sock")
    (project.folder / "folder").symlink_to("/var/run")
    project.write("compose.yaml", service(keys))
    assert project.codes() == ["docker-socket"]


def test_a_socket_of_the_project_is_refused_as_shared(project: Project) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        before = Path.cwd()
        os.chdir(project.folder)
        listener.bind("app.sock")
        os.chdir(before)
        project.write("compose.yaml", service("volumes: ['./app.sock:/app.sock']"))
        assert project.codes() == ["special-file"]


@pytest.mark.parametrize(
    "keys",
    [
        "volumes: ['${UNSET}/data:/data']",
        "volumes: ['$UNSET/data:/data']",
        "build: ${UNSET}/app",
        "secrets: [s]\nsecrets: {s: {file: '${UNSET}/etc/x'}}",
    ],
)
def test_an_unset_variable_is_never_the_root_of_a_path(project: Project, keys: str) -> None:
    project.write("compose.yaml", service(keys))
    found = project.resolve()
    assert "unset-variable-in-path" in [refusal.code for refusal in found.refusals]
    assert any("UNSET" in note.message for note in found.notes)


def test_an_unset_path_of_a_service_that_does_not_run_is_no_matter(project: Project) -> None:
    project.write(
        "compose.yaml", service("tty: true") + "  tool:\n    image: x\n    profiles: [t]\n    volumes: ['${UNSET}/d:/d']\n"
    )
    assert project.codes() == []


def test_all_refusals_come_at_once_with_their_lines(project: Project) -> None:
    project.write(
        "compose.yaml", service("privileged: true\n    volumes:\n      - ./a:/a\n      - /etc/ssl:/etc/ssl\n    pid: host")
    )
    project.write("compose.staging.yaml", "services:\n  web:\n    cap_add: [SYS_ADMIN]\n")
    found = project.resolve()
    assert [(refusal.file, refusal.line, refusal.code) for refusal in found.refusals] == [
        ("compose.staging.yaml", 3, "capabilities"),
        ("compose.yaml", 4, "privileged"),
        ("compose.yaml", 7, "bind-outside-project"),
        ("compose.yaml", 8, "host-namespace"),
    ]
    assert "4 things in compose.staging.yaml and compose.yaml" in Refused(found.refusals).message


def test_what_compose_refuses_is_told_with_file_and_line_and_without_values(project: Project) -> None:
    project.write("compose.yaml", service("deploy:\n      replicas: ${PASSWORD}"))
    project.write(".env", f"PASSWORD={SECRET}\n")
    with pytest.raises(ModelInvalid) as caught:
        project.resolve()
    assert caught.value.where == "compose.yaml:5:7"
    assert SECRET not in f"{caught.value.message}{caught.value.details}{caught.value.hints}"


def test_a_variable_that_must_be_set_is_told_with_its_place_and_the_example_to_copy(project: Project) -> None:
    project.write("compose.yaml", service("hostname: ${NAME:?say which}"))
    project.write(".env.example", "NAME=x\n")
    with pytest.raises(ModelInvalid) as caught:
        project.resolve()
    assert caught.value.where == "compose.yaml:4:5"
    assert "NAME" in caught.value.message
    assert caught.value.hints[0].startswith("cp .env.example .env")


def test_an_env_file_that_is_not_there_is_told_with_its_place_and_the_example_to_copy(project: Project) -> None:
    project.write("compose.yaml", service("env_file: .env"))
    project.write("example.env", "A=1\n")
    with pytest.raises(ModelInvalid) as caught:
        project.resolve()
    assert caught.value.where == "compose.yaml:4:5"
    assert caught.value.message == "the file .env is not there, and the project's files name it"
    assert caught.value.hints[0].startswith("cp example.env .env")


def test_an_env_file_elsewhere_comes_with_the_example_beside_it(project: Project) -> None:
    project.write("compose.yaml", service("env_file: apps/api/.env"))
    project.write("apps/api/.env.example", "A=1\n")
    with pytest.raises(ModelInvalid) as caught:
        project.resolve()
    assert caught.value.hints[0].startswith("cp apps/api/.env.example apps/api/.env")


def test_an_override_that_is_left_out_is_told_where_the_files_need_it(project: Project) -> None:
    project.write("compose.yaml", service("secrets: [token]"))
    project.write("compose.override.yaml", "secrets: {token: {file: ./token}}")
    project.write("token", "x")
    with pytest.raises(ModelInvalid) as caught:
        project.resolve("staging")
    assert caught.value.hints[-1].startswith("compose.override.yaml is left out here")
    assert project.resolve("development").refusals == ()


def test_a_value_that_is_wrong_for_want_of_an_env_file_comes_with_the_example_to_copy(project: Project) -> None:
    """Mattermost: ``read_only: ${READONLY}`` with nothing set was no boolean, and nothing said why."""
    project.write("compose.yaml", service("read_only: ${READONLY}"))
    project.write("env.example", "READONLY=false\n")
    with pytest.raises(ModelInvalid) as caught:
        project.resolve()
    assert caught.value.where == "compose.yaml:4:5"
    assert caught.value.hints == ("cp env.example .env   and fill it in",)


def test_an_unset_path_is_told_though_compose_cannot_even_read_the_mount(project: Project) -> None:
    """``${UPLOADS}:/data`` became ``:/data``, which Compose refuses in words that name nothing."""
    project.write("compose.yaml", service("volumes:\n      - ${UPLOADS}:/data"))
    project.write("example.env", "UPLOADS=./uploads\n")
    (refusal,) = project.resolve().refusals
    assert (refusal.code, refusal.line) == ("unset-variable-in-path", 5)
    assert refusal.hint == "cp example.env .env   and fill it in"
    project.write(".env", "UPLOADS=./uploads\n")
    assert project.codes() == []


@pytest.mark.parametrize("source", ["//etc//ssl/", "./a/../../x", "${PWD}/../x", "${PWD}/link/../x"])
def test_a_path_is_judged_by_where_it_ends(project: Project, source: str) -> None:
    (project.folder / "sub").mkdir()
    (project.folder / "link").symlink_to("/etc/ssl")
    project.write("compose.yaml", service(f"volumes: ['{source}:/x']"))
    assert project.codes() == ["bind-outside-project"]


@pytest.mark.parametrize("name", ["$(touch x)", "`id`", "a;b", "{{.}}", "a b", "\x1b[31m", "../x", "x" * 300, "wéb", ""])
@pytest.mark.parametrize("section", ["services", "volumes", "networks", "secrets"])
def test_hostile_names_are_refused_with_their_place(project: Project, section: str, name: str) -> None:
    project.write("compose.yaml", json.dumps({section: {name: {"name": "x"}}}))
    with pytest.raises(InvalidInput) as caught:
        project.resolve()
    assert caught.value.code_of_case == "invalid-name"
    assert (caught.value.where or "").startswith("compose.yaml:1:")
    assert "\x1b" not in caught.value.message


def test_a_service_named_like_an_option_is_a_service(project: Project) -> None:
    project.write("compose.yaml", "services: {--help: {image: x}, -rf: {image: x}}")
    assert sorted(project.resolve().model["services"]) == ["--help", "-rf"]


# --- the scan reads as Compose does ---------------------------------------------------------------------------------------

TEMPLATES = [
    "${SET}",
    "$SET-x",
    "${UNSET:-d}",
    "${UNSET-d}",
    "${EMPTY:-d}",
    "${EMPTY-d}",
    "${SET:+a}",
    "${SET+a}",
    "${EMPTY:+a}",
    "${EMPTY+a}",
    "${UNSET:-${SET}/y}",
    "${UNSET:-a${EMPTY:-b}c}",
    "$$SET",
    "$${SET}",
    "a$$b${SET}c$$",
    "${UNSET:-a:b-c?d}",
    "${SET:?no}",
    "pre${EMPTY}post",
]


def test_variables_are_filled_in_as_compose_does(project: Project) -> None:
    labels = "\n".join(f"      l{index}: '{template}'" for index, template in enumerate(TEMPLATES))
    project.write("compose.yaml", service(f"labels:\n{labels}"))
    project.write(".env", "SET=value\nEMPTY=\n")
    found = project.resolve().model["services"]["web"]["labels"]
    values = {"SET": EnvValue("value"), "EMPTY": EnvValue("")}
    ours = [fill(template, values.get).text for template in TEMPLATES]
    assert [found[f"l{index}"].replace("$$", "$") for index in range(len(TEMPLATES))] == ours


ENV_LINES = [
    "A1=plain",
    "A2='single $A1'",
    'A3="double $A1"',
    "A4=$A1/x # comment",
    "export A5=five",
    "A6: six",
    "A7=a#b",
    "A8=",
    "A9=with spaces inside",
    "B1='a b' # c",
    "B2=${A1}${A5}",
    "B3=${NONE:-d}",
]


def test_env_files_are_read_as_compose_does(project: Project) -> None:
    names = [line.removeprefix("export ").replace(":", "=", 1).partition("=")[0] for line in ENV_LINES]
    labels = "\n".join(f"      {name}: '${{{name}}}'" for name in names)
    project.write("compose.yaml", service(f"labels:\n{labels}\n    secrets: [{', '.join(names)}]") + secrets(names))
    project.write(".env", "\n".join(ENV_LINES) + "\n")
    found = project.resolve()
    assert dict(found.variables) == {name: found.model["services"]["web"]["labels"][name].replace("$$", "$") for name in names}


HOSTILE_ENV = [
    "DIR=/first\nA=1\x0bDIR=./second\n",
    "DIR=/first\nA='\nDIR=./second\n'\n",
    'DIR=/first\nA="x\\" \nDIR=./second\n"\n',
    "DIR=/first\nA=1\rDIR=./second\n",
    "DIR=/first\n#DIR=./second\n",
    "DIR=/first # DIR=./second\n",
    "DIR=/first\n  export   DIR = ./second\n",
    "DIR=/first\nDIR: ./second\n",
    'A=/first\nDIR="${A}/x"\nA=./second\n',
    "DIR='$A'\nA=./second\n",
    "DIR=a'b'\n",
    "DIR=`x`\n",
    "DIR=a\\ b\n",
]


@pytest.mark.parametrize("text", HOSTILE_ENV)
def test_an_env_file_is_read_as_compose_does_or_not_believed(project: Project, text: str) -> None:
    project.write("compose.yaml", service("labels: {dir: '${DIR}'}"))
    project.write(".env", text)
    ours = parse_env_file(text.encode(), ".env", lambda _: None).values.get("DIR")
    try:
        theirs = project.resolve().model["services"]["web"]["labels"]["dir"].replace("$$", "$")
    except InvalidInput:
        return  # Compose reads nothing of it
    assert ours is not None
    assert ours.opaque or ours.text == theirs


def test_the_environments_own_name_is_set(project: Project) -> None:
    project.write("compose.yaml", service("volumes: ['./${COMPOSE_PROJECT_NAME}/x:/x']"))
    found = project.resolve()
    assert found.refusals == ()
    assert found.notes == ()
    assert found.model["services"]["web"]["volumes"][0]["source"] == str(project.folder / "shop_staging" / "x")


def secrets(names: list[str]) -> str:
    return "secrets:\n" + "\n".join(f"  {name}: {{environment: {name}}}" for name in names) + "\n"
