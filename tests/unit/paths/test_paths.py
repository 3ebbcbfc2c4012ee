from __future__ import annotations

import pytest

from localenv.core.paths import absolute, grantable, inside, shown


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
    assert shown("/home/me/other/x", "/home/me/shop") == "../other/x"
    assert shown("/home/me", "/home/me/shop") == ".."
    assert shown("/home/you", "/home/me/shop") == "../../you"
    assert shown("/srv", "/home/me/shop") == "/srv"


def test_a_grant_names_a_path_that_is_taken_from_the_project() -> None:
    assert [grantable(path, "/a/p") for path in ("/a/p/x", "/a/p", "/a/y", "/z")] == ["./x", ".", "../y", "/z"]


def test_a_path_is_taken_from_its_base() -> None:
    assert absolute("../x", "/a/b") == "/a/x"
    assert absolute("/y/./z", "/a") == "/y/z"
