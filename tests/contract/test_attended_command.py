"""What ``Commands`` and ``EndingSignals`` promise, held against real programs and real signals."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from localenv.adapters import ending_signals
from localenv.adapters.attended_command import AttendedCommands
from localenv.adapters.ending_signals import ProcessSignals
from localenv.errors.command import CommandMissing, CommandNotRunnable

WAITING = "import signal, sys, pathlib; {first}; pathlib.Path('begun').touch(); signal.pause(); sys.exit({code})"
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGINT, signal.SIG_IGN)"


@pytest.fixture
def signals() -> Iterator[ProcessSignals]:
    with ProcessSignals() as taken:
        yield taken


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def attend(signals: ProcessSignals, argv: list[str], directory: Path, *, grace: float = 10, **variables: str) -> int:
    commands = AttendedCommands(dict(os.environ), signals, grace=grace)
    return commands.attend(argv, environment=variables, directory=str(directory))


def send_once_begun(directory: Path, *numbers: int) -> threading.Thread:
    """Signals to this process, as a runner sends them, each when the one before has been taken."""

    def send() -> None:
        deadline = time.monotonic() + 20
        while not (directory / "begun").exists() and time.monotonic() < deadline:
            threading.Event().wait(0.02)
        for number in numbers:
            os.kill(os.getpid(), number)
            threading.Event().wait(0.2)

    thread = threading.Thread(target=send)
    thread.start()
    return thread


@pytest.mark.parametrize("code", [0, 3, 255])
def test_the_exit_code_is_the_commands(signals: ProcessSignals, tmp_path: Path, code: int) -> None:
    assert attend(signals, python(f"raise SystemExit({code})"), tmp_path) == code


def test_a_command_that_a_signal_ended_has_the_code_that_shells_give(signals: ProcessSignals, tmp_path: Path) -> None:
    assert attend(signals, python("import os; os.kill(os.getpid(), 9)"), tmp_path) == 128 + signal.SIGKILL


def test_the_command_has_the_callers_variables_and_its_own(
    signals: ProcessSignals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A build server's GIT_COMMIT is for the tests, although nothing that localenv runs for itself sees it."""
    monkeypatch.setenv("GIT_COMMIT", "abc")
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", "theirs")
    names = ("GIT_COMMIT", "COMPOSE_PROJECT_NAME", "LOCALENV_URL")
    code = f"import os; print(*(os.environ[name] for name in {names}), file=open('told', 'w'))"
    assert attend(signals, python(code), tmp_path, LOCALENV_URL="https://x") == 0
    assert (tmp_path / "told").read_text() == "abc theirs https://x\n"


def test_the_first_signal_goes_to_the_command_and_its_code_comes_back(signals: ProcessSignals, tmp_path: Path) -> None:
    sender = send_once_begun(tmp_path, signal.SIGTERM)
    first = "signal.signal(signal.SIGTERM, lambda *_: None)"
    assert attend(signals, python(WAITING.format(first=first, code=7)), tmp_path) == 7
    assert signals.first == signal.SIGTERM
    sender.join()


def test_a_command_that_does_not_end_in_its_grace_is_killed(signals: ProcessSignals, tmp_path: Path) -> None:
    sender = send_once_begun(tmp_path, signal.SIGTERM)
    code = WAITING.format(first=DEAF, code=0)
    assert attend(signals, python(code), tmp_path, grace=0.2) == 128 + signal.SIGKILL
    sender.join()


def test_a_second_signal_kills_at_once(signals: ProcessSignals, tmp_path: Path) -> None:
    sender = send_once_begun(tmp_path, signal.SIGINT, signal.SIGINT)
    began = time.monotonic()
    assert attend(signals, python(WAITING.format(first=DEAF, code=0)), tmp_path, grace=60) == 128 + signal.SIGKILL
    assert time.monotonic() - began < 30
    sender.join()


def test_what_the_command_started_is_told_to_end_with_it(signals: ProcessSignals, tmp_path: Path) -> None:
    """A shell does not hand a signal on to what it waits for."""
    sender = send_once_begun(tmp_path, signal.SIGTERM)
    (tmp_path / "waits.py").write_text(
        "import os, pathlib, signal\n"
        "pathlib.Path('child').write_text(str(os.getpid()))\n"
        "pathlib.Path('begun').touch()\n"
        "signal.pause()\n"
    )
    attend(signals, ["sh", "-c", f"{sys.executable} waits.py; true"], tmp_path)
    sender.join()
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and "\nState:\tZ" not in Path(f"/proc/{child}/status").read_text():
        assert time.monotonic() < deadline, "the child lives on"
        threading.Event().wait(0.02)


def test_a_signal_that_came_before_lets_no_command_begin(signals: ProcessSignals, tmp_path: Path) -> None:
    os.kill(os.getpid(), signal.SIGHUP)
    with pytest.raises(KeyboardInterrupt):
        attend(signals, python("open('began', 'w')"), tmp_path)
    assert not (tmp_path / "began").exists()


def test_signals_that_nobody_takes_are_held_back(signals: ProcessSignals) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGINT)
    assert signals.first == signal.SIGTERM


def test_only_the_first_one_interrupts(signals: ProcessSignals) -> None:
    def interrupted_twice() -> None:
        with signals.interrupting():
            try:
                os.kill(os.getpid(), signal.SIGTERM)
                signal.pause()
            finally:
                os.kill(os.getpid(), signal.SIGTERM)
                ended.append("in its own time")

    ended: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted_twice()
    assert ended == ["in its own time"]


def test_another_one_interrupts_where_python_dropped_the_first(signals: ProcessSignals, monkeypatch: pytest.MonkeyPatch) -> None:
    class Ending:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

    def interrupted_twice() -> None:
        with signals.interrupting():
            Ending()
            assert dropped == [KeyboardInterrupt]
            os.kill(os.getpid(), signal.SIGTERM)

    dropped: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: dropped.append(told.exc_type))
    monkeypatch.setattr(ending_signals, "_PATIENCE", 0.0)
    with pytest.raises(KeyboardInterrupt):
        interrupted_twice()


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ProcessSignals() as signals:
            os.kill(os.getpid(), signal.SIGHUP)
            assert signals.first is None
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_cannot_be_run_has_the_codes_of_shells(signals: ProcessSignals, tmp_path: Path) -> None:
    commands = AttendedCommands(dict(os.environ), signals)
    (tmp_path / "text").write_text("no program")
    (tmp_path / "empty").write_text("no program either")
    (tmp_path / "empty").chmod(0o755)
    for program in ("no-such-command", "./no-such-file"):
        with pytest.raises(CommandMissing) as missing:
            commands.check(program, str(tmp_path))
        assert missing.value.exit_code == 127
    with pytest.raises(CommandNotRunnable) as refused:
        commands.check("./text", str(tmp_path))
    assert refused.value.exit_code == 126
    commands.check("./empty", str(tmp_path))
    with pytest.raises(CommandNotRunnable):
        commands.attend(["./empty"], environment={}, directory=str(tmp_path))
