"""ARCHITECTURE.md names modules, functions and commands that are there."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from tests.docs.pages import ROOT

PAGE = (ROOT / "ARCHITECTURE.md").read_text()
PATHS = sorted(set(re.findall(r"`((?:localenv|tests|profiles|compose|scripts|bench|docs|\.ci)/[\w./-]*)`", PAGE)))
NAMES = sorted(set(re.findall(r"`(localenv(?:/\w+)+)\.py:([A-Za-z_][\w.]*)`", PAGE)))


def test_the_page_names_modules_and_what_is_in_them() -> None:
    assert len(PATHS) >= 20
    assert len(NAMES) >= 10


@pytest.mark.parametrize("path", PATHS)
def test_a_path_that_the_page_names_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_a_name_that_the_page_gives_is_in_its_module(module: str, name: str) -> None:
    found: object = import_module(module.replace("/", "."))
    for part in name.split("."):
        found = getattr(found, part)
