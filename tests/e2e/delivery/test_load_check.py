"""Load tests as checks and as a gate: requests through the router, judged by thresholds."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.scenario import Installation, docker, eventually

pytestmark = [pytest.mark.engine, pytest.mark.e2e, pytest.mark.alone]

_COMPOSE = """
services:
  web:
    image: nginx:1.27
    ports: ["80"]
    volumes: ["./conf:/etc/nginx/conf.d:ro"]
  inner: {image: nginx:1.27}
"""
_NGINX = """
server {
  listen 80;
  location ~ ^/(ill|gate) { return 503; }
  location /half { if ($request_id ~ "^[0-7]") { return 503; } return 200 "ok"; }
  location / { return 200 "$host"; }
}
"""
_WELL = "well: {load: {service: web, path: /, rate: 40, duration: 1s, p95: 30s, min_rate: 1}}"


def checks(*lines: str) -> str:
    return "project: shop\nchecks:\n" + "".join(f"  {line}\n" for line in lines)


@pytest.fixture(scope="module")
def shop(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of tier development that is up."""
    directory = tmp_path_factory.mktemp("loaded") / "shop"
    (directory / "conf").mkdir(parents=True)
    (directory / "conf" / "default.conf").write_text(_NGINX)
    (directory / "compose.yaml").write_text(_COMPOSE)
    (directory / "localenv.yaml").write_text(checks(_WELL))
    own.must("up", cwd=directory)
    return directory


def checked(own: Installation, shop: Path, *lines: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Exit code of ``check`` and what it says of each, by name."""
    (shop / "localenv.yaml").write_text(checks(*lines))
    result = own.run("check", "development", "--output", "json", cwd=shop)
    return result.exit_code, {each["name"]: each for each in json.loads(result.stdout)["checks"]}


def requests_seen(word: str) -> int:
    """Lines of the server's log that have ``word``."""
    return sum(word in line for line in docker("logs", "shop_development-web-1"))


def test_a_load_test_asks_as_often_as_it_says_and_tells_what_it_measured(own: Installation, shop: Path) -> None:
    code, told = checked(own, shop, "well: {load: {service: web, path: /?well, rate: 40, duration: 1s, p95: 30s, min_rate: 1}}")
    found = told["well"]["load"]
    assert (code, told["well"]["passed"]) == (0, True), told
    assert (found["requests"], found["codes"], found["failed"], found["errors"]) == (40, {"200": 40}, 0, 0.0)
    assert 0 < found["p50"] <= found["p95"] <= found["p99"] < 30
    assert 0 < found["rate"] <= 40
    assert requests_seen("GET /?well ") == 40


def test_a_load_test_fails_by_each_threshold_and_says_by_how_much(own: Installation, shop: Path) -> None:
    code, told = checked(
        own,
        shop,
        "ill: {load: {service: web, path: /ill, rate: 30, duration: 1s}}",
        "slow: {load: {service: web, rate: 30, duration: 1s, p95: 0.001ms}}",
        "some: {load: {service: web, path: /half, rate: 60, duration: 1s, errors: 0.95}}",
        "hidden: {load: {service: inner, rate: 30, duration: 1s}}",
    )
    assert code == 1
    assert (told["ill"]["passed"], told["ill"]["told"]) == (False, "30 of 30 failed: 30x 503")
    assert told["slow"]["passed"] is False
    assert told["slow"]["told"].startswith("p95 ")
    assert told["slow"]["told"].endswith(" ms, 0.001 ms allowed")
    assert told["some"]["passed"] is True, "half of them may fail"
    assert 0.05 < told["some"]["load"]["errors"] < 0.95
    assert set(told["some"]["load"]["codes"]) == {"200", "503"}
    assert told["hidden"]["told"] == "inner has no hostname in development, so there is nothing to ask it by"
    assert told["hidden"]["output"] == ["services with one: web"]


def test_staging_takes_a_release_only_after_its_load_test(own: Installation, shop: Path) -> None:
    (shop / "localenv.yaml").write_text(checks("load: {load: {service: web, path: /gate, rate: 20, duration: 1s}}"))
    own.must("release", "create", cwd=shop)
    assert "would be run" in own.must("promote", "staging", "--dry-run", cwd=shop).said
    assert requests_seen("GET /gate") == 0
    refused = own.run("promote", "staging", cwd=shop)
    assert refused.exit_code == 1
    assert "check load: 20 of 20 failed: 20x 503" in refused.said


def generators(own: Installation) -> list[str]:
    """Containers of load generators that are there."""
    names = docker("ps", "-a", "--filter", f"label=localenv.owner={own.owner()}", "--format", "{{.Names}}")
    return [name for name in names if "-load-" in name]


def test_an_interrupted_load_test_leaves_nothing(own: Installation, shop: Path) -> None:
    (shop / "localenv.yaml").write_text(checks("long: {load: {service: web, rate: 1, duration: 1m}}"))
    command = own.start("check", "development", cwd=shop)
    eventually(lambda: bool(generators(own)), what="the load generator")
    command.send_signal(signal.SIGINT)
    assert command.wait(30) != 0
    assert generators(own) == []


def test_what_a_killed_load_test_leaves_goes_with_the_environment(own: Installation, shop: Path) -> None:
    """The last test here: it removes the environment."""
    command = own.start("check", "development", cwd=shop)
    eventually(lambda: bool(generators(own)), what="the load generator")
    command.kill()
    command.wait(30)
    own.must("destroy", "development", "--yes", cwd=shop)
    assert generators(own) == []
