from __future__ import annotations

import pytest

from localenv.core.dockerignore import ignored_by


@pytest.mark.parametrize(
    ("rules", "path", "left_out"),
    [
        ("", "a", False),
        ("# note\n\n", "# note", False),
        ("node_modules", "node_modules", True),
        ("node_modules", "node_modules/a/b.js", True),
        ("node_modules", "web/node_modules", False),
        ("**/node_modules", "web/node_modules/a", True),
        ("**/node_modules", "node_modules", True),
        ("*.md", "README.md", True),
        ("*.md", "docs/README.md", False),
        ("docs/**", "docs/a/b", True),
        ("/build/", "build", True),
        ("./build", "build/x", True),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
        ("a.c", "abc", False),
    ],
)
def test_a_rule_matches_as_docker_does(rules: str, path: str, left_out: bool) -> None:
    assert ignored_by(rules)(path) is left_out


def test_where_something_is_brought_back_nothing_is_left_out() -> None:
    """Leaving out too little only builds once more; leaving out too much would run an old image."""
    assert not ignored_by("*\n!src")("src/app.py")
    assert not ignored_by("*\n!src")("other")


def test_a_hostile_pattern_costs_no_time() -> None:
    """Each ``**/`` multiplied the ways to match."""
    assert ignored_by("**/" * 40 + "x")("a/" * 40 + "y") is False
