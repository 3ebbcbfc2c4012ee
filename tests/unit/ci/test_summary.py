from __future__ import annotations

import json

import pytest

from localenv.core.ci.run import CiRun
from localenv.core.ci.summary import ci_document
from localenv.errors import LocalenvError
from tests.unit.ci.given import ci_run, service

ERROR = LocalenvError("no", code="no-image", details=("more",))


@pytest.mark.parametrize(
    ("run", "outcome"),
    [
        (ci_run(), "passed"),
        (ci_run(exit_code=3), "failed"),
        (ci_run(exit_code=1, error=ERROR, seconds={"up": 1.0}), "environment-failed"),
        (ci_run(exit_code=143, ended_by="SIGTERM", seconds={"up": 1.0}, error=ERROR), "interrupted"),
    ],
    ids=["passed", "failed", "environment", "interrupted"],
)
def test_the_outcome_is_one_word(run: CiRun, outcome: str) -> None:
    document = ci_document(run)
    assert (document["schema"], document["outcome"], document["exit_code"]) == ("localenv.ci/1", outcome, run.exit_code)
    json.dumps(document)


def test_every_service_is_told_with_how_it_was_in_the_end() -> None:
    document = ci_document(ci_run(services=(service("db", state="exited", exit_code=3, restart="always"),)))
    (db,) = document["services"]
    assert (db["name"], db["state"], db["ready_seconds"]) == ("db", "failed", 1.0)
    assert db["containers"] == [{"name": "shop_ci-1-db-1", "state": "exited", "health": "none", "exit_code": 3}]


def test_why_it_did_not_come_up_has_its_code() -> None:
    document = ci_document(ci_run(error=ERROR, exit_code=1))
    assert document["error"] == {"code": "no-image", "message": "no", "where": None, "details": ["more"]}
