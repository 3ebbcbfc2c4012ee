"""SIGKILL of ``promote`` at random moments: the old or the new release serves, and the same command finishes."""

from __future__ import annotations

import json
import random
import time

import pytest

from tests.e2e.delivery.shop import Shop
from tests.e2e.scenario import Installation

pytestmark = [pytest.mark.engine, pytest.mark.e2e]

MOMENTS = 4
"""How often it is killed, once by chance in each of as many parts of its time; for more, write a larger number."""
SEED = 20261127


@pytest.fixture(scope="module")
def shop(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """``r1`` runs in staging, ``r2`` is made."""
    directory = tmp_path_factory.mktemp("killed") / "shop"
    directory.mkdir()
    found = Shop(own, directory)
    found.must("up")
    found.must("release", "create")
    found.must("promote", "staging")
    found.version("2")
    found.must("release", "create")
    return found


def test_promote_is_killed_at_random_moments(shop: Shop) -> None:
    moments = random.Random(SEED)  # noqa: S311 - moments to kill at, not a secret
    began = time.monotonic()
    shop.must("promote", "staging", "--release", "r2")
    usually = time.monotonic() - began
    versions = {"r1": "1", "r2": "2"}
    release = "r1"
    for part in range(MOMENTS):
        process = shop.own.start("promote", "staging", "--release", release, cwd=shop.directory)
        time.sleep(usually * (part + moments.random()) / MOMENTS)
        process.kill()
        process.wait()
        assert shop.answer("staging") in versions.values()
        shop.must("promote", "staging", "--release", release)
        assert shop.answer("staging") == versions[release]
        newest = json.loads(shop.must("history", "staging", "--output", "json"))["deployments"][0]
        assert (newest["release"], newest["outcome"]) == (release, "done")
        assert [name.rpartition("-")[0] for name in shop.containers("staging")].count("shop_staging-web") == 2
        release = "r2" if release == "r1" else "r1"
    deployments = json.loads(shop.must("history", "staging", "--output", "json"))["deployments"]
    assert {each["outcome"] for each in deployments} == {"done"}, "a killed command leaves no deployment that runs for ever"
