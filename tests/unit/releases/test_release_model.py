"""Manifests, names and differences of releases."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localenv.core.releases.difference import release_difference
from localenv.core.releases.model import (
    CapturedFile,
    Release,
    ReleaseImage,
    captured_variables,
    decode_release,
    encode_release,
    kept_reference,
    next_name,
    same_content,
    variables_of,
)
from localenv.errors import InvalidInput, LocalenvError

WEB = ReleaseImage(
    reference="localenv/shop/web:1", id="sha256:" + "a" * 64, kept="localenv/shop/web:aaaaaaaaaaaa", services=("web",)
)
RELEASE = Release(
    name="r1",
    project="shop",
    created="2026-01-01T00:00:00Z",
    by="ann",
    images=(WEB,),
    files=(CapturedFile(path="compose.yaml", digest="d"),),
    models={"staging": {"services": {"web": {"image": "web", "command": ["a"]}}}},
    variables={"KEY": "secret"},
)


def test_a_manifest_comes_back_as_it_was_written() -> None:
    assert decode_release(encode_release(RELEASE), "here") == RELEASE


@pytest.mark.parametrize("content", [b"", b"[]", b'{"name": 1}', b"\xff"])
def test_a_damaged_manifest_is_told_by_its_place(content: bytes) -> None:
    with pytest.raises(InvalidInput) as raised:
        decode_release(content, "place")
    assert raised.value.where == "place"


def test_a_newer_manifest_is_refused() -> None:
    with pytest.raises(LocalenvError, match="newer localenv"):
        decode_release(encode_release(msgspec.structs.replace(RELEASE, format=2)), "place")


@given(st.sets(st.integers(min_value=1, max_value=10_000)))
def test_the_next_name_was_never_given(numbers: set[int]) -> None:
    names = {f"r{number}" for number in numbers}
    name = next_name([*names, "last", "r", "r0x", "tree"])
    assert name not in names
    assert int(name[1:]) == max(numbers, default=0) + 1


def test_who_made_it_and_when_makes_no_other_content() -> None:
    again = msgspec.structs.replace(RELEASE, name="r2", created="later", by="bob", commit="c", dirty=True, note="n")
    assert same_content(RELEASE, again)
    for field in ("images", "files", "variables", "models"):
        assert not same_content(RELEASE, msgspec.structs.replace(RELEASE, **{field: type(getattr(RELEASE, field))()}))


def test_equal_images_are_kept_under_one_tag() -> None:
    assert kept_reference("shop", "Web_App", WEB.id) == "localenv/shop/web-app:aaaaaaaaaaaa"


def test_the_makers_variables_count_and_the_machine_keeps_its_own() -> None:
    named = ("HOME", "PATH", "KEY", "UNSET")
    assert captured_variables(named, {"HOME": "/h", "PATH": "/p", "KEY": "k", "OTHER": "o"}) == {"KEY": "k"}
    counted = variables_of(RELEASE, {"PATH": "/bin", "DOCKER_HOST": "unix:///x", "KEY": "other", "TAG": "later"})
    assert counted == {"PATH": "/bin", "DOCKER_HOST": "unix:///x", "KEY": "secret"}


def test_a_difference_names_images_files_and_keys_but_no_values() -> None:
    other = msgspec.structs.replace(
        RELEASE,
        name="r2",
        images=(msgspec.structs.replace(WEB, id="sha256:" + "b" * 64),),
        files=(CapturedFile(path="compose.yaml", digest="e"), CapturedFile(path="new", digest="f")),
        models={"staging": {"services": {"web": {"image": "web", "command": ["b"]}, "job": {}}}},
    )
    found = release_difference(RELEASE, other)
    assert found.images == (("web", WEB.id, "sha256:" + "b" * 64),)
    assert found.files == (("compose.yaml", "changed"), ("new", "added"))
    assert found.services == (("job", "staging", "added"), ("web", "staging", "command"))
    assert release_difference(RELEASE, RELEASE).files == ()
