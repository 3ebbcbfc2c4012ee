"""Image references are taken apart as the Distribution reference grammar says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localenv.core.images import parse_reference
from localenv.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "canonical", "familiar"),
    [
        ("postgres", "docker.io/library/postgres:latest", "postgres:latest"),
        ("postgres:16-alpine", "docker.io/library/postgres:16-alpine", "postgres:16-alpine"),
        ("library/postgres:16", "docker.io/library/postgres:16", "postgres:16"),
        ("docker.io/postgres:16", "docker.io/library/postgres:16", "postgres:16"),
        ("index.docker.io/library/redis", "docker.io/library/redis:latest", "redis:latest"),
        ("valkey/valkey:8", "docker.io/valkey/valkey:8", "valkey/valkey:8"),
        ("localhost/app:1", "localhost/app:1", "localhost/app:1"),
        ("registry.example:5000/team/app", "registry.example:5000/team/app:latest", "registry.example:5000/team/app:latest"),
        ("Registry/app", "Registry/app:latest", "Registry/app:latest"),
    ],
)
def test_a_reference_is_completed(text: str, canonical: str, familiar: str) -> None:
    reference = parse_reference(text)
    assert (reference.canonical, reference.familiar) == (canonical, familiar)


def test_a_digest_takes_the_place_of_the_default_tag() -> None:
    digest = "sha256:" + "a" * 64
    assert parse_reference(f"redis@{digest}").tag is None
    assert parse_reference(f"redis:7@{digest}").familiar == f"redis:7@{digest}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":16",
        "Postgres",
        "-x",
        "--privileged",
        "a b",
        "a:b:c",
        "a@",
        "a@sha256:short",
        "../a",
        "a//b",
        "a:-x",
        "a\nb",
        "x" * 300,
    ],
)
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="not an image reference"):
        parse_reference(text)


@given(
    st.from_regex(
        r"([a-z]{1,8}\.[a-z]{2,4}(:[0-9]{2,4})?/)?[a-z0-9]{1,8}(/[a-z0-9]{1,8}){0,2}(:[a-z0-9._-]{0,9})?", fullmatch=True
    )
)
def test_the_familiar_name_means_the_same_image(text: str) -> None:
    try:
        reference = parse_reference(text)
    except InvalidInput:
        return
    assert parse_reference(reference.familiar) == reference
    assert parse_reference(reference.canonical) == reference


@given(st.text(max_size=40))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        reference = parse_reference(text)
    except InvalidInput:
        return
    assert not reference.familiar.startswith("-")
    assert not set(reference.familiar) & set(" \n\t;$`'\"")
