"""``checks`` of localenv.yaml: a command or a load test, and how much load."""

from __future__ import annotations

import pytest

from localenv.adapters.yaml_files import load_document
from localenv.core.configuration.durations import parse_latency
from localenv.core.configuration.effective import Layers, effective
from localenv.core.configuration.settings import Settings
from localenv.errors import InvalidInput


def settings(check: str) -> Settings:
    document = load_document(f"checks:\n  load: {check}\n".encode(), "localenv.yaml")
    return effective(Layers(project="shop", project_origin="x", settings=document)).settings


def refused(check: str) -> str:
    with pytest.raises(InvalidInput) as caught:
        settings(check)
    return "\n".join((f"{caught.value.where}  {caught.value.message}", *caught.value.details))


def test_a_load_test_needs_no_more_than_a_service_and_a_rate() -> None:
    load = settings("{load: {service: web, rate: 50}}").checks["load"].load
    assert load is not None
    assert (load.path, load.duration, load.p95, load.errors, load.min_rate) == ("/", "10s", None, 0.0, None)


@pytest.mark.parametrize(
    ("check", "key", "said"),
    [
        ("{load: {rate: 50}}", "load:", "checks.load.load: the key 'service' is missing"),
        ("{load: {service: web}}", "load:", "checks.load.load: the key 'rate' is missing"),
        ("{load: {service: web, rate: 0}}", "rate:", "rate: expected a whole number from 1 to 10000, got 0"),
        ("{load: {service: web, rate: 10001}}", "rate:", "rate: expected a whole number from 1 to 10000"),
        ("{load: {service: web, rate: 9, duration: 11m}}", "duration:", "duration: a load test takes 10m at most"),
        ("{load: {service: web, rate: 9, duration: 0s}}", "duration:", "duration: '0s' is not between"),
        ("{load: {service: web, rate: 9, duration: 1h}}", "duration:", "duration: '1h' cannot be used here"),
        ("{load: {service: web, rate: 9, p95: 500}}", "p95:", "p95: expected text, got a number"),
        ("{load: {service: web, rate: 9, p95: 0ms}}", "p95:", "p95: nothing is answered in no time"),
        ("{load: {service: web, rate: 9, errors: 2}}", "errors:", "errors: expected a number from 0"),
        ("{load: {service: web, rate: 9, min_rate: 10}}", "min_rate:", "min_rate: 10 answers per second cannot come of 9"),
        ("{load: {service: web, rate: 9, path: 'a b'}}", "path:", "path: 'a b' cannot be used here"),
        ("{load: {service: web, rate: 9, method: POST}}", "method:", "method: unknown key"),
        ("{load: {service: '-x', rate: 9}}", "service:", "load.service: '-x' cannot be a name here"),
        ("{load: {service: web, rate: 10000, duration: 5m}}", "rate:", "rate: 3000000 requests in 5m are more than"),
        (
            "{service: web, load: {service: web, rate: 9}}",
            "service:",
            "checks.load.service: a load test has no service of its own",
        ),
        (
            "{command: [x], load: {service: web, rate: 9}}",
            "command:",
            "checks.load.command: a load test has no command of its own",
        ),
        ("{command: [x]}", None, "checks.load: a check has a service, whose image its command runs in, or load"),
    ],
)
def test_what_makes_no_check_is_told_with_its_place(check: str, key: str | None, said: str) -> None:
    """At the key that is wrong, or at the check's own name."""
    column = 3 if key is None else len("  load: ") + check.index(key) + 1
    told = refused(check)
    assert said in told
    assert told.startswith(f"localenv.yaml:2:{column}  ")


@pytest.mark.parametrize(("text", "seconds"), [("500ms", 0.5), ("1.5s", 1.5), ("0.25ms", 0.00025), ("2s", 2.0)])
def test_times_of_answers(text: str, seconds: float) -> None:
    assert parse_latency(text) == pytest.approx(seconds)
