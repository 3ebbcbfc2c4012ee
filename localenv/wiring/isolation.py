"""``doctor --isolation`` with what it needs."""

from __future__ import annotations

import secrets

from localenv.actions.isolation import Isolation
from localenv.adapters.isolation_files import isolation_project
from localenv.adapters.router.asking import answer_of
from localenv.core.isolation import IsolationReport
from localenv.wiring.services import Services

__all__ = ["isolation"]

_SECONDS = 10.0
_BODY = 4096


def isolation(told: Services) -> IsolationReport:
    """Run the trial in a project of its own, which is gone afterwards."""

    def ask(host: str, path: str) -> tuple[int, bytes] | None:
        authority = told.certificates.path("localhost")
        port = told.router.status().https_port
        return answer_of(host, path, port=port, authority=authority, timeout=_SECONDS, limit=_BODY)

    name = f"isolation-{secrets.token_hex(3)}"
    trial = Isolation(
        up=told.up,
        lifecycle=told.lifecycle,
        engine=told.engine,
        host=told.host,
        router=told.router,
        secrets=told.store.kept_secrets,
        ask=ask,
        progress=told.progress,
        router_name=f"localenv-router-{told.engine.owner}",
    )
    with isolation_project(name) as directory:
        return trial(directory, name)
