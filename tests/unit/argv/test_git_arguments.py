from __future__ import annotations

import inspect
from itertools import pairwise

import pytest

from localenv.core.argv import git

GIVEN = {"name": "refs/heads/-x", "commit": "c1", "other": "c2", "of": "c2", "since": "c2", "tree": "t", "message": "m"}
LISTED = {"parents": ("c1", "c2"), "paths": ("-x",), "commits": ("c1", "c2")}


def arguments(name: str) -> tuple[str, ...]:
    function = getattr(git, name)
    known = {**GIVEN, **LISTED, "remote": False, "directory": "-d", "object_format": "sha1"}
    words: tuple[str, ...] = function(**{each: known[each] for each in inspect.signature(function).parameters})
    return words


@pytest.mark.parametrize("name", sorted(set(git.__all__) - {"version", "init"}))
def test_no_command_runs_hooks_or_monitors_or_reaches_the_network(name: str) -> None:
    words = arguments(name)
    pairs = set(pairwise(words))
    assert words[0] == "git"
    assert {("-c", "core.hooksPath=/dev/null"), ("-c", "core.fsmonitor=false"), ("-c", "protocol.allow=never")} <= pairs


def test_a_folder_named_like_an_option_stays_a_folder() -> None:
    assert git.init("--bare", "sha1")[-2:] == ("--", "--bare")
    assert git.changed_paths(["-x"])[-2:] == ("--", "-x")


def test_a_repository_begins_without_templates() -> None:
    assert "--template=" in git.init("/d", "sha1")
