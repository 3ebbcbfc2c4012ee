"""Which releases gc takes away, and that what the others need is kept again."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from localenv.actions.releases import KEPT, Releases
from localenv.core.names import EnvironmentId
from localenv.core.releases.deployments import Deployment
from localenv.core.releases.model import Release, ReleaseImage
from localenv.errors import LocalenvError
from localenv.ports.state import EnvironmentRecord
from tests.fakes.memory_ledger import MemoryLedger

STAGING = EnvironmentId(project="shop", name="staging")


def image(number: int) -> ReleaseImage:
    return ReleaseImage(reference="web", id=f"sha256:{number:064}", kept=f"localenv/shop/web:{number:012}", services=("web",))


class Kept:
    """Releases ``r1`` to ``r9``, newest first, each with an image of its own; what is done to them is written down."""

    def __init__(self) -> None:
        self.there = [
            Release(name=f"r{number}", project="shop", created="t", by="ann", images=(image(number),))
            for number in range(9, 0, -1)
        ]
        self.kept: dict[str, str] = {}
        self.given_up: list[str] = []

    def projects(self) -> list[str]:
        return ["shop"]

    def releases(self, project: str) -> list[Release]:
        assert project == "shop"
        return list(self.there)

    def remove(self, release: Release) -> None:
        self.there.remove(release)

    def keep(self, identifier: str, reference: str) -> None:
        self.kept[reference] = identifier

    def give_up(self, reference: str) -> None:
        self.given_up.append(reference)


def releases(kept: Any, *deployments: Deployment, gone: str = "") -> Releases:
    """With ``staging``, which runs ``r2`` and ran ``r1`` before."""
    ledger = MemoryLedger()
    ledger.save(EnvironmentRecord(id=STAGING, tier="staging", directory="d", release="r2"))
    unused: Any = None
    return Releases(
        prepare=unused,
        digests=unused,
        engine=SimpleNamespace(image=lambda identifier: None if identifier == gone else identifier),
        images=kept,
        files=unused,
        releases=kept,
        ledger=ledger,
        deliveries=SimpleNamespace(deployments=lambda _project, environment: list(deployments)),
        variables={},
        clock=unused,
        progress=unused,
    )


def deployed(release: str) -> Deployment:
    return Deployment(id=STAGING, release=release, actor="ann", began="t", outcome="done")


def test_old_ones_go_but_for_what_runs_and_what_it_would_go_back_to() -> None:
    found = releases(Kept(), deployed("r2"), deployed("r1")).unneeded()
    assert KEPT == 5
    assert [release.name for release in found] == ["r4", "r3"]


def test_one_that_an_environment_needs_is_not_removed() -> None:
    kept = Kept()
    action = releases(kept, deployed("r2"), deployed("r1"))
    for name in ("r2", "r1"):
        with pytest.raises(LocalenvError, match="needed by staging"):
            action.remove(next(release for release in kept.there if release.name == name))
    action.remove(kept.there[0])
    assert kept.given_up == [image(9).kept]


def test_images_that_are_there_are_kept_again() -> None:
    kept = Kept()
    releases(kept, gone=image(4).id).hold()
    assert kept.kept == {image(number).kept: image(number).id for number in range(1, 10) if number != 4}
