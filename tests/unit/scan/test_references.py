from __future__ import annotations

from typing import Any

import pytest

from localenv.core.documents import Document
from localenv.core.interpolation import EnvValue
from localenv.core.scan.places import Places
from localenv.core.scan.references import includes, is_remote, service_references
from localenv.core.scan.values import mentioned, unset_paths
from localenv.errors import InvalidInput
from tests.support.documents import document


def service(**keys: Any) -> Document:
    return Document(file="compose.yaml", value={"services": {"web": keys}})


@pytest.mark.parametrize(
    ("keys", "texts"),
    [
        ({"env_file": "a.env"}, ["a.env"]),
        ({"env_file": ["a.env", {"path": "b.env", "required": False}]}, ["a.env", "b.env"]),
        ({"label_file": ["l"]}, ["l"]),
        ({"extends": {"file": "../base.yaml", "service": "x"}}, ["../base.yaml"]),
        ({"extends": "other"}, [""]),
        ({"env_file": {"path": 3}, "extends": 7, "label_file": None}, []),
    ],
)
def test_services_name_files(keys: dict[str, Any], texts: list[str]) -> None:
    assert [reference.text for reference in service_references(service(**keys))] == texts


def test_one_service_alone() -> None:
    both = Document(file="c", value={"services": {"a": {"env_file": "a"}, "b": {"env_file": "b"}}})
    assert [reference.text for reference in service_references(both, only="b")] == ["b"]


def test_includes_in_every_form() -> None:
    found = list(
        includes(
            Document(
                file="c",
                value={
                    "include": [
                        "a.yaml",
                        {"path": ["b.yaml", "c.yaml"], "project_directory": "x", "env_file": "e"},
                        5,
                        {"path": "d"},
                    ]
                },
            )
        )
    )
    assert [[file.text for file in include.files] for include in found] == [["a.yaml"], ["b.yaml", "c.yaml"], ["d"]]
    assert found[1].directory == "x"
    assert [[file.text for file in include.env_files or ()] for include in found] == [[], ["e"], []]


@pytest.mark.parametrize(
    "text",
    [
        "https://github.com/a/b.git",
        "git@github.com:a/b.git",
        "github.com/a/b",
        "oci://registry/x",
        "oci:registry/x",
        "ssh://host/x",
        "HTTP://x/y",
        "user@host:path",
        "a/b.git#main",
    ],
)
def test_remote_references_are_known(text: str) -> None:
    assert is_remote(text)


@pytest.mark.parametrize(
    "text", ["./a.yaml", "../x/compose.yaml", "/abs/compose.yaml", "a@b.yaml", "gitea/compose.yaml", "my.github.com.yaml"]
)
def test_local_paths_are_not_remote(text: str) -> None:
    assert not is_remote(text)


@pytest.mark.parametrize(
    "text",
    [
        "services: {web: {volumes: ['${UNSET}/data:/data']}}",
        "services: {web: {volumes: ['${UNSET}:/data']}}",
        "services: {web: {volumes: ['./a/$UNSET:/data']}}",
        "services: {web: {volumes: [{type: bind, source: '${UNSET}/x', target: /x}]}}",
        "services: {web: {build: '${UNSET}/app'}}",
        "services: {web: {build: {context: ., dockerfile: '$UNSET/Dockerfile'}}}",
        "services: {web: {env_file: ['${UNSET}/.env']}}",
        "services: {web: {env_file: [{path: '${UNSET}/.env'}]}}",
        "services: {web: {develop: {watch: [{path: '${UNSET}/src'}]}}}",
        "secrets: {a: {file: '${UNSET}/key'}}",
        "configs: {a: {file: '${UNSET}/key'}}",
        "volumes: {a: {driver_opts: {device: '${UNSET}/key'}}}",
    ],
)
def test_an_unset_variable_in_a_path_is_found(text: str) -> None:
    (refusal,) = unset_paths(document(text), lambda _: None)
    assert refusal.code == "unset-variable-in-path"
    assert "UNSET" in refusal.message
    assert refusal.line == 1


@pytest.mark.parametrize(
    "text",
    [
        "services: {web: {volumes: ['${UNSET:-./x}/data:/data', 'data:/x${UNSET}', '$$UNSET/x:/y']}}",
        "services: {web: {volumes: ['${SET}/x:/y', './a:/b:${UNSET}']}}",
        "services: {web: {volumes: ['data${UNSET}:/data']}}",
        "services: {web: {volumes: [{type: volume, source: '${UNSET}x', target: /x}], image: 'x:$UNSET'}}",
        "services: {web: }",
        "x-web: {volumes: ['${UNSET}/data:/data']}",
    ],
)
def test_no_path_or_no_unset_variable_is_fine(text: str) -> None:
    assert not list(unset_paths(document(text), {"SET": EnvValue("v")}.get))


def test_every_variable_that_could_matter_is_mentioned() -> None:
    found = mentioned(
        document("services: {web: {image: 'x:$TAG', environment: [FROM_SHELL, A=$B], labels: {X: }}}"), lambda _: None
    )
    assert found.names >= {"TAG", "FROM_SHELL", "B", "X"}
    assert found.unset == ("TAG", "B")


def test_growth_through_variables_is_bounded() -> None:
    with pytest.raises(InvalidInput) as caught:
        mentioned(document("services: {web: {labels: ['" + "$X" * 3000 + "']}}"), lambda _: EnvValue("y" * 10_000))
    assert caught.value.where == "compose.yaml:1:27"


BASE = "services:\n  web:\n    image: x\n    volumes:\n      - ./a:/a\n      - ./b:/b\n    environment:\n      - A=1\n"
OVER = "services:\n  web:\n    volumes:\n      - ./c:/c\n    privileged: true\n"


def test_a_place_is_found_in_the_file_that_has_it() -> None:
    places = Places(documents=(document(BASE, "base.yaml"), document(OVER, "over.yaml")))
    assert str(places.find(("services", "web", "privileged"))) == "over.yaml:5:5"
    assert str(places.find(("services", "web", "image"))) == "base.yaml:3:5"
    assert str(places.find(("services", "web", "volumes", 1), "/b")) == "base.yaml:6:9"
    assert str(places.find(("services", "web", "volumes", 2), "/c")) == "over.yaml:4:9"
    assert str(places.find(("services", "web", "environment", "A"))) == "base.yaml:8:9"
    assert str(places.find(("services", "web", "nothing"))) == "over.yaml:2:3"
    assert places.find(("networks", "x")) is None


def test_a_place_is_found_in_what_a_service_extends() -> None:
    places = Places(
        documents=(document("services:\n  api:\n    extends: {file: base.yaml, service: web}\n"),),
        extended={"api": ((document(BASE, "base.yaml"), "web"),)},
    )
    assert str(places.find(("services", "api", "image"))) == "base.yaml:3:5"
    assert str(places.find(("services", "api"))) == "compose.yaml:2:3"


def test_a_path_as_text_is_found_though_names_hold_dots() -> None:
    places = Places(documents=(document("services:\n  a.b:\n    ports: ['80']\n"),))
    assert str(places.find_dotted("services.a.b.ports[0]")) == "compose.yaml:3:13"
    assert str(places.find_dotted("services.a.b.image")) == "compose.yaml:2:3"


def test_a_variable_is_found_where_it_is_first_mentioned() -> None:
    places = Places(documents=(document("services:\n  a:\n    image: x:${TAG:?}\n"),))
    assert str(places.find_variable("TAG")) == "compose.yaml:3:5"
    assert places.find_variable("OTHER") is None


def test_the_models_keys_have_places_by_dotted_path() -> None:
    places = Places(documents=(document(BASE),))
    found = places.of_model({"services": {"web": {"image": "x", "networks": {}}}, "networks": {"default": None}})
    assert found == {
        "services.web": "compose.yaml:2:3",
        "services.web.image": "compose.yaml:3:5",
        "services.web.networks": "compose.yaml:2:3",
    }
