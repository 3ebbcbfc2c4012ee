"""One more container of a service: it has all that the service has, is no replica, and is gone afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, docker, eventually

pytestmark = [pytest.mark.engine, pytest.mark.e2e]


def runs(environment: str) -> list[str]:
    filters = ("--filter", f"label=com.docker.compose.project=commands_{environment}", "--filter", "label=localenv.role=run")
    return docker("ps", "-aq", *filters)


def test_it_prints_exits_and_goes_like_the_command(own: Installation, site: Path) -> None:
    result = own.run("run", "staging", "box", "--", "sh", "-c", "echo out; echo problem >&2; exit 7", cwd=site)
    assert (result.exit_code, result.stdout) == (7, "out\n")
    assert "problem" in result.stderr
    assert runs("staging") == []


def test_it_works_in_a_pipe(own: Installation, site: Path) -> None:
    assert own.must("run", "staging", "box", "cat", cwd=site, stdin="through\n").stdout == "through\n"


def test_it_is_in_the_environment_with_its_secrets_and_data(own: Installation, site: Path) -> None:
    own.must("exec", "staging", "box", "--", "sh", "-c", "echo shared > /kept/file", cwd=site)
    words = "cat /kept/file; wc -c < /run/secrets/key; getent hosts web > /dev/null && echo web"
    assert own.must("run", "staging", "box", "--", "sh", "-c", words, cwd=site).stdout.split() == ["shared", "32", "web"]


def test_options_reach_the_container(own: Installation, site: Path) -> None:
    arguments = ("-e", "GIVEN=yes", "-u", "1000", "-w", "/kept")
    result = own.must("run", *arguments, "staging", "box", "--", "sh", "-c", "echo $GIVEN $(id -u) $PWD", cwd=site)
    assert result.stdout == "yes 1000 /kept\n"


def test_a_service_of_a_profile_that_is_not_active_runs_too(own: Installation, site: Path) -> None:
    assert own.must("run", "staging", "check", cwd=site).stdout == "checked staging\n"


def test_production_demands_its_name(own: Installation, site: Path) -> None:
    refused = own.run("run", "production", "box", "true", cwd=site)
    assert refused.exit_code == 1
    assert "--confirm production" in refused.stderr
    own.must("run", "--confirm", "production", "--reason", "a look", "production", "box", "true", cwd=site)
    events = own.must("status", "production", "--output", "json", cwd=site).json["events"]
    assert (events[0]["reason"], events[0]["outcome"]) == ("a look", "done")


def test_an_unknown_service_is_told_with_the_nearest(own: Installation, site: Path) -> None:
    refused = own.run("run", "staging", "bix", "true", cwd=site)
    assert refused.exit_code == 1
    assert "did you mean box?" in refused.stderr


def test_a_run_is_no_replica_and_goes_with_its_environment(own: Installation, site: Path) -> None:
    own.must("up", "short", "--tier", "preview", cwd=site)
    process = own.start("run", "short", "box", "sleep", "300", cwd=site)
    eventually(lambda: bool(runs("short")), what="the run")
    (service,) = (s for s in own.must("status", "short", "--output", "json", cwd=site).json["services"] if s["name"] == "box")
    assert len(service["replicas"]) == 1
    up = own.must("up", "short", "--output", "json", cwd=site).json
    assert up["environments"][0]["changed"] is False
    own.must("destroy", "short", "--yes", cwd=site)
    process.wait(60)
    assert runs("short") == []
    assert docker("network", "ls", "-q", "--filter", "name=commands_short") == []
