"""What ``Processes`` promises, held against real programs."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from localenv.adapters.subprocess_processes import SubprocessProcesses, scrubbed
from localenv.errors import LocalenvError, Unavailable


@pytest.fixture
def processes() -> SubprocessProcesses:
    return SubprocessProcesses(
        {"PATH": os.environ["PATH"], "GIT_DIR": "/elsewhere", "COMPOSE_FILE": "x", "DOCKER_HOST": "tcp://y"}
    )


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually_gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while alive(pid) and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    return not alive(pid)


def test_output_and_exit_code_come_back(processes: SubprocessProcesses) -> None:
    done = processes.run(python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"))
    assert (done.exit_code, done.stdout, done.stderr) == (3, b"out\n", b"err\n")


def test_a_megabyte_goes_in_and_out(processes: SubprocessProcesses) -> None:
    data = os.urandom(1 << 20)
    assert processes.run(["cat"], stdin=data).stdout == data


def test_input_that_nobody_reads_is_no_error(processes: SubprocessProcesses) -> None:
    assert processes.run(["true"], stdin=b"x" * (1 << 20)).exit_code == 0


def test_lines_of_standard_error_come_one_by_one(processes: SubprocessProcesses) -> None:
    lines: list[str] = []
    processes.run(python(r"import sys; sys.stderr.write('one\ntwo\nthree without end')"), on_line=lines.append)
    assert lines == ["one", "two", "three without end"]


def test_lines_of_standard_output_are_told_apart_from_those_of_standard_error(processes: SubprocessProcesses) -> None:
    output: list[str] = []
    errors: list[str] = []
    processes.run(
        python("import sys; print('out'); print('err', file=sys.stderr)"), on_line=errors.append, on_output=output.append
    )
    assert (output, errors) == (["out"], ["err"])


def test_a_missing_program_is_named(processes: SubprocessProcesses) -> None:
    with pytest.raises(Unavailable, match="no-such-program is not installed"):
        processes.run(["no-such-program", "--token", "secret"])


def test_a_missing_directory_is_not_taken_for_a_missing_program(processes: SubprocessProcesses) -> None:
    with pytest.raises(Unavailable) as caught:
        processes.run(["true"], directory="/no/such/directory")
    assert caught.value.code_of_case == "directory-missing"


def test_variables_that_steer_git_and_compose_do_not_pass(processes: SubprocessProcesses) -> None:
    seen = processes.run(["env"], environment={"COMPOSE_ANSI": "never"}).stdout.decode()
    assert "GIT_DIR" not in seen
    assert "COMPOSE_FILE" not in seen
    assert "COMPOSE_ANSI=never" in seen
    assert "DOCKER_HOST=tcp://y" in seen


def test_scrubbing_keeps_what_merely_looks_alike() -> None:
    assert scrubbed({"GITHUB_TOKEN": "a", "COMPOSER": "b", "DOCKER_CONFIG": "c"}) == {
        "GITHUB_TOKEN": "a",
        "COMPOSER": "b",
        "DOCKER_CONFIG": "c",
    }


def test_the_time_limit_ends_the_program_and_its_children(processes: SubprocessProcesses) -> None:
    code = (
        "import subprocess, sys, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "child = subprocess.Popen(['sleep', '600']); print(child.pid, file=sys.stderr, flush=True); child.wait()"
    )
    pids: list[int] = []
    with pytest.raises(LocalenvError) as caught:
        processes.run(python(code), timeout=0.7, on_line=lambda line: pids.append(int(line)))
    assert caught.value.code_of_case == "timeout"
    assert eventually_gone(pids[0])


def test_a_program_that_left_a_child_behind_does_not_hold_us_up(processes: SubprocessProcesses) -> None:
    begun = time.monotonic()
    done = processes.run(python("import subprocess; print(subprocess.Popen(['sleep', '30']).pid, flush=True)"), timeout=25)
    assert done.exit_code == 0
    assert time.monotonic() - begun < 10
    os.kill(int(done.stdout), signal.SIGKILL)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux only")
def test_memory_is_bounded(processes: SubprocessProcesses) -> None:
    code = "import time, sys; sys.stdin.read(); x = bytearray(1 << 30); print(len(x))"
    assert processes.run(python(code), stdin=b"go", memory=256 << 20).exit_code != 0
    assert processes.run(python(code), stdin=b"go", memory=2 << 30).exit_code == 0


def test_endless_output_is_ended() -> None:
    bounded = SubprocessProcesses({"PATH": os.environ["PATH"]}, output_limit=1 << 20)
    with pytest.raises(LocalenvError) as caught:
        bounded.run(["yes"], timeout=20)
    assert caught.value.code_of_case == "output-limit"


def test_an_interrupt_ends_the_program(processes: SubprocessProcesses) -> None:
    pids: list[int] = []

    def interrupt(line: str) -> None:
        pids.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        processes.run(
            python("import os, sys, time; print(os.getpid(), file=sys.stderr, flush=True); time.sleep(600)"), on_line=interrupt
        )
    assert eventually_gone(pids[0])


def test_end_all_ends_what_other_threads_wait_for(processes: SubprocessProcesses) -> None:
    begun = threading.Event()
    codes: list[int] = []

    def work() -> None:
        done = processes.run(
            python("import sys, time; print('x', file=sys.stderr, flush=True); time.sleep(600)"), on_line=lambda _: begun.set()
        )
        codes.append(done.exit_code)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(10)
    processes.end_all()
    thread.join(10)
    assert codes == [-signal.SIGTERM]


def test_attach_gives_the_exit_code(processes: SubprocessProcesses) -> None:
    assert processes.attach(python("import sys; sys.exit(7)")) == 7
    assert processes.attach(python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")) == 128 + signal.SIGKILL
