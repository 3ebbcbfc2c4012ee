from __future__ import annotations

import pytest

from localenv.core.paths import absolute, inside, shown


@pytest.mark.parametrize(
    ("path", "is_inside"),
    [("/a/b", True), ("/a/b/c", True), ("/a/bc", False), ("/a", False), ("/", False)],
)
def test_inside_goes_by_whole_names(path: str, is_inside: bool) -> None:
    assert inside(path, "/a/b") is is_inside


def test_everything_is_inside_the_root() -> None:
    assert inside("/etc", "/")
    assert shown("/etc", "/") == "etc"


def test_paths_are_shown_from_the_project() -> None:
    assert shown("/p/compose.yaml", "/p") == "compose.yaml"
    assert shown("/p", "/p") == "."
    assert shown("/etc/x", "/p") == "/etc/x"


def test_a_path_is_taken_from_its_base() -> None:
    assert absolute("../x", "/a/b") == "/a/x"
    assert absolute("/y/./z", "/a") == "/y/z"
