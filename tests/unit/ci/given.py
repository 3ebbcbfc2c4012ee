"""Runs of ``ci`` as values."""

from __future__ import annotations

from typing import Any

from localenv.core.ci.run import CiRun
from localenv.core.names import EnvironmentId
from localenv.core.observed import ContainerSeen, Observed
from localenv.core.summary import ServiceSummary, summarise

__all__ = ["ENVIRONMENT", "ci_run", "service"]

ENVIRONMENT = EnvironmentId(project="shop", name="ci-1")


def service(name: str, **seen: Any) -> ServiceSummary:
    """One service with one replica that is as ``seen`` says."""
    container = ContainerSeen(
        id=name,
        name=f"shop_ci-1-{name}-1",
        project="shop",
        environment="ci-1",
        service=name,
        number=1,
        spec="",
        tier="development",
        image=f"{name}:1",
        image_id="sha256:1",
        **{"state": "running", **seen},
    )
    (summary,) = summarise(Observed(containers=(container,)))
    return summary.services[0]


def ci_run(**given: Any) -> CiRun:
    """One that passed, but for what is given."""
    passed = {
        "id": ENVIRONMENT,
        "tier": "development",
        "command": ("pytest", "-q"),
        "began": "2026-01-01T00:00:00Z",
        "exit_code": 0,
        "seconds": {"up": 2.0, "command": 3.5},
        "services": (service("web"), service("db")),
        "wanted": ("db", "web"),
        "ready": {"db": 1.0, "web": 1.5},
    }
    return CiRun(**{**passed, **given})
