"""What is told of a volume's class before a data profile fills it."""

from __future__ import annotations

from typing import Any

import pytest

from localenv.core import labels
from localenv.core.configuration.settings import Settings, VolumeSettings
from localenv.core.rewrite.volume_classes import class_of_labels, mounted_volumes, taken_over, told_classes
from tests.unit.rewrite.given import model


def mounting(*keys: str, **volumes: Any) -> dict[str, Any]:
    """A model whose one service mounts these volumes."""
    mounts = [{"type": "volume", "source": key, "target": f"/{key}"} for key in keys]
    return model({"db": {"image": "x", "volumes": mounts}}, volumes=volumes)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({}, None),
        ({"com.example.class": "real"}, None),
        ({labels.CLASSIFICATION: "masked"}, "masked"),
        ({labels.CLASSIFICATION: "secret"}, "real"),
        ({labels.ROLE: "keeper"}, "real"),
    ],
)
def test_a_label_that_is_not_understood_is_taken_for_real(found: dict[str, str], told: str | None) -> None:
    assert class_of_labels(found) == told


def test_only_external_volumes_that_localenv_yaml_takes_are_asked_for_their_labels() -> None:
    said = {
        "copied": VolumeSettings(external="clone"),
        "shared": VolumeSettings(external="share"),
        "own": VolumeSettings(external="clone"),
        "gone": VolumeSettings(external="clone"),
    }
    outside = {"copied": {"name": "a$$b", "external": True}, "shared": {"external": True}, "left": {"external": True}}
    whole = mounting(**outside, own={"name": "fixed"})
    assert taken_over(whole, Settings(project="shop", volumes=said)) == {"a$b", "shared"}


def test_keys_with_one_name_are_one_volume_and_the_highest_class_counts() -> None:
    whole = mounting(one={"name": "same", "external": True}, two={"name": "same", "external": True}, other={})
    settings = Settings(project="shop", volumes={"two": VolumeSettings(external="share", classification="masked")})
    assert told_classes(whole, settings, {}) == {"one": "masked", "two": "masked"}
    assert told_classes(whole, settings, {"same": "real"}) == {"one": "real", "two": "real"}
    assert told_classes(whole, settings, {"same": "synthetic"}) == {"one": "masked", "two": "masked"}


def test_a_volume_that_no_service_mounts_is_not_asked() -> None:
    assert mounted_volumes(mounting("a", a={"name": "shop_a"}, b={})) == {"a": "shop_a"}
