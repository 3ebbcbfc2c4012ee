"""JUnit XML of what localenv itself did: a case for each service, one for the command.

The form is the one that GitLab, Jenkins and the actions for GitHub read: ``testsuites``, ``testsuite``, ``testcase`` with
``failure``, ``error`` or ``skipped`` in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal
from xml.etree import ElementTree as ET

from localenv.core.ci.run import CiRun
from localenv.errors.start import ServiceFailure
from localenv.values import dataclass

__all__ = ["junit_text"]

_ENVIRONMENT = "environment"
_COMMAND = "command"
_READY = frozenset({"healthy", "done"})
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What is no character of XML 1.0 (2.2, Char), escaped or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    group: str
    name: str
    seconds: float = 0.0
    kind: Literal["passed", "failure", "error", "skipped"] = "passed"
    code: str = ""
    message: str = ""
    text: str = ""


def junit_text(run: CiRun) -> str:
    """The whole document."""
    cases = [*_environment_cases(run), _command_case(run)]
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(case.kind == "failure" for case in cases)),
        "errors": str(sum(case.kind == "error" for case in cases)),
        "skipped": str(sum(case.kind == "skipped" for case in cases)),
        "time": _seconds(sum(run.seconds.values())),
    }
    root = ET.Element("testsuites", {"name": "localenv ci", **counts})
    named = {"name": f"localenv ci: {run.id}", **counts, "timestamp": run.began.removesuffix("Z")}
    suite = ET.SubElement(root, "testsuite", named)
    for case in cases:
        _add(suite, case)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _environment_cases(run: CiRun) -> Iterator[_Case]:
    failed = {failure.service: failure for failure in run.failures}
    names = dict.fromkeys((*run.wanted, *(seen.name for seen in run.services), *failed))
    for name in names:
        yield _failed(name, failed[name], run) if name in failed else _service_case(name, run)
    if run.error is not None and not failed and run.outcome == "environment-failed":
        yield _Case(
            group=_ENVIRONMENT,
            name=run.id.name,
            seconds=run.seconds.get("up", 0.0),
            kind="error",
            code=run.error.code_of_case,
            message=f"{_ENVIRONMENT}: {run.error.message}",
            text="\n".join(run.error.details),
        )


def _failed(name: str, failure: ServiceFailure, run: CiRun) -> _Case:
    return _Case(
        group=_ENVIRONMENT,
        name=name,
        seconds=run.seconds.get("up", 0.0),
        kind="failure",
        code=run.error.code_of_case if run.error else "",
        message=f"{_ENVIRONMENT}: {name}: {failure.reason}",
        text="\n".join(failure.lines()),
    )


def _service_case(name: str, run: CiRun) -> _Case:
    state = run.state(name)
    seconds = run.ready.get(name, 0.0)
    if state in _READY or (name in run.ready and run.outcome == "passed"):
        return _Case(group=_ENVIRONMENT, name=name, seconds=seconds)
    if name in run.ready:
        message = f"{_ENVIRONMENT}: {name} was ready, and is {state} in the end"
        return _Case(group=_ENVIRONMENT, name=name, seconds=seconds, kind="failure", code=state, message=message)
    message = f"not ready when the environment was given up: {state}"
    return _Case(group=_ENVIRONMENT, name=name, seconds=seconds, kind="skipped", message=message)


def _command_case(run: CiRun) -> _Case:
    name = " ".join(run.command)
    seconds = run.seconds.get("command", 0.0)
    match run.outcome:
        case "passed":
            return _Case(group=_COMMAND, name=name, seconds=seconds)
        case "environment-failed":
            return _Case(group=_COMMAND, name=name, kind="skipped", message="the environment did not come up")
        case "interrupted":
            message = f"localenv was told to end by {run.ended_by}"
            return _Case(group=_COMMAND, name=name, seconds=seconds, kind="error", code="interrupted", message=message)
        case _:
            message = run.error.message if run.error else f"exited with {run.exit_code}"
            return _Case(group=_COMMAND, name=name, seconds=seconds, kind="failure", code="exit-code", message=message)


def _add(suite: ET.Element, case: _Case) -> None:
    given = {"classname": f"localenv.{case.group}", "name": _clean(case.name), "time": _seconds(case.seconds)}
    element = ET.SubElement(suite, "testcase", given)
    if case.kind == "passed":
        return
    told = {"message": _clean(case.message)} | ({"type": _clean(case.code)} if case.code else {})
    ET.SubElement(element, case.kind, told).text = _clean(case.text) or None


def _clean(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"
