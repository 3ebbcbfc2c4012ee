"""Deployments and approvals, in memory and in a real ledger; the chain of the audit log."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from localenv.adapters.sqlite_deliveries import SqliteDeliveries
from localenv.adapters.sqlite_ledger import SqliteLedger
from localenv.core.names import EnvironmentId
from localenv.core.releases.deployments import Approval, Deployment
from localenv.ports.delivery import Deliveries
from localenv.ports.state import AuditEntry, EnvironmentRecord
from tests.fakes.memory_deliveries import MemoryDeliveries

UAT = EnvironmentId(project="shop", name="uat")
STAGING = EnvironmentId(project="shop", name="staging")
AT = "2026-01-01T00:00:00Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture(params=["memory", "sqlite"])
def kept(request: pytest.FixtureRequest, path: Path) -> Deliveries:
    return MemoryDeliveries() if request.param == "memory" else SqliteDeliveries(SqliteLedger(path))


def deployment(environment: EnvironmentId = UAT, release: str = "r1") -> Deployment:
    return Deployment(id=environment, release=release, actor="ann", began=AT)


def test_deployments_are_numbered_and_come_back_newest_first(kept: Deliveries) -> None:
    first, second = kept.begin(deployment()), kept.begin(deployment(release="r2"))
    kept.keep_snapshot(second.number, "s1")
    kept.end(second.number, outcome="rolled back", at=AT)
    found = kept.deployments("shop", environment="uat")
    assert [(each.number, each.release, each.outcome, each.snapshot) for each in found] == [
        (second.number, "r2", "rolled back", "s1"),
        (first.number, "r1", "running", None),
    ]
    assert second.number > first.number
    assert kept.deployments("blog") == []
    assert [each.release for each in kept.deployments("shop", release="r1")] == ["r1"]


def test_an_approval_names_the_deployment_that_it_is_for(kept: Deliveries) -> None:
    number = kept.begin(deployment()).number
    kept.approve(Approval(id=UAT, release="r1", deployment=number, actor="eve", note="looks right", at=AT))
    assert [(each.release, each.deployment, each.actor) for each in kept.approvals("shop", environment="uat")] == [
        ("r1", number, "eve")
    ]
    assert kept.approvals("shop", environment="staging") == []


def audited(path: Path, count: int = 3) -> SqliteLedger:
    ledger = SqliteLedger(path)
    for number in range(count):
        ledger.audit(AuditEntry(at=AT, actor="ann", command="destroy", environment="shop_uat", reason=f"because {number}"))
    assert ledger.audit_break() is None
    ledger.close()
    return ledger


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("update audit set actor = 'bob' where number = 2", 2),
        ("update audit set hash = 'x' where number = 3", 3),
        ("delete from audit where number = 1", 1),
        ("delete from audit where number = 3", 3),
        ("update audit set number = 9 where number = 3", 3),
    ],
)
def test_a_line_that_was_changed_or_taken_out_is_found(path: Path, statement: str, broken: int) -> None:
    ledger = audited(path)
    connection = sqlite3.connect(path)
    connection.execute("drop trigger audit_is_append_only_update")
    connection.execute("drop trigger audit_is_append_only_delete")
    connection.execute(statement)
    connection.commit()
    connection.close()
    assert ledger.audit_break() == broken


def test_the_log_goes_on_after_its_last_line_was_taken_out_and_still_tells(path: Path) -> None:
    ledger = audited(path)
    connection = sqlite3.connect(path)
    connection.execute("drop trigger audit_is_append_only_delete")
    connection.execute("delete from audit where number = 3")
    connection.commit()
    connection.close()
    ledger.audit(AuditEntry(at=AT, actor="eve", command="exec", environment="shop_uat"))
    assert ledger.audit_break() == 3


def test_a_ledger_of_the_schema_before_gets_its_chain(path: Path) -> None:
    """What version 2 wrote stays, and is chained from then on."""
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        create table environments (
          project text not null, name text not null, tier text not null, directory text not null, data_profile text,
          data_scale real not null default 1, expires text, holds_binds integer not null, stopped integer not null,
          exposures text not null, domain text not null, ready text, snapshot text, baseline text,
          done text not null default '{}', primary key (project, name));
        create table subnets (network text primary key, project text, name text, cidr text);
        create table ports (port integer primary key, project text, name text, key text);
        create table settings (key text primary key, value text not null);
        create table audit (
          number integer primary key autoincrement, at text not null, actor text not null, command text not null,
          environment text not null, reason text not null, outcome text not null);
        create trigger audit_is_append_only_update before update on audit begin select raise(abort, 'append-only'); end;
        create trigger audit_is_append_only_delete before delete on audit begin select raise(abort, 'append-only'); end;
        insert into environments
          values ('shop', 'uat', 'uat', '/d', null, 1, null, 0, 0, '[]', 'localhost', null, null, null, '{}');
        insert into audit (at, actor, command, environment, reason, outcome)
          values ('t1', 'ann', 'exec', 'shop_uat', 'look', 'done'), ('t2', 'ann', 'exec', 'shop_uat', 'look', 'done');
        pragma user_version = 2;
        """
    )
    connection.close()
    ledger = SqliteLedger(path)
    assert ledger.record(UAT) == EnvironmentRecord(id=UAT, tier="uat", directory="/d")
    assert ledger.audit_break() is None
    assert [entry.number for entry in ledger.audit_entries()] == [2, 1]
    assert SqliteDeliveries(ledger).begin(deployment(STAGING)).number == 1
    with pytest.raises(Exception, match="append-only"), ledger.write() as database:
        database.execute("update audit set actor = 'bob'")
    ledger.close()
