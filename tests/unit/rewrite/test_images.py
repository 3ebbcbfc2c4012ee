"""What becomes of images and builds."""

from __future__ import annotations

from localenv.core.rewrite import rewrite
from tests.unit.rewrite.given import codes, context, model, service


def test_a_build_gets_a_tag_of_the_environments_own() -> None:
    build = {"context": ".", "tags": ["shop:latest"], "cache_to": ["type=registry"], "args": {"A": "1"}}
    rewritten = rewrite(model({"web": {"build": build, "image": "shop:latest"}}), context())
    assert service(rewritten)["image"] == "localenv/shop/web:dev"
    assert service(rewritten)["build"] == {"context": ".", "args": {"A": "1"}}
    assert codes(rewritten, "web") == ["image-tag", "build-tags"]


def test_equal_sources_are_one_image_in_every_environment() -> None:
    whole = model({"web": {"build": {"context": "."}}})
    tags = {service(rewrite(whole, context(name=name, builds={"web": "ab" * 32})))["image"] for name in ("one", "two")}
    assert tags == {f"localenv/shop/web:{'ab' * 8}"}


def test_equal_builds_are_built_once_and_others_that_name_the_image_use_it() -> None:
    services = {
        "web": {"build": {"context": "."}, "image": "app"},
        "worker": {"build": {"context": "."}},
        "cron": {"image": "app"},
        "other": {"build": {"context": ".", "target": "other"}},
    }
    rewritten = rewrite(model(services), context())
    assert {name: service(rewritten, name)["image"] for name in services} == {
        "web": "localenv/shop/web:dev",
        "worker": "localenv/shop/web:dev",
        "cron": "localenv/shop/web:dev",
        "other": "localenv/shop/other:dev",
    }
    assert [name for name in services if "build" in service(rewritten, name)] == ["web", "other"]


def test_a_build_that_another_one_starts_from_stays() -> None:
    services = {
        "a": {"build": {"context": "."}},
        "base": {"build": {"context": "."}},
        "web": {"build": {"context": "web", "additional_contexts": {"base": "service:base"}}},
    }
    assert "build" in service(rewrite(model(services), context()), "base")


def test_pull_policy_goes_and_always_is_told() -> None:
    rewritten = rewrite(
        model({"a": {"image": "x", "pull_policy": "always"}, "b": {"image": "x", "pull_policy": "missing"}}), context()
    )
    assert not any("pull_policy" in service(rewritten, name) for name in ("a", "b"))
    assert codes(rewritten) == ["pull-policy"]


def test_pull_policy_never_stays_where_nothing_is_built() -> None:
    never = {"pull_policy": "never"}
    services = {
        "a": {"image": "own:1", **never},
        "b": {"image": "x", "build": {"context": "."}, **never},
        "c": {"image": "x", **never},
    }
    rewritten = rewrite(model(services), context())
    assert [name for name in services if "pull_policy" in service(rewritten, name)] == ["a"]


def test_an_image_that_nobody_builds_stays() -> None:
    assert service(rewrite(model({"db": {"image": "postgres:16"}}), context()), "db")["image"] == "postgres:16"
