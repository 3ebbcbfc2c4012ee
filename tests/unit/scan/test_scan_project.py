from __future__ import annotations

import pytest

from localenv.actions.scan_project import ScanInput, ScanProject
from localenv.adapters.yaml_files import load_documents
from localenv.core.configuration.settings import Grant
from localenv.core.paths import PathKind
from localenv.core.scan.scanned import Scanned
from localenv.errors import InvalidInput, NotFound
from tests.fakes.memory_files import MemoryFiles


def scan(
    files: MemoryFiles, *, root: str = "/p", variables: dict[str, str] | None = None, grants: tuple[Grant, ...] = ()
) -> Scanned:
    env_files = ("/p/.env",) if "/p/.env" in files.content else ()
    return ScanProject(files, load_documents)(
        ScanInput(
            root=root,
            directory="/p",
            files=("/p/compose.yaml",),
            env_files=env_files,
            variables=variables or {},
            home="/home/me",
            grants=grants,
        )
    )


def web(keys: str, **more: str) -> MemoryFiles:
    return MemoryFiles({"/p/compose.yaml": f"services:\n  web:\n    {keys}\n", "/etc/passwd": "root", **more})


def test_every_file_that_compose_reads_is_found() -> None:
    files = MemoryFiles(
        {
            "/p/compose.yaml": """
                include: [sub/compose.yaml]
                services:
                  web: {extends: {file: base/b.yaml, service: x}, env_file: [a.env]}
            """,
            "/p/a.env": "A=1",
            "/p/sub/compose.yaml": "services:\n  api: {env_file: own.env}\n",
            "/p/sub/.env": "B=$FROM_SHELL",
            "/p/sub/own.env": "",
            "/p/base/b.yaml": """
                services:
                  x: {env_file: x.env, extends: {service: y}}
                  y: {env_file: y.env}
                  z: {env_file: z.env}
            """,
            "/p/base/x.env": "",
            "/p/base/y.env": "",
            "/p/base/z.env": "",
        }
    )
    found = scan(files)
    assert not found.refusals
    assert set(found.read) == set(files.content) - {"/p/base/z.env"}
    assert "FROM_SHELL" in found.names


@pytest.mark.parametrize(
    "keys",
    [
        "env_file: /etc/passwd",
        "env_file: ../etc/passwd",
        "env_file: [{path: /etc/passwd, required: false}]",
        "env_file: sub/../../etc/passwd",
        "env_file: ${DIR}/passwd",
        "env_file: out",
        "env_file: folder/passwd",
        "env_file: ~/x.env",
        "label_file: /etc/passwd",
        "extends: {file: /etc/passwd, service: x}",
    ],
)
def test_nothing_outside_the_project_is_opened(keys: str) -> None:
    files = web(keys, **{"/home/me/x.env": ""})
    files.links = {"/p/out": "/etc/passwd", "/p/folder": "../etc"}
    found = scan(files, variables={"DIR": "/etc"})
    (refusal,) = found.refusals
    assert refusal.code == "file-outside-project"
    assert (refusal.file, refusal.line, refusal.service) == ("compose.yaml", 3, "web")
    assert files.opened == ["/p/compose.yaml"]


@pytest.mark.parametrize("entry", ["/etc/passwd", "../x.yaml", "{path: [../x.yaml]}", "{path: sub.yaml, env_file: /etc/passwd}"])
def test_an_include_outside_is_refused(entry: str) -> None:
    files = MemoryFiles(
        {"/p/compose.yaml": f"include:\n  - {entry}\n", "/etc/passwd": "", "/x.yaml": "", "/p/sub.yaml": "services: {}"}
    )
    (refusal,) = scan(files).refusals
    assert (refusal.code, refusal.line, refusal.grant_key) == ("file-outside-project", 2, "include")


def test_an_env_file_of_an_included_folder_that_leads_outside_is_refused() -> None:
    files = MemoryFiles(
        {"/p/compose.yaml": "include: [sub/c.yaml]\n", "/p/sub/c.yaml": "services: {}", "/etc/passwd": ""},
        links={"/p/sub/.env": "/etc/passwd"},
    )
    (refusal,) = scan(files).refusals
    assert refusal.code == "file-outside-project"


@pytest.mark.parametrize("entry", ["https://github.com/x/y.git", "oci://host/x", "git@github.com:x/y.git", "${WHERE}"])
def test_remote_files_are_refused(entry: str) -> None:
    files = MemoryFiles(
        {"/p/compose.yaml": f"include:\n  - {entry}\nservices:\n  a: {{extends: {{file: '{entry}', service: x}}}}\n"}
    )
    found = scan(files, variables={"WHERE": "https://example.com/x.yaml"})
    assert [refusal.code for refusal in found.refusals] == ["remote-file", "remote-file"]
    assert all(refusal.grant_key is None for refusal in found.refusals)


@pytest.mark.parametrize("kind", ["fifo", "socket", "device", "directory"])
def test_only_regular_files_are_read(kind: PathKind) -> None:
    files = web("env_file: odd")
    files.special["/p/odd"] = kind
    (refusal,) = scan(files).refusals
    assert refusal.code == "not-a-file"
    assert kind in refusal.message


def test_a_compose_file_that_is_a_link_to_the_outside_is_refused() -> None:
    files = MemoryFiles({"/etc/passwd": "root"}, links={"/p/compose.yaml": "/etc/passwd"})
    (refusal,) = scan(files).refusals
    assert (refusal.code, refusal.path) == ("file-outside-project", "compose.yaml")
    assert not files.opened


def test_a_grant_lets_a_file_be_read() -> None:
    files = web("env_file: ../shared/x.env", **{"/shared/x.env": "A=1"})
    found = scan(files, grants=(Grant(service="web", key="env_file", value="../shared/x.env", why="shared"),))
    assert not found.refusals
    assert "/shared/x.env" in found.read
    assert len(found.used) == 1


def test_a_path_that_hangs_on_an_unusual_value_is_refused() -> None:
    files = web("env_file: ${DIR}/x.env", **{"/p/.env": "DIR='\nDIR=./fine\n'\n"})
    (refusal,) = scan(files).refusals
    assert refusal.code == "path-unclear"


def test_a_folder_that_hangs_on_an_unusual_value_is_refused() -> None:
    files = MemoryFiles(
        {
            "/p/compose.yaml": "include: [{path: sub.yaml, project_directory: '${DIR}'}]",
            "/p/sub.yaml": "services: {a: {env_file: passwd}}",
            "/p/.env": "DIR='\nDIR=./fine\n'\n",
            "/etc/passwd": "",
        }
    )
    (refusal,) = scan(files).refusals
    assert refusal.code == "path-unclear"


def test_an_included_folder_outside_gives_its_files_no_way_in() -> None:
    files = MemoryFiles(
        {
            "/p/compose.yaml": "include: [{path: sub.yaml, project_directory: /etc}]",
            "/p/sub.yaml": "services: {a: {env_file: passwd}}",
            "/etc/passwd": "",
        }
    )
    (refusal,) = scan(files).refusals
    assert refusal.code == "file-outside-project"


def test_missing_files_that_compose_cannot_do_without_are_told_with_their_place() -> None:
    for text in ("include: [sub.yaml]\n", "services: {a: {extends: {file: sub.yaml, service: x}}}\n"):
        with pytest.raises(NotFound) as caught:
            scan(MemoryFiles({"/p/compose.yaml": text}))
        assert "sub.yaml" in caught.value.message
        assert caught.value.where is not None
        assert caught.value.where.startswith("compose.yaml:1:")


def test_a_missing_env_file_is_left_to_compose_and_watched_for() -> None:
    found = scan(web("env_file: [{path: later.env, required: false}]"))
    assert not found.refusals
    assert found.read["/p/later.env"] == ""


def test_files_that_extend_each_other_end() -> None:
    files = MemoryFiles(
        {
            "/p/compose.yaml": "include: [compose.yaml]\nservices: {a: {extends: {file: b.yaml, service: b}}}\n",
            "/p/b.yaml": "services: {b: {extends: {file: compose.yaml, service: a}}}\n",
        }
    )
    assert set(scan(files).read) == {"/p/compose.yaml", "/p/b.yaml", "/p/.env"}


def test_the_number_of_files_is_bounded() -> None:
    names = [f"e{number}.env" for number in range(400)]
    files = web(f"env_file: [{', '.join(names)}]", **{f"/p/{name}": "" for name in names})
    with pytest.raises(InvalidInput) as caught:
        scan(files)
    assert caught.value.code_of_case == "too-many-files"


def test_the_size_of_all_files_is_bounded() -> None:
    names = [f"e{number}.env" for number in range(20)]
    files = web(f"env_file: [{', '.join(names)}]", **{f"/p/{name}": "#" * 900_000 for name in names})
    with pytest.raises(InvalidInput) as caught:
        scan(files)
    assert caught.value.code_of_case == "too-many-files"


def test_variables_that_steer_compose_are_told() -> None:
    found = scan(web("image: x", **{"/p/.env": "COMPOSE_PROFILES=a, b,\nCOMPOSE_FILE=b\nCOMPOSE_PROJECT_NAME=c\n"}))
    (note,) = found.notes
    assert note.code == "compose-variables"
    assert "COMPOSE_FILE in .env" in note.message
    assert found.profiles == ("a", "b")


def test_the_callers_shell_comes_before_the_env_file() -> None:
    files = web("env_file: ${FILE}", **{"/p/.env": "FILE=a.env", "/p/a.env": "", "/p/b.env": ""})
    assert "/p/a.env" in scan(files).read
    assert "/p/b.env" in scan(files, variables={"FILE": "b.env"}).read


def test_unset_variables_are_told_once() -> None:
    assert scan(web("image: x:$TAG$TAG${OTHER:-d}")).unset == ("TAG",)
