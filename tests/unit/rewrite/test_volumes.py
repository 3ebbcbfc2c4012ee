"""What becomes of named, external and anonymous volumes."""

from __future__ import annotations

from typing import Any

from localenv.core.configuration.settings import Settings, VolumeSettings
from localenv.core.rewrite import rewrite
from tests.unit.rewrite.given import codes, context, directory, image, model, service, volume


def mount(source: str | None, target: str) -> dict[str, Any]:
    return {"type": "volume", "target": target, "volume": {}, **({"source": source} if source else {})}


def test_a_fixed_volume_name_is_scoped_and_told() -> None:
    whole = model({"db": {"image": "a", "volumes": [mount("data", "/data")]}}, volumes={"data": {"name": "pgdata"}})
    rewritten = rewrite(whole, context(data_profile="small", data_class="masked"))
    assert rewritten.model["volumes"] == {"data": {"name": "shop_dev_data", "external": True}}
    found = volume(rewritten, "data")
    assert (found.name, found.profile, found.classification) == ("shop_dev_data", "small", "masked")
    assert codes(rewritten) == ["volume-name"]


def test_an_external_volume_is_cloned_or_shared_as_localenv_yaml_says() -> None:
    settings = Settings(
        project="shop",
        volumes={"a": VolumeSettings(external="clone", classification="real"), "b": VolumeSettings(external="share")},
    )
    whole = model(
        {"db": {"image": "x", "volumes": [mount("a", "/a"), mount("b", "/b")]}},
        volumes={"a": {"name": "legacy", "external": True}, "b": {"name": "models", "external": True}},
    )
    rewritten = rewrite(whole, context(settings=settings))
    cloned, shared = volume(rewritten, "a"), volume(rewritten, "b")
    assert (cloned.name, cloned.clone_of, cloned.classification, cloned.shared) == ("shop_dev_a", "legacy", "real", False)
    assert (shared.name, shared.clone_of, shared.shared) == ("models", None, True)
    assert codes(rewritten) == ["volume-clone", "volume-shared"]


def test_localenv_yaml_can_raise_a_class_and_never_lowers_one() -> None:
    settings = Settings(
        project="shop",
        volumes={
            "raised": VolumeSettings(classification="real"),
            "lowered": VolumeSettings(classification="synthetic"),
            "copied": VolumeSettings(external="clone", classification="synthetic"),
        },
    )
    mounts = [mount(key, f"/{key}") for key in ("raised", "lowered", "copied")]
    whole = model(
        {"db": {"image": "x", "volumes": mounts}},
        volumes={"raised": {}, "lowered": {}, "copied": {"name": "legacy", "external": True}},
    )
    rewritten = rewrite(whole, context(settings=settings, data_class="masked", external_classes={"legacy": "real"}))
    found = {key: volume(rewritten, key).classification for key in settings.volumes}
    assert found == {"raised": "real", "lowered": "masked", "copied": "real"}


def test_two_keys_with_one_name_stay_one_volume() -> None:
    whole = model(
        {"a": {"image": "x", "volumes": [mount("one", "/a")]}, "b": {"image": "x", "volumes": [mount("two", "/b")]}},
        volumes={"one": {"name": "same"}, "two": {"name": "same"}},
    )
    rewritten = rewrite(whole, context())
    assert [item.key for item in rewritten.volumes] == ["one"]
    assert service(rewritten, "b")["volumes"][0]["source"] == "one"


def test_a_granted_driver_keeps_its_options_under_a_scoped_name() -> None:
    whole = model(
        {"web": {"image": "x", "volumes": [mount("nfs", "/n")]}},
        volumes={"nfs": {"name": "shop_nfs", "driver_opts": {"type": "nfs", "o": "addr=x", "device": ":/x"}}},
    )
    rewritten = rewrite(whole, context())
    assert rewritten.volumes == ()
    assert rewritten.model["volumes"]["nfs"]["name"] == "shop_dev_nfs"
    assert rewritten.model["volumes"]["nfs"]["driver_opts"]["type"] == "nfs"
    assert rewritten.model["volumes"]["nfs"]["labels"]["localenv.owner"] == "ada"


def test_a_volume_that_no_service_mounts_is_not_made() -> None:
    assert rewrite(model({"web": {"image": "x"}}, volumes={"old": {"name": "old"}}), context()).volumes == ()


def test_anonymous_volumes_and_those_of_the_image_get_stable_names() -> None:
    whole = model({"db": {"image": "pg", "volumes": [mount(None, "/spool")]}})
    images = {"pg": image("pg", volumes=("/var/lib/pg", "/spool"))}
    rewritten = rewrite(whole, context(images=images))
    assert {(item.key, item.name) for item in rewritten.volumes} == {
        ("db-spool", "shop_dev_db-spool"),
        ("db-var-lib-pg", "shop_dev_db-var-lib-pg"),
    }
    assert {item["source"]: item["target"] for item in service(rewritten, "db")["volumes"]} == {
        "db-spool": "/spool",
        "db-var-lib-pg": "/var/lib/pg",
    }


def test_an_image_volume_that_something_covers_makes_none() -> None:
    images = {"pg": image("pg", volumes=("/a", "/b", "/c/"))}
    db = {"image": "pg", "volumes": [mount("named", "/a"), {"type": "tmpfs", "target": "/b"}], "tmpfs": ["/c:size=1m"]}
    assert [item.key for item in rewrite(model({"db": db}), context(images=images)).volumes] == ["named"]


def test_an_image_volume_that_volumes_from_brings_makes_none() -> None:
    images = {"pg": image("pg", volumes=("/a",))}
    rewritten = rewrite(
        model({"db": {"image": "pg"}, "backup": {"image": "pg", "volumes_from": ["db:ro"]}}), context(images=images)
    )
    assert [item.key for item in rewritten.volumes] == ["db-a"]
    assert "volumes" not in service(rewritten, "backup")


def test_a_volume_that_keeps_the_images_own_folder_visible_starts_anew_with_a_new_image() -> None:
    source = {"type": "bind", "source": "/home/ada/shop", "target": "/app", "bind": {}}
    whole = model({"web": {"image": "w", "volumes": [source, mount(None, "/app/node_modules"), mount(None, "/cache")]}})

    def names(identity: str) -> set[str]:
        images = {"w": image("w", id=f"sha256:{identity * 64}")}
        return {
            item.name
            for item in rewrite(whole, context(images=images, binds={"/home/ada/shop": directory()}, holds_binds=True)).volumes
        }

    assert names("1") - names("2") == {"shop_dev_web-app-node-modules-111111111111"}
    assert names("1") & names("2") == {"shop_dev_web-cache"}


def test_paths_that_slug_alike_are_different_volumes() -> None:
    rewritten = rewrite(model({"web": {"image": "a", "volumes": [mount(None, "/a/b"), mount(None, "/a-b")]}}), context())
    assert len({item.name for item in rewritten.volumes}) == 2
