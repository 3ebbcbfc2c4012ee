"""The commands ``router``, ``ca`` and ``hosts`` as a person or a script calls them."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.scenario import Installation, free_port

pytestmark = [pytest.mark.engine, pytest.mark.e2e]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Installation]:
    """An installation without any environment."""
    made = Installation(tmp_path / "home", "10.234.0.0/20", free_port(), free_port())
    made.home.mkdir()
    made.variables["LOCALENV_HOSTS_FILE"] = str(tmp_path / "hosts")
    try:
        yield made
    finally:
        made.remove_everything()


def test_up_status_logs_down(own: Installation, tmp_path: Path) -> None:
    absent = own.must("router", "status", "--output", "json", cwd=tmp_path).json
    assert (absent["schema"], absent["state"]) == ("localenv.router/1", "absent")
    up = own.must("router", "up", "--output", "json", cwd=tmp_path).json
    assert (up["state"], up["http_port"], up["https_port"]) == ("running", own.http_port, own.https_port)
    assert own.must("router", "status", "-o", "json", cwd=tmp_path).json["state"] == "running"
    assert own.must("router", "logs", "-o", "json", cwd=tmp_path).json == {"schema": "localenv.router-logs/1", "lines": []}
    assert own.get("nobody.localhost", verify=False).status == 404
    assert own.must("router", "down", "-o", "json", cwd=tmp_path).json["state"] == "absent"


def test_the_status_says_where_it_serves(own: Installation, tmp_path: Path) -> None:
    said = own.must("router", "up", cwd=tmp_path).stdout
    assert f"https://*.localhost:{own.https_port}" in said
    assert "running" in said


def test_down_with_dry_run_changes_nothing(own: Installation, tmp_path: Path) -> None:
    own.must("router", "up", cwd=tmp_path)
    assert "would" in own.must("router", "down", "--dry-run", cwd=tmp_path).stdout
    assert own.must("router", "status", "-o", "json", cwd=tmp_path).json["state"] == "running"


def test_the_authority_is_made_once_and_its_path_printed(own: Installation, tmp_path: Path) -> None:
    first = own.must("ca", "path", cwd=tmp_path).stdout.strip()
    document = own.must("ca", "path", "--output", "json", cwd=tmp_path).json
    assert document["path"] == first
    assert document["domain"] == "localhost"
    assert ssl.create_default_context(cafile=first).get_ca_certs()


def test_hosts_are_written_only_when_asked(own: Installation, tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("127.0.0.1 localhost\n")
    assert own.must("hosts", cwd=tmp_path).stdout == ""
    assert own.must("hosts", "--write", "-o", "json", cwd=tmp_path).json["changed"] is False
    assert (tmp_path / "hosts").read_text() == "127.0.0.1 localhost\n"


def test_a_wrong_port_is_wrong_usage(own: Installation, tmp_path: Path) -> None:
    assert own.run("router", "up", "--https-port", "70000", cwd=tmp_path).exit_code == 2
