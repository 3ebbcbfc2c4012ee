"""``x-localenv`` reaches the model although Compose does not print it."""

from __future__ import annotations

from typing import Any

from localenv.core.documents import Document
from localenv.core.scan.extensions import with_extensions
from localenv.core.scan.places import Places


def document(**services: Any) -> Document:
    return Document(file="compose.yaml", value={"services": {name: {"x-localenv": value} for name, value in services.items()}})


def merged(*documents: Document, **extended: tuple[Document, str]) -> Any:
    model = {"services": {"web": {"image": "a"}}}
    places = Places(documents=documents, extended={service: (found,) for service, found in extended.items()})
    outcome = with_extensions(model, places)
    assert model == {"services": {"web": {"image": "a"}}}
    return outcome["services"]["web"].get("x-localenv")


def test_what_the_file_says_is_there() -> None:
    assert merged(document(web={"one_shot": True}, absent={"one_shot": True})) == {"one_shot": True}


def test_a_later_file_wins_key_by_key() -> None:
    one, two = document(web={"one_shot": True, "binds": {}}), document(web={"one_shot": False})
    assert merged(one, two) == {"one_shot": False, "binds": {}}


def test_what_is_extended_comes_first() -> None:
    base = document(base={"one_shot": True, "binds": {"/a": "data"}})
    assert merged(document(web={"one_shot": False}), web=(base, "base")) == {"one_shot": False, "binds": {"/a": "data"}}


def test_files_without_it_change_nothing() -> None:
    assert merged(Document(file="a", value=None), Document(file="b", value={"services": None}), document()) is None
