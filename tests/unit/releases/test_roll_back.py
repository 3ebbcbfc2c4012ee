"""A rollback is of the environment that was named, wherever it was typed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from localenv.actions.approvals import RollBack, RollBackRequest
from localenv.actions.deploy import DeployRequest
from localenv.core.names import EnvironmentId
from localenv.core.releases.deployments import Deployment
from localenv.core.releases.model import Release
from localenv.errors import NotFound
from localenv.ports.state import EnvironmentRecord
from tests.fakes.memory_ledger import MemoryLedger, MemoryLocks

STAGING = EnvironmentId(project="shop", name="staging")
PROJECTS = {"/shop": "shop", "/moved": "shop", "/blog": "blog"}


class Deploying:
    """``Deploy``: notes where the project's files are looked for."""

    def __init__(self) -> None:
        self.alone = MemoryLocks().deployments
        self.asked: list[DeployRequest] = []

    def __call__(self, request: DeployRequest) -> str:
        self.asked.append(request)
        return "deployed"


def project(directory: str) -> SimpleNamespace:
    if directory not in PROJECTS:
        raise NotFound("there is no project")
    return SimpleNamespace(settings=SimpleNamespace(project=PROJECTS[directory]))


@pytest.mark.parametrize(
    ("typed_in", "looked_for"), [("/shop", "/shop"), ("/moved", "/moved"), ("/blog", "/shop"), ("/", "/shop")]
)
def test_another_projects_directory_is_never_taken_for_its_own(typed_in: str, looked_for: str) -> None:
    deploy = Deploying()
    done = [Deployment(id=STAGING, release=name, actor="ann", began="t", outcome="done") for name in ("r2", "r1")]
    parts: dict[str, Any] = {
        "project": project,
        "releases": SimpleNamespace(
            release=lambda _project, name: Release(name=name, project="shop", created="t", by="", images=())
        ),
        "snapshots": None,
        "ledger": MemoryLedger(EnvironmentRecord(id=STAGING, tier="staging", directory="/shop", release="r2")),
        "deliveries": SimpleNamespace(deployments=lambda _project, environment: done),
        "deploy": deploy,
    }
    asked = RollBackRequest(directory=typed_in, id=STAGING, to=None, with_data=False, actor="ann", reason="")
    assert RollBack(**parts)(asked)[0] == "r1"
    assert [each.directory for each in deploy.asked] == [looked_for]
