from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import click
import pytest

from localenv.cli import edge
from localenv.errors import NotFound

SCHEMA = {"schema", "code", "message", "where", "hint", "exit_code"}


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Makes every command raise this."""
    monkeypatch.setenv("LOCALENV_HOME", str(tmp_path))

    def raise_it(error: BaseException) -> None:
        def main(*_given: Any, **_named: Any) -> None:
            raise error

        monkeypatch.setattr("localenv.cli.main.cli.main", main)

    return raise_it


FULL = OSError(errno.ENOSPC, "No space left on device", "/state/ledger")
CASES = [
    (NotFound("there is no uat", hints=("localenv ls",), code="no-environment"), 1, "no-environment"),
    (FULL, 1, "disk-full"),
    (PermissionError(errno.EACCES, "Permission denied", "/state"), 1, "not-permitted"),
    (click.UsageError("no such option"), 2, "usage"),
    (click.Abort(), 130, "interrupted"),
    (KeyboardInterrupt(), 130, "interrupted"),
    (ZeroDivisionError("x"), 3, "bug"),
    (FileNotFoundError(errno.ENOENT, "No such file", "/x"), 3, "bug"),
]


@pytest.mark.parametrize(("error", "exit_code", "code"), CASES)
def test_an_error_is_one_json_object_on_stdout_with_the_same_exit_code(
    raising: Any, capsys: pytest.CaptureFixture[str], error: BaseException, exit_code: int, code: str
) -> None:
    raising(error)
    assert edge.main(["ls", "--output", "json"]) == exit_code
    told = json.loads(capsys.readouterr().out)
    assert told.keys() >= SCHEMA
    assert (told["schema"], told["code"], told["exit_code"]) == ("localenv.error/1", code, exit_code)


@pytest.mark.parametrize(("error", "exit_code", "code"), CASES)
def test_for_a_person_stdout_stays_empty(
    raising: Any, capsys: pytest.CaptureFixture[str], error: BaseException, exit_code: int, code: str
) -> None:
    raising(error)
    assert edge.main(["ls"]) == exit_code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(("error: ", "interrupted: ")), code


def test_a_full_disk_says_which_file_and_what_to_do(raising: Any, capsys: pytest.CaptureFixture[str]) -> None:
    raising(FULL)
    edge.main(["ls"])
    told = capsys.readouterr().err
    assert "No space left on device" in told
    assert "/state/ledger" in told
    assert "make room" in told


def test_a_bugs_traceback_is_kept_without_what_was_typed(
    raising: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    raising(ZeroDivisionError("x"))
    edge.main(["exec", "db", "--", "psql", "hunter2"])
    (kept,) = (tmp_path / "crashes").iterdir()
    assert str(kept) in capsys.readouterr().err
    assert "ZeroDivisionError" in kept.read_text()
    assert "hunter2" not in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["ls", "-o", "json"], True),
        (["ls", "--output=json"], True),
        (["ls"], False),
        (["exec", "db", "--", "kubectl", "-o", "json"], False),
    ],
)
def test_json_is_asked_of_localenv_and_not_of_what_it_runs(
    raising: Any, capsys: pytest.CaptureFixture[str], arguments: list[str], wanted: bool
) -> None:
    raising(NotFound("x"))
    edge.main(arguments)
    assert capsys.readouterr().out.startswith("{") is wanted


@pytest.mark.parametrize("home", ["/proc/none", "/dev/null", "/dev/null/x"])
def test_a_state_directory_that_cannot_be_is_no_bug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: str
) -> None:
    monkeypatch.setenv("LOCALENV_HOME", home)
    assert edge.main(["ls"]) == 1
    assert "LOCALENV_HOME" in capsys.readouterr().err
