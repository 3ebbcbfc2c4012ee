"""Ledger, locks and environment folders on a real disk."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from localenv.adapters.file_locks import FileLocks
from localenv.adapters.sqlite_database import VERSION
from localenv.adapters.sqlite_ledger import SqliteLedger
from localenv.adapters.state_store import StateStore
from localenv.core.names import EnvironmentId
from localenv.core.wanted import Allocations
from localenv.errors import LocalenvError
from localenv.ports.progress import Event
from localenv.ports.state import AuditEntry, EnvironmentRecord

STAGING = EnvironmentId(project="shop", name="staging")
UAT = EnvironmentId(project="shop", name="uat")


class Heard:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)


class StoppedClock:
    def now(self) -> datetime:
        return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    def pause(self, seconds: float) -> None:
        raise AssertionError("nothing here waits by the clock")


@pytest.fixture
def ledger(tmp_path: Path) -> SqliteLedger:
    return SqliteLedger(tmp_path / "home" / "ledger.sqlite")


def record(environment: EnvironmentId = STAGING, **values: Any) -> EnvironmentRecord:
    return EnvironmentRecord(**{"id": environment, "tier": "staging", "directory": "shop", **values})


def test_a_record_comes_back_as_it_was_saved(ledger: SqliteLedger) -> None:
    saved = record(data_profile="small", holds_binds=True, exposures='[{"service": "web"}]', ready="2026-01-01T00:00:00Z")
    ledger.save(saved)
    ledger.close()
    assert ledger.record(STAGING) == saved
    assert ledger.records() == [saved]


def test_forgetting_gives_addresses_and_ports_back(ledger: SqliteLedger) -> None:
    ledger.save(record())
    ledger.allocate(STAGING, Allocations(subnets={"n": "10.0.0.0/27"}, ports={"db:5432/tcp": 41000}))
    ledger.forget(STAGING)
    assert ledger.record(STAGING) is None
    assert (ledger.all_subnets(), ledger.all_ports()) == ({}, {})


@pytest.mark.parametrize(
    "other",
    [
        Allocations(subnets={"m": "10.0.0.0/26"}),
        Allocations(subnets={"m": "10.0.0.16/28"}),
        Allocations(ports={"x:1/tcp": 41000}),
    ],
)
def test_what_another_environment_holds_is_not_given_twice(ledger: SqliteLedger, other: Allocations) -> None:
    ledger.allocate(STAGING, Allocations(subnets={"n": "10.0.0.0/27"}, ports={"db:5432/tcp": 41000}))
    with pytest.raises(LocalenvError) as raised:
        ledger.allocate(UAT, other)
    assert raised.value.code_of_case == "allocation-race"
    assert ledger.allocations(UAT) == Allocations()
    assert ledger.allocations(STAGING).ports == {"db:5432/tcp": 41000}


def test_the_audit_log_only_grows(ledger: SqliteLedger, tmp_path: Path) -> None:
    entry = AuditEntry(at="2026-01-01T00:00:00Z", actor="ann", command="destroy", environment="shop_staging", reason="moved")
    ledger.audit(entry)
    (kept,) = ledger.audit_entries("shop_staging")
    assert replace(kept, number=0, hash="") == entry
    assert ledger.audit_entries("shop_uat") == []
    ledger.close()
    connection = sqlite3.connect(tmp_path / "home" / "ledger.sqlite")
    for statement in ("update audit set actor = 'bob'", "delete from audit"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


def test_a_newer_ledger_is_refused_and_left_alone(ledger: SqliteLedger, tmp_path: Path) -> None:
    ledger.save(record())
    ledger.close()
    path = tmp_path / "home" / "ledger.sqlite"
    connection = sqlite3.connect(path)
    connection.execute(f"pragma user_version = {VERSION + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LocalenvError, match="newer localenv"):
        ledger.records()
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", [b"", b"not a database at all, but long enough to be one" * 100])
def test_a_damaged_ledger_is_told_by_its_place(ledger: SqliteLedger, tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "home" / "ledger.sqlite"
    path.parent.mkdir()
    path.write_bytes(damage)
    if not damage:
        assert ledger.records() == []
        return
    with pytest.raises(LocalenvError) as raised:
        ledger.records()
    assert raised.value.code_of_case == "damaged-state"
    assert raised.value.where == str(path)


def test_state_is_for_its_owner_alone(ledger: SqliteLedger, tmp_path: Path) -> None:
    ledger.save(record())
    store = _store(tmp_path / "home")
    rendered = Path(store.write_rendered(STAGING, {"services": {}}))
    store.secrets(STAGING, {"KEY": ("hex", 32)})
    assert stat.S_IMODE((tmp_path / "home" / "ledger.sqlite").stat().st_mode) == 0o600
    assert stat.S_IMODE(rendered.stat().st_mode) == 0o600
    assert stat.S_IMODE((rendered.parent / "secrets.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(rendered.parent.stat().st_mode) == 0o700


def test_generated_secrets_stay_and_new_ones_join(tmp_path: Path) -> None:
    store = _store(tmp_path)
    first = store.secrets(STAGING, {"KEY": ("hex", 32)})
    second = store.secrets(STAGING, {"KEY": ("hex", 32), "PASSWORD": ("password", 20)})
    assert second["KEY"] == first["KEY"]
    assert (len(second["KEY"]), len(second["PASSWORD"])) == (32, 20)
    assert store.secrets(UAT, {"KEY": ("hex", 32)})["KEY"] != first["KEY"]


def test_a_torn_last_line_of_the_journal_is_left_out(tmp_path: Path) -> None:
    store = _store(tmp_path)
    store.journal(STAGING, "one")
    with (Path(store.directory(STAGING)) / "journal").open("a") as file:
        file.write('{"half')
    assert list(store.journal_lines(STAGING)) == ["one"]


def test_removing_leaves_no_folder(tmp_path: Path) -> None:
    store = _store(tmp_path)
    store.write_rendered(STAGING, {"services": {}})
    store.remove(STAGING)
    store.remove(STAGING)
    assert list((tmp_path / "environments").iterdir()) == []
    assert store.rendered(STAGING) is None


def test_whoever_waits_is_told_who_holds_the_environment(tmp_path: Path) -> None:
    heard = Heard()
    locks = FileLocks(tmp_path, StoppedClock(), heard)
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with locks.environment(STAGING, "up"):
            entered.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(10)
    with pytest.raises(LocalenvError, match="doing: up"), locks.environment(STAGING, "destroy", wait=False):
        raise AssertionError("two hold one environment")
    with locks.environment(UAT, "up", wait=False):
        threading.Timer(0.1, leave.set).start()
    with locks.environment(STAGING, "destroy"):
        assert any("is held by" in getattr(event, "text", "") for event in heard.events)
    holder.join()


def test_a_command_has_an_environment_beside_the_changes_to_it(tmp_path: Path) -> None:
    locks, others = (FileLocks(tmp_path, StoppedClock(), Heard()) for _ in range(2))
    with locks.command(STAGING, "ci"):
        assert (others.has_command(STAGING), others.has_command(UAT)) == (True, False)
        with others.environment(STAGING, "up", wait=False):
            pass
        with pytest.raises(LocalenvError, match="doing: ci"), others.command(STAGING, "ci"):
            raise AssertionError("two commands have one environment")
        locks.discard(STAGING)
    assert not others.has_command(STAGING)
    assert list(tmp_path.iterdir()) == []


def test_a_lock_whose_holder_was_killed_is_free(tmp_path: Path) -> None:
    script = (
        "import sys, os, signal; from pathlib import Path\n"
        "from localenv.adapters.file_locks import FileLocks\n"
        "from localenv.adapters.clock import SystemClock\n"
        "from localenv.core.names import EnvironmentId\n"
        "class Quiet:\n  def emit(self, event): pass\n"
        "locks = FileLocks(Path(sys.argv[1]), SystemClock(), Quiet())\n"
        "with locks.environment(EnvironmentId(project='shop', name='staging'), 'up'):\n"
        "  os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, check=False)
    assert killed.returncode == -9, killed.stderr
    with FileLocks(tmp_path, StoppedClock(), Heard()).environment(STAGING, "up", wait=False):
        assert (tmp_path / "shop_staging.holder").exists()


def _store(home: Path) -> StateStore:
    from localenv.adapters.yaml_files import dump

    return StateStore(home, dump=dump, load=lambda content, name: content)
