from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from localenv.core.ci.junit import junit_text
from localenv.core.ci.run import CiRun
from localenv.errors import LocalenvError
from localenv.errors.start import ServiceFailure, StartFailed
from tests.unit.ci.given import ci_run, service


def cases(run: CiRun) -> dict[str, ET.Element]:
    root = ET.fromstring(junit_text(run))  # noqa: S314 - what was just written
    return {f"{case.get('classname')} {case.get('name')}": case for case in root.iter("testcase")}


def told(run: CiRun) -> dict[str, str]:
    """What became of each case, with its message."""
    return {name: f"{case[0].tag}: {case[0].get('message')}" if len(case) else "passed" for name, case in cases(run).items()}


def failing(*, log: str = "no disk", reason: str = "did not become healthy") -> CiRun:
    error = StartFailed("ci-1: db failed", failures=[ServiceFailure(service="db", reason=reason, log=(log,), health="pulse")])
    return ci_run(
        error=error,
        exit_code=1,
        seconds={"up": 2.0},
        ready={},
        services=(service("db", health="unhealthy"),),
        wanted=("db", "web"),
    )


def test_a_run_that_passed_has_a_case_for_each_service_and_for_the_command() -> None:
    assert told(ci_run()) == {
        "localenv.environment db": "passed",
        "localenv.environment web": "passed",
        "localenv.command pytest -q": "passed",
    }
    assert cases(ci_run())["localenv.environment web"].get("time") == "1.500"


def test_a_service_that_failed_is_told_with_what_it_said_and_what_waited_for_it_is_skipped() -> None:
    assert told(failing()) == {
        "localenv.environment db": "failure: environment: db: did not become healthy",
        "localenv.environment web": "skipped: not ready when the environment was given up: absent",
        "localenv.command pytest -q": "skipped: the environment did not come up",
    }
    text = cases(failing())["localenv.environment db"][0].text or ""
    assert "no disk" in text
    assert "pulse" in text


def test_a_failure_of_no_service_is_a_case_of_the_environment() -> None:
    error = LocalenvError("there is no such image", code="no-image")
    run = ci_run(error=error, exit_code=1, seconds={}, services=(), wanted=(), ready={})
    assert told(run)["localenv.environment ci-1"] == "error: environment: there is no such image"


def test_a_command_that_failed_is_a_failure_with_its_code() -> None:
    assert told(ci_run(exit_code=3))["localenv.command pytest -q"] == "failure: exited with 3"


def test_a_service_that_died_meanwhile_is_told_beside_the_command_that_failed() -> None:
    died = service("db", state="exited", exit_code=137, restart="always")
    assert "db was ready, and is failed" in told(ci_run(exit_code=1, services=(died,)))["localenv.environment db"]
    assert told(ci_run(services=(died,)))["localenv.environment db"] == "passed"


def test_an_interruption_is_no_failure_of_the_command() -> None:
    assert told(ci_run(exit_code=143, ended_by="SIGTERM"))["localenv.command pytest -q"].startswith("error: localenv was told")


def test_the_counts_are_those_of_the_cases() -> None:
    suite = next(ET.fromstring(junit_text(failing())).iter("testsuite"))  # noqa: S314 - what was just written
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["3", "1", "0", "2"]


@given(st.text(), st.text())
def test_whatever_a_service_says_the_document_is_well_formed(log: str, reason: str) -> None:
    run = failing(log=log, reason=reason)
    assert cases(ci_run(command=(log, reason)))
    assert cases(run)["localenv.environment db"][0].text


def test_what_no_xml_can_hold_is_marked_and_markup_is_text() -> None:
    run = failing(log="\x1b[31m<b>&amp;\x00\ud800\ufffe]]>")
    assert "\ufffd[31m<b>&amp;\ufffd\ufffd\ufffd]]>" in (cases(run)["localenv.environment db"][0].text or "")
