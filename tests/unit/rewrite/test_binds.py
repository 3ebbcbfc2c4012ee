"""What becomes of bind mounts, per tier and kind."""

from __future__ import annotations

from typing import Any

import pytest

from localenv.core.configuration.tier import TierProfile
from localenv.core.rewrite import Platform, hashed_paths, mounted_paths, rewrite
from localenv.core.wanted import Rewritten
from tests.unit.rewrite.given import (
    DEVELOPMENT,
    PREVIEW,
    PROJECT,
    STAGING,
    STATE,
    bind,
    codes,
    context,
    directory,
    file,
    image,
    model,
    service,
    volume,
)


def outcome(mount: dict[str, Any], facts: Any, tier: TierProfile, **more: Any) -> Rewritten:
    return rewrite(
        model({"web": {"image": more.pop("image", "app"), "volumes": [mount]}}),
        context(tier, binds={mount["source"]: facts}, **more),
    )


def first(rewritten: Rewritten) -> dict[str, Any]:
    found: dict[str, Any] = service(rewritten)["volumes"][0]
    return found


def test_writable_source_is_live_in_the_environment_that_holds_the_binds() -> None:
    mount = bind("src", "/app")
    rewritten = outcome(mount, directory(), DEVELOPMENT, holds_binds=True)
    assert first(rewritten) == mount
    assert codes(rewritten) == ["bind-live"]


def test_writable_source_is_a_private_copy_in_every_other_development_environment() -> None:
    rewritten = outcome(bind("src", "/app"), directory(), DEVELOPMENT)
    seed = volume(rewritten, "bind-src").seed
    assert first(rewritten) == {"type": "volume", "source": "bind-src", "target": "/app", "volume": {"nocopy": True}}
    assert seed is not None
    assert (seed.source, seed.digest) == (f"{PROJECT}/src", "d1" * 32)
    assert codes(rewritten) == ["bind-copy"]


def test_source_of_a_preview_is_its_worktree() -> None:
    mount = bind("src", "/app")
    assert first(outcome(mount, directory(), PREVIEW)) == mount


def test_captured_source_follows_its_content() -> None:
    old, new = (outcome(bind("src", "/app"), directory(digest * 64), STAGING) for digest in "ab")
    assert volume(old, "bind-src").name == "shop_dev_bind-src-aaaaaaaaaaaa"
    assert volume(new, "bind-src").name == "shop_dev_bind-src-bbbbbbbbbbbb"


@pytest.mark.parametrize(("source", "ignored"), [("uploads", False), ("whatever", True)])
def test_what_programs_write_is_seeded_once_and_survives_new_content(source: str, ignored: bool) -> None:
    old, new = (outcome(bind(source, "/x"), directory(digest * 64, ignored=ignored), STAGING) for digest in "ab")
    assert volume(old, f"bind-{source}").name == volume(new, f"bind-{source}").name == f"shop_dev_bind-{source}"


@pytest.mark.parametrize("tier", [DEVELOPMENT, PREVIEW, STAGING])
def test_data_bound_onto_a_database_is_a_volume_of_its_own_and_never_copied(tier: TierProfile) -> None:
    mount = bind("pgdata", "/var/lib/postgresql/data")
    rewritten = outcome(mount, directory(), tier, image="postgres:16", holds_binds=True, data_profile="small")
    found = volume(rewritten, "bind-pgdata")
    assert (found.name, found.seed, found.profile) == ("shop_dev_bind-pgdata", None, "small")
    assert first(rewritten)["type"] == "volume"
    assert codes(rewritten) == ["bind-data"]


@pytest.mark.parametrize(
    ("reference", "target", "data"),
    [
        ("redis:7", "/data", True),
        ("valkey/valkey:8", "/data", True),
        ("app", "/data", False),
        ("mongo", "/data/db", True),
        ("bitnami/kafka", "/bitnami/kafka", True),
        ("grafana/grafana", "/var/lib/grafana", True),
        ("grafana/grafana", "/var/lib/grafana/dashboards", False),
        ("mysql", "/etc/mysql/conf.d", False),
        ("postgres", "/docker-entrypoint-initdb.d", False),
        ("declares", "/declared/", True),
        ("declares", "/declared/below", False),
    ],
)
def test_data_is_where_the_image_or_a_known_engine_keeps_it(reference: str, target: str, data: bool) -> None:
    images = {"declares": image("declares", volumes=("/declared",))}
    rewritten = outcome(bind("stuff", target), directory(), DEVELOPMENT, image=reference, images=images, holds_binds=True)
    assert codes(rewritten) == ["bind-data" if data else "bind-live"]


def test_a_folder_with_a_builds_source_is_never_data() -> None:
    images = {"localenv/shop/web:dev": image("w", volumes=("/app",))}
    web = {"image": "w", "build": {"context": f"{PROJECT}/web"}, "volumes": [bind("web", "/app")]}
    here = context(images=images, binds={f"{PROJECT}/web": directory()}, holds_binds=True)
    assert "bind-live" in codes(rewrite(model({"web": web}), here))


def test_the_file_can_say_what_a_bind_holds() -> None:
    web = {
        "image": "wordpress",
        "volumes": [bind("site", "/var/www/html"), bind("kept", "/kept")],
        "x-localenv": {"binds": {"/var/www/html": "source", "/kept": "data"}},
    }
    images = {"wordpress": image("wordpress", volumes=("/var/www/html",))}
    here = context(images=images, binds={f"{PROJECT}/site": directory(), f"{PROJECT}/kept": directory()}, holds_binds=True)
    rewritten = rewrite(model({"web": web}), here)
    assert [item.key for item in rewritten.volumes] == ["bind-kept"]


def test_a_captured_file_is_a_bind_of_a_copy_in_the_state_directory() -> None:
    rewritten = outcome(bind("nginx.conf", "/etc/nginx/nginx.conf", read_only=True), file("f" * 64), STAGING)
    target = f"{STATE}/binds/ffffffffffff/nginx.conf"
    assert (rewritten.copies[0].target, rewritten.copies[0].source) == (target, f"{PROJECT}/nginx.conf")
    assert first(rewritten) == {
        "type": "bind",
        "source": target,
        "target": "/etc/nginx/nginx.conf",
        "read_only": True,
        "bind": {"create_host_path": False},
    }


def test_a_file_for_a_remote_engine_is_told() -> None:
    rewritten = outcome(bind("a.conf", "/a", read_only=True), file(), STAGING, platform=Platform(sees_files=False))
    assert any("cannot see it" in note.message for note in rewritten.notes)


def test_read_only_source_stays_in_development_and_is_captured_elsewhere() -> None:
    mount = bind("conf", "/conf", read_only=True)
    assert first(outcome(mount, directory(), DEVELOPMENT)) == mount
    assert first(outcome(mount, directory(), STAGING)) == {
        "type": "volume",
        "source": "bind-conf",
        "target": "/conf",
        "read_only": True,
        "volume": {"nocopy": True},
    }


def test_services_that_share_a_path_go_on_sharing_it() -> None:
    services = {
        "web": {"image": "a", "volumes": [bind("shared", "/in", read_only=True)]},
        "worker": {"image": "b", "volumes": [bind("shared", "/out")]},
    }
    rewritten = rewrite(model(services), context(binds={f"{PROJECT}/shared": directory()}))
    assert [item.key for item in rewritten.volumes] == ["bind-shared"]
    assert {first["source"] for name in services for first in service(rewritten, name)["volumes"]} == {"bind-shared"}


def test_the_clock_files_and_granted_paths_stay() -> None:
    mounts = [bind("/etc/localtime", "/etc/localtime", read_only=True), bind("/srv/models", "/models")]
    whole = model({"web": {"image": "a", "volumes": mounts}})
    rewritten = rewrite(whole, context(STAGING))
    assert service(rewritten)["volumes"] == mounts
    assert codes(rewritten) == ["bind-granted"]


def test_what_is_missing_is_an_empty_volume_where_it_would_have_been_captured() -> None:
    rewritten = rewrite(model({"web": {"image": "a", "volumes": [bind("nowhere", "/x")]}}), context(STAGING))
    assert volume(rewritten, "bind-nowhere").seed is None
    assert codes(rewritten) == ["bind-missing"]


def test_a_declared_volume_of_the_same_key_stays_apart() -> None:
    mounts = [bind("data", "/x"), {"type": "volume", "source": "bind-data", "target": "/y", "volume": {}}]
    whole = model({"web": {"image": "a", "volumes": mounts}}, volumes={"bind-data": {"name": "x_bind-data"}})
    rewritten = rewrite(whole, context(STAGING, binds={f"{PROJECT}/data": directory()}))
    assert len({item.name for item in rewritten.volumes}) == 2


def test_the_paths_to_look_at_are_binds_and_files_of_secrets_and_configs() -> None:
    whole = model(
        {"web": {"image": "a", "volumes": [bind("price$$list", "/x")]}},
        secrets={"s": {"file": "/s"}, "e": {"environment": "E"}},
        configs={"c": {"file": "/c"}},
    )
    assert mounted_paths(whole) == ("/c", f"{PROJECT}/price$list", "/s")


def test_a_captured_project_leaves_out_its_history_and_what_a_database_below_it_writes() -> None:
    services = {
        "web": {"image": "a", "volumes": [bind(".", "/app")]},
        "db": {"image": "postgres:16", "volumes": [bind("docker/pgdata", "/var/lib/postgresql/data")]},
    }
    data = f"{PROJECT}/docker/pgdata"
    whole = model(services)
    assert hashed_paths(whole, PROJECT) == {PROJECT: (".git", "docker/pgdata")}
    rewritten = rewrite(whole, context(STAGING, binds={PROJECT: directory(), data: directory(digest="")}))
    seed = volume(rewritten, "bind-project").seed
    assert seed is not None
    assert seed.exclude == (".git", "docker/pgdata")
    assert volume(rewritten, "bind-docker-pgdata").seed is None
