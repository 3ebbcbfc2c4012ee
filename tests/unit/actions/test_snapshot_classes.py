"""Which class a snapshot's volumes have."""

from __future__ import annotations

from typing import Any

from localenv.actions.snapshots import Snapshots
from localenv.actions.volumes import Volumes
from localenv.core import labels
from localenv.ports.engine import VolumeSpec
from tests.fakes.memory_engine import MemoryEngine
from tests.fakes.memory_ledger import MemoryLedger, MemoryLocks
from tests.fakes.memory_volumes import MemoryVolumeStore
from tests.unit.plan.planning import STAGING

OWN = {labels.PROJECT: STAGING.project, labels.ENVIRONMENT: STAGING.name}


def classes(**volumes: dict[str, str]) -> dict[str, str]:
    """Of an environment whose volumes have these further labels; one called ``kept`` is not on the engine."""
    engine = MemoryEngine()
    store = MemoryVolumeStore(engine)
    for key, told in volumes.items():
        marks = {**OWN, labels.COMPOSE_VOLUME: key, **told}
        if key == "kept":
            store.create(f"shop_staging_{key}", STAGING, marks)
            engine.remove_volume(f"shop_staging_{key}")
        else:
            engine.create_volume(VolumeSpec(name=f"shop_staging_{key}", labels=marks))
    unused: Any = None
    snapshots = Snapshots(
        engine=engine,
        ledger=MemoryLedger(),
        locks=MemoryLocks(),
        store=unused,
        volumes=Volumes(engine, store, unused),
        executor=unused,
    )
    return dict(snapshots.classes(STAGING))


def test_a_volume_keeps_its_class_when_only_its_content_is_left() -> None:
    assert classes(data={labels.CLASSIFICATION: "synthetic"}, kept={labels.CLASSIFICATION: "real"}) == {
        "data": "synthetic",
        "kept": "real",
    }


def test_a_volume_with_a_driver_of_its_own_counts_as_the_others_do() -> None:
    assert classes(data={labels.CLASSIFICATION: "synthetic"}, fast={}) == {"data": "synthetic", "fast": "synthetic"}
    assert classes(a={labels.CLASSIFICATION: "real"}, b={labels.CLASSIFICATION: "masked"}, fast={})["fast"] == "real"


def test_a_class_that_is_not_known_is_taken_for_real() -> None:
    assert classes(data={labels.CLASSIFICATION: "secret"}, fast={}) == {"data": "real", "fast": "real"}
