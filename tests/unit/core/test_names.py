from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localenv.core.names import SLUG_LIMIT, EnvironmentId, checked_slug, slugify
from localenv.errors import InvalidInput

LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


@pytest.mark.parametrize(
    ("text", "slug"),
    [("feature/ADD_x", "feature-add-x"), ("shop", "shop"), ("Ünïcode", "unicode"), ("--a--", "a"), ("a..b", "a-b")],
)
def test_a_text_becomes_a_readable_label(text: str, slug: str) -> None:
    assert slugify(text) == slug


@given(st.text())
def test_any_text_becomes_a_dns_label(text: str) -> None:
    slug = slugify(text)
    assert LABEL.fullmatch(slug)
    assert len(slug) <= SLUG_LIMIT


@given(st.text(min_size=41, max_size=300), st.text(min_size=41, max_size=300))
def test_two_long_texts_do_not_meet_in_one_slug(one: str, other: str) -> None:
    if one != other:
        assert slugify(one, unique=True) != slugify(other, unique=True)


@pytest.mark.parametrize("name", ["", "-a", "A", "a_b", "a.b", "a/b", "`id`", "$(id)", "..", "\x1b[31m", "a" * 41, "sтaging"])
def test_what_is_no_slug_is_refused_with_a_proposal(name: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        checked_slug(name, what="an environment")
    proposal = raised.value.hints[0].removeprefix("try: ")
    assert checked_slug(proposal, what="an environment") == proposal


def test_projects_and_environments_that_join_alike_stay_apart() -> None:
    one = EnvironmentId(project="shop", name="staging-eu")
    other = EnvironmentId(project="shop-staging", name="eu")
    assert one.compose_project != other.compose_project
    assert one.host("localhost") != other.host("localhost")
