"""``summary.json`` of a ``ci``: the document ``localenv.ci/1``."""

from __future__ import annotations

from typing import Any

from localenv.core.ci.run import CiRun
from localenv.core.summary import ServiceSummary
from localenv.errors import LocalenvError

__all__ = ["ci_document"]


def ci_document(run: CiRun) -> dict[str, Any]:
    """Times in RFC 3339 UTC, durations in seconds."""
    return {
        "schema": "localenv.ci/1",
        "project": run.id.project,
        "environment": run.id.name,
        "tier": run.tier,
        "command": list(run.command),
        "began": run.began,
        "outcome": run.outcome,
        "exit_code": run.exit_code,
        "signal": run.ended_by,
        "kept": run.kept,
        "seconds": {part: round(seconds, 3) for part, seconds in run.seconds.items()},
        "exposures": [dict(exposure) for exposure in run.exposures],
        "services": [_service(service, run) for service in run.services],
        "failures": [
            {"service": failure.service, "reason": failure.reason, "log": list(failure.log), "health": failure.health}
            for failure in run.failures
        ],
        "error": _error(run.error) if run.error else None,
    }


def _service(service: ServiceSummary, run: CiRun) -> dict[str, Any]:
    ready = run.ready.get(service.name)
    return {
        "name": service.name,
        "state": service.state,
        "image": service.image,
        "replicas": service.replicas,
        "ready": service.ready,
        "restarts": service.restarts,
        "ready_seconds": round(ready, 3) if ready is not None else None,
        "containers": [
            {"name": seen.name, "state": seen.state, "health": seen.health, "exit_code": seen.exit_code}
            for seen in service.containers
        ],
    }


def _error(error: LocalenvError) -> dict[str, Any]:
    return {"code": error.code_of_case, "message": error.message, "where": error.where, "details": list(error.details)}
