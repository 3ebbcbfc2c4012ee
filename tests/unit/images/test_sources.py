"""The chain of sources: the first that has an image gives it, and what happened is told."""

from __future__ import annotations

import pytest

from localenv.actions.image_recipes import RecipeBuilds, RecipeSource
from localenv.actions.images import EnsureImages
from localenv.core.images import parse_reference
from localenv.errors import InvalidInput, LocalenvError, Unavailable
from tests.unit.images.recipes import Builder, Clock, Lines, Registries, Source, Store


def ensure(store: Store, *sources: Source | RecipeSource) -> EnsureImages:
    return EnsureImages(store=store, sources=sources, clock=Clock())


def stand_ins(store: Store, builder: Builder, *, reachable: bool) -> RecipeSource:
    builds = RecipeBuilds(store=store, builder=builder)
    return RecipeSource(store=store, builds=builds, registries=Registries(reachable=reachable))


def test_an_image_that_is_there_asks_no_source() -> None:
    lines = Lines()
    found = ensure(Store("redis:7"), Source("registry", error=LocalenvError("asked")))(["redis:7", "library/redis:7"], lines)
    assert [(each.reference, each.source) for each in found] == [("redis:7", "engine")]
    assert lines.texts == []


def test_sources_are_asked_in_their_order() -> None:
    chain = ensure(Store(), Source("registry", "a:1"), Source("bundle", "a:1", "b:1"))
    assert [each.source for each in chain(["b:1", "a:1"], Lines())] == ["bundle", "registry"]


def test_a_failing_source_does_not_keep_the_next_from_being_asked() -> None:
    chain = ensure(Store(), Source("registry", error=LocalenvError("no login")), Source("bundle", "a:1"))
    assert chain(["a:1"], Lines())[0].source == "bundle"


def test_the_error_says_why_the_source_that_had_it_failed() -> None:
    chain = ensure(Store(), Source("registry", error=LocalenvError("no login", hints=("docker login",))), Source("bundle"))
    with pytest.raises(Unavailable, match="image a:1 cannot be had: no login") as caught:
        chain(["a:1"], Lines())
    assert (caught.value.code_of_case, caught.value.hints) == ("image-missing", ("docker login",))


def test_an_image_that_nobody_has_is_an_error_with_a_cure() -> None:
    with pytest.raises(Unavailable, match="no source has it") as caught:
        ensure(Store(), Source("bundle"))(["quay.example/team/app:2"], Lines())
    assert caught.value.hints[0] == "docker pull quay.example/team/app:2"


def test_what_is_no_reference_reaches_no_source() -> None:
    with pytest.raises(InvalidInput):
        ensure(Store(), Source("registry", error=LocalenvError("asked")))(["--privileged"], Lines())


def test_without_a_registry_a_recipe_stands_in_and_says_so() -> None:
    store, lines = Store(), Lines()
    builder = Builder(store)
    found = ensure(store, stand_ins(store, builder, reachable=False))(["postgres:16-alpine"], lines)
    assert found[0].source == "recipe"
    assert lines.texts[-1] == ("postgres:16-alpine: no registry reachable; built a stand-in from Debian packages (Postgres 1)")
    assert builder.built == [("base", None), ("postgres", "localenv/base:111111111111")]
    assert store.image("postgres:16-alpine") is not None


def test_a_second_stand_in_of_the_same_recipe_builds_nothing() -> None:
    store = Store()
    builder = Builder(store)
    chain = ensure(store, stand_ins(store, builder, reachable=False))
    chain(["postgres:16"], Lines())
    chain(["postgres:15"], Lines())
    assert len(builder.built) == 2


def test_no_recipe_is_used_where_the_registry_answers() -> None:
    store = Store()
    builder = Builder(store)
    with pytest.raises(Unavailable):
        ensure(store, stand_ins(store, builder, reachable=True))(["postgres:16"], Lines())
    assert builder.built == []


def test_an_image_pinned_by_digest_has_no_stand_in() -> None:
    store = Store()
    source = stand_ins(store, Builder(store), reachable=False)
    assert source.obtain(parse_reference("postgres@sha256:" + "0" * 64), lambda _: None) is None


def test_another_registrys_image_of_the_same_name_has_no_stand_in() -> None:
    store = Store()
    source = stand_ins(store, Builder(store), reachable=False)
    assert source.obtain(parse_reference("quay.example/library/postgres:16"), lambda _: None) is None
