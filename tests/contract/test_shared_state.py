"""Ledger and locks between processes and threads, on a real disk."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from localenv.adapters.clock import SystemClock
from localenv.adapters.file_locks import FileLocks
from localenv.adapters.linux_host import LinuxHost
from localenv.adapters.sqlite_ledger import SqliteLedger
from localenv.core.names import EnvironmentId
from localenv.errors import LocalenvError
from localenv.ports.progress import Event
from localenv.ports.state import EnvironmentRecord

STAGING = EnvironmentId(project="shop", name="staging")
UAT = EnvironmentId(project="shop", name="uat")


class Quiet:
    def emit(self, event: Event) -> None:
        del event


def locks(place: Path) -> FileLocks:
    return FileLocks(place, SystemClock(), Quiet())


def test_an_environment_on_its_way_up_is_known_by_its_lock(tmp_path: Path) -> None:
    """Two environments brought up at once both took the live binds, since neither had anything on the engine yet."""
    seen: list[bool] = []
    with locks(tmp_path).environment(STAGING, "up"):
        thread = threading.Thread(target=lambda: seen.append(locks(tmp_path).is_held(STAGING)))
        thread.start()
        thread.join()
        assert locks(tmp_path).is_held(UAT) is False
    assert seen == [True]
    assert locks(tmp_path).is_held(STAGING) is False


def test_looking_at_a_lock_makes_no_file(tmp_path: Path) -> None:
    assert locks(tmp_path).is_held(STAGING) is False
    assert list(tmp_path.iterdir()) == []


def test_a_destroyed_environments_lock_does_not_let_two_in(tmp_path: Path) -> None:
    waiting, entered = threading.Event(), threading.Event()

    def come_later() -> None:
        waiting.set()
        with locks(tmp_path).environment(STAGING, "up"):
            entered.set()
            with pytest.raises(LocalenvError), locks(tmp_path).environment(STAGING, "up", wait=False):
                raise AssertionError("two hold one environment")

    first = locks(tmp_path)
    with first.environment(STAGING, "destroy"):
        thread = threading.Thread(target=come_later)
        thread.start()
        waiting.wait(10)
        first.discard(STAGING)
    thread.join(10)
    assert entered.is_set()


def test_commands_that_begin_at_once_make_one_ledger(tmp_path: Path) -> None:
    """SQLite said "database is locked" at once to the one that changed to WAL while another one had the file open."""
    script = (
        "import sys; from pathlib import Path\n"
        "from localenv.adapters.sqlite_ledger import SqliteLedger\n"
        "from localenv.core.names import EnvironmentId\n"
        "from localenv.ports.state import EnvironmentRecord\n"
        "one = EnvironmentId(project='shop', name='e' + sys.argv[1])\n"
        "print('ready', flush=True); sys.stdin.read()\n"
        "for home in sys.argv[2:]:\n"
        "    SqliteLedger(Path(home) / 'ledger.sqlite').save(EnvironmentRecord(id=one, tier='staging', directory='d'))\n"
    )
    homes = [tmp_path / str(number) for number in range(10)]
    waiting, start = os.pipe()
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(number), *map(str, homes)],
            stdin=waiting,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(8)
    ]
    os.close(waiting)
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    os.close(start)
    errors = [process.communicate(timeout=60)[1] for process in running]
    assert [process.returncode for process in running] == [0] * 8, "".join(errors)
    for home in homes:
        ledger = SqliteLedger(home / "ledger.sqlite")
        assert len(ledger.records()) == 8
        ledger.close()


def test_a_full_disk_is_told_as_one_and_the_ledger_goes_on(tmp_path: Path) -> None:
    """SQLite had rolled back by itself, and the second rollback's error hid the reason."""
    ledger = SqliteLedger(tmp_path / "ledger.sqlite")
    ledger.save(EnvironmentRecord(id=STAGING, tier="staging", directory="d"))
    connection = ledger._open()
    (pages,) = connection.execute("pragma page_count").fetchone()
    connection.execute(f"pragma max_page_count = {pages}")
    with pytest.raises(LocalenvError) as raised:
        ledger.save(EnvironmentRecord(id=UAT, tier="staging", directory="d" * 1_000_000))
    assert raised.value.code_of_case == "disk-full"
    connection.execute(f"pragma max_page_count = {pages + 10_000}")
    ledger.save(EnvironmentRecord(id=UAT, tier="staging", directory="d"))
    assert [record.id for record in ledger.records()] == [STAGING, UAT]
    ledger.close()


def test_a_user_without_a_name_is_told_by_its_number(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a container the user often has none, and every command ended as a bug."""

    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", unknown)
    assert LinuxHost().user().isdecimal()
    with locks(tmp_path).environment(STAGING, "up"):
        assert (tmp_path / "shop_staging.holder").exists()


def test_ports_that_something_listens_on_are_seen() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        assert server.getsockname()[1] in LinuxHost().used_ports()


def test_what_resolves_nowhere_has_no_address() -> None:
    assert LinuxHost().resolves("nothing.invalid") == ()
    assert "127.0.0.1" in LinuxHost().resolves("localhost")


def test_free_room_is_that_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    assert LinuxHost().free_bytes(str(tmp_path / "a" / "b")) > 0


def test_a_destroy_lets_no_second_deployment_in(tmp_path: Path) -> None:
    """The lock of deployments is not held by whoever destroys the environment meanwhile."""
    inside: list[str] = []
    waits = threading.Event()

    class Heard:
        def emit(self, _event: object) -> None:
            waits.set()

    def deploy() -> None:
        with FileLocks(tmp_path, SystemClock(), Heard()).deployments(STAGING):
            inside.append("second")

    with locks(tmp_path).deployments(STAGING), locks(tmp_path).command(STAGING, "ci"):
        locks(tmp_path).discard(STAGING)
        second = threading.Thread(target=deploy)
        second.start()
        assert waits.wait(30)
        with pytest.raises(LocalenvError), locks(tmp_path).command(STAGING, "ci"):
            pass
        assert locks(tmp_path).has_command(STAGING)
        assert inside == []
    second.join(30)
    assert inside == ["second"]
    assert list(tmp_path.iterdir()) == []


def test_locks_that_a_killed_command_left_go_with_the_environment(tmp_path: Path) -> None:
    for kind in ("deployments", "command"):
        (tmp_path / f"{STAGING.compose_project}.{kind}.lock").touch()
    locks(tmp_path).discard(STAGING)
    assert list(tmp_path.iterdir()) == []
