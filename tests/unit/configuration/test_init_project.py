from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from localenv.actions.configuration import LoadSettings
from localenv.actions.init_project import InitProject
from localenv.adapters.project_files import DiskFiles
from localenv.adapters.shipped import shipped_root
from localenv.adapters.yaml_files import load_document
from localenv.errors import InvalidInput


def service(image: str, *ports: int, **more: Any) -> dict[str, Any]:
    return {"image": image, "ports": [{"target": port, "published": str(port), "protocol": "tcp"} for port in ports], **more}


MODEL: dict[str, Any] = {
    "name": "shop",
    "services": {
        "api": service("shop/api", 8001),
        "web": service("shop/web", 8000, depends_on={"migrate": {"condition": "service_completed_successfully"}}),
        "db": service("postgres:16", 5432),
        "cache": service("redis:7", 6379),
        "migrate": service("shop/api"),
        "smoke-tests": service("shop/tests"),
        "contest": service("shop/contest"),
    },
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "My Shop").mkdir()
    (tmp_path / "My Shop/compose.yaml").write_text("services: {}\n")
    return tmp_path / "My Shop"


def write(path: str, text: str) -> None:
    Path(path).write_text(text)


def init(project: Path, model: dict[str, Any] = MODEL) -> InitProject:
    files = DiskFiles()
    load = LoadSettings(files, load_document, shipped=str(shipped_root()), home=str(project.parent))
    return InitProject(load, lambda _loaded: model, files, write)


def test_what_is_written_is_loaded_again_and_says_the_same(project: Path) -> None:
    result = init(project)(str(project))
    assert result.written
    assert (project / "localenv.yaml").read_text() == result.text
    settings = LoadSettings(DiskFiles(), load_document, shipped=str(shipped_root()))(str(project)).settings
    assert settings.project == "my-shop"
    assert {name: (each.port, each.protocol, each.primary) for name, each in settings.expose.items()} == {
        "web": (8000, "http", True),
        "api": (8001, "http", False),
        "db": (5432, "postgres", False),
        "cache": (6379, "tcp", False),
    }


def test_it_says_what_it_inferred_from_what(project: Path) -> None:
    told = {(each.what, each.source) for each in init(project)(str(project), dry_run=True).inferred.conclusions}
    assert told == {
        ("project my-shop", "the directory's name"),
        ("web speaks http on 8000, the project's face", "ports of web"),
        ("api speaks http on 8001", "ports of api"),
        ("db speaks postgres on 5432", "ports of db"),
        ("cache speaks tcp on 6379", "ports of cache"),
        ("db holds data (postgresql)", "its image"),
        ("cache holds data (redis)", "its image"),
        ("migrate runs to its end", "service_completed_successfully"),
        ("smoke-tests may be a check", "its name"),
    }


def test_a_file_that_is_there_stays_unless_forced(project: Path) -> None:
    (project / "localenv.yaml").write_text("project: mine\n")
    with pytest.raises(InvalidInput) as caught:
        init(project)(str(project))
    assert caught.value.code_of_case == "exists"
    assert (project / "localenv.yaml").read_text() == "project: mine\n"
    init(project)(str(project), force=True)
    assert (project / "localenv.yaml").read_text() != "project: mine\n"


def test_a_dangling_link_counts_as_missing_and_a_dry_run_writes_nothing(project: Path) -> None:
    assert not init(project)(str(project), dry_run=True).written
    assert not (project / "localenv.yaml").exists()


@pytest.mark.parametrize("model", [{}, {"services": {}}, {"services": {"worker": {"image": "x"}}}])
def test_a_project_with_no_ports_gets_a_file_of_comments(project: Path, model: dict[str, Any]) -> None:
    result = init(project, model)(str(project))
    assert load_document(result.text.encode(), "localenv.yaml").value == {"project": "my-shop"}


@pytest.mark.parametrize("name", ["on", "123", "null", "a.b_c-d", "true", "1.5", "project"])
def test_any_service_name_survives_the_way_through_the_file(project: Path, name: str) -> None:
    result = init(project, {"services": {name: service("x", 80)}})(str(project), dry_run=True)
    assert list(load_document(result.text.encode(), "localenv.yaml").value["expose"]) == [name]


def test_the_file_is_written_in_lines_that_a_person_can_read(project: Path) -> None:
    text = init(project)(str(project), dry_run=True).text
    assert max(map(len, text.splitlines())) <= 130
    assert not [line for line in text.splitlines() if "#" in line[1:] and "  # " not in line]
    assert text.splitlines()[0] == "# What localenv knows of this project beyond compose.yaml. Written by: localenv init"
