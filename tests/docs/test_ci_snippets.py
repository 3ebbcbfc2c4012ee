"""Jobs that nobody can run here are at least well-formed, and call localenv as it is."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from pathlib import Path

import click
import pytest
import yaml

from localenv.cli.context import Context
from tests.docs.pages import ROOT, Block, blocks, pages

PAGE = ROOT / "docs/ci.md"
JOBS = [block for block in blocks(PAGE) if block.language in {"yaml", "groovy"} and block.role == "none"]
_CALL = re.compile(r"localenv [^'\n]+")


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_yaml_of_a_page_is_one_document(page: Path) -> None:
    for block in blocks(page):
        if block.language == "yaml":
            assert yaml.safe_load(block.text) is not None, block.where


def test_there_is_a_job_for_each_server() -> None:
    assert [block.language for block in JOBS] == ["yaml", "yaml", "groovy"]


@pytest.mark.parametrize("block", JOBS, ids=lambda block: block.where)
def test_a_job_calls_localenv_as_it_is(block: Block) -> None:
    calls = _CALL.findall(block.text)
    assert [call.split()[1] for call in calls] == ["ci", "gc"]
    for call in calls:
        _program, name, *words = shlex.split(call)
        command: click.Command = import_module(f"localenv.cli.{name}").command
        context = command.make_context(name, words, obj=Context())
        if name == "ci":
            assert context.params["words"][0] == "pytest"
            assert str(context.params["junit"]).startswith(f"{context.params['artifacts']}/")
