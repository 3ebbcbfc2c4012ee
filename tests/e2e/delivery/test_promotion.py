"""Releases through the chain: the same images, gates, approvals, a bad release that goes back by itself, rollback."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.e2e.delivery.shop import Shop
from tests.e2e.scenario import Installation, docker

pytestmark = [pytest.mark.engine, pytest.mark.e2e]


@pytest.fixture(scope="module")
def shop(own: Installation, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """``r1`` was made of development and brought to every tier; the source has changed since it was made."""
    directory = tmp_path_factory.mktemp("delivered") / "shop"
    directory.mkdir()
    found = Shop(own, directory)
    found.must("up")
    found.must("release", "create", "--note", "the first")
    found.built = found.image_ids("development")  # type: ignore[attr-defined] # what was first built
    found.version("2")
    (directory / "site" / "motto").write_text("two\n")
    found.must("up")
    found.must("promote", "staging")
    found.must("promote", "uat")
    found.must("approve", "uat", "--as", "eve", "--note", "looks right")
    found.must("promote", "production")
    return found


def test_production_runs_the_images_that_were_first_built_although_the_source_has_changed(shop: Shop) -> None:
    first = shop.built  # type: ignore[attr-defined]
    assert set(first) == {"web", "cache", "migrate"}
    for environment in ("staging", "uat", "production"):
        assert {service: ids for service, ids in shop.image_ids(environment).items() if service != "migrate"} == {
            service: ids for service, ids in first.items() if service != "migrate"
        }
        assert shop.answer(environment) == "1"
    assert shop.answer("development") == "2"
    assert docker("exec", "shop_production-web-1", "cat", "/site/motto") == ["one"]
    assert docker("exec", "shop_development-web-1", "cat", "/site/motto") == ["two"]


def test_what_runs_is_told_with_its_release(shop: Shop) -> None:
    listed = json.loads(shop.must("ls", "--output", "json"))["environments"]
    assert {each["name"]: each["release"] for each in listed} == {
        "development": None,
        "staging": "r1",
        "uat": "r1",
        "production": "r1",
    }
    shown = json.loads(shop.must("release", "show", "r1", "--output", "json"))["release"]
    assert (shown["branch"], shown["dirty"], shown["note"]) == ("main", False, "the first")
    assert shown["commit"] == shop.git("rev-parse", "HEAD")
    assert sorted(shown["environments"]) == ["production", "staging", "uat"]


def test_a_release_tier_runs_nothing_but_releases_once_there_is_one(shop: Shop) -> None:
    said = shop.refused("up", "qa", "--tier", "staging")
    assert "runs releases only" in said
    assert "--from-worktree" in said
    shop.must("up", "qa", "--tier", "staging", "--from-worktree")
    assert shop.answer("qa") == "2"
    assert "not a release" in shop.must("status", "qa")
    shop.must("destroy", "qa", "--yes")
    assert "promote production --release r1" in shop.refused("up", "other", "--tier", "production", "--release", "r1").replace(
        "other", "production"
    )


def test_a_second_up_of_a_release_changes_nothing(shop: Shop) -> None:
    before = shop.containers("staging")
    document = json.loads(shop.must("up", "staging", "--output", "json"))
    assert document["environments"][0]["changed"] is False
    assert shop.containers("staging") == before


def test_an_approval_is_for_one_release_and_void_once_another_was_brought(shop: Shop) -> None:
    """Approval of r1 does not let r2 through, nor r1 when it comes again."""
    shop.commit("second")
    shop.must("release", "create")
    shop.must("promote", "staging")
    shop.must("promote", "uat")
    said = shop.refused("promote", "production")
    assert "approved in uat: r2 in uat is approved by nobody" in said
    assert shop.answer("production") == "1"
    shop.must("promote", "staging", "--release", "r1")
    shop.must("promote", "uat")
    assert "since it was brought there" in shop.refused("promote", "production")
    shop.must("approve", "uat", "--as", "eve", "--release", "r1")
    assert "runs r1 by now, not r2" in shop.refused("approve", "uat", "--as", "eve", "--release", "r2")
    shop.must("promote", "production")


def test_the_chain_is_not_skipped_without_a_trace(shop: Shop) -> None:
    said = shop.refused("promote", "development", "production", "--release", "r2")
    assert "chain: production takes releases from uat, and development is of tier development" in said
    assert "uat runs r1, not r2" in shop.refused("promote", "uat", "production", "--release", "r2")
    wrong = shop.own.run("promote", "production", "--release", "r2", "--force", cwd=shop.directory)
    assert (wrong.exit_code, "--reason" in wrong.said) == (2, True)
    shop.must("promote", "production", "--release", "r2", "--force", "--reason", "the customer waits", "--as", "mallory")
    assert shop.answer("production") == "2"
    newest = json.loads(shop.must("history", "production", "--output", "json"))["deployments"][0]
    assert (newest["release"], newest["forced"], newest["actor"], newest["reason"], newest["outcome"]) == (
        "r2",
        True,
        "mallory",
        "the customer waits",
        "done",
    )
    audit = json.loads(shop.must("history", "production", "--audit", "--output", "json"))
    assert (audit["entries"][0]["command"], audit["entries"][0]["reason"]) == (
        "promote r2 from uat --force past chain",
        "the customer waits",
    )
    shop.must("rollback", "production", "--reason", "not approved after all")
    assert shop.answer("production") == "1"


def test_a_release_that_does_not_come_up_goes_back_by_itself(shop: Shop) -> None:
    shop.version("broken", healthy=False)
    shop.must("release", "create")
    assert shop.ask_cache("staging", "SET", "word", "kept") == ["OK"]
    said = shop.refused("promote", "staging", "--timeout", "8")
    assert "did not come up in staging" in said
    assert "rolled back: staging runs r1 as before" in said
    assert shop.answer("staging") == "1"
    assert shop.ask_cache("staging", "GET", "word") == ["kept"]
    newest = json.loads(shop.must("history", "staging", "--output", "json"))["deployments"][0]
    assert (newest["release"], newest["outcome"]) == ("r3", "rolled back")
    assert json.loads(shop.must("ls", "--output", "json"))["environments"][-2]["release"] == "r1"
    names = shop.containers("staging")
    assert len([name for name in names if "-web-" in name]) == 2, names
    shop.version("2")


def test_a_rollback_with_data_brings_back_what_the_migration_changed(shop: Shop) -> None:
    assert shop.ask_cache("staging", "SET", "word", "before") == ["OK"]
    (ran,) = shop.ask_cache("staging", "GET", "migrations")
    shop.must("promote", "staging", "--release", "r2")
    assert int(shop.ask_cache("staging", "GET", "migrations")[0]) == int(ran) + 1, "migrations run once per deployment"
    assert shop.ask_cache("staging", "SET", "word", "after") == ["OK"]
    shop.must("rollback", "staging", "--with-data")
    assert shop.answer("staging") == "1"
    assert shop.ask_cache("staging", "GET", "word") == ["before"]
    shop.must("rollback", "staging", "--with-data")
    assert shop.answer("staging") == "2"
    assert shop.ask_cache("staging", "GET", "word") == ["after"], "what the way back replaced is put by, too"


def test_a_release_outlives_prunes_and_moved_tags(shop: Shop) -> None:
    """What the model's name means by now is another image: the release runs its own."""
    shown = json.loads(shop.must("release", "show", "r1", "--output", "json"))["release"]
    web = next(image for image in shown["images"] if image["services"] == ["web"])
    docker("tag", "redis:7", web["reference"])
    try:
        shop.must("destroy", "staging", "--yes")
        shop.must("promote", "staging", "--release", "r1")
        assert shop.image_ids("staging")["web"] == {web["id"]}
        assert shop.answer("staging") == "1"
    finally:
        docker("tag", web["id"], web["reference"])
    held = docker("ps", "-a", "--filter", f"ancestor={web['kept']}", "--filter", "label=localenv.role=holder", "-q")
    assert len(held) == 1, "what keeps the image from image prune --all"


def test_a_release_that_is_needed_stays_and_another_goes_with_its_images(shop: Shop) -> None:
    assert "is needed by" in shop.refused("release", "rm", "r1")
    shop.version("made for nothing")
    made = json.loads(shop.must("release", "create", "--output", "json"))["release"]
    web = next(image for image in made["images"] if image["services"] == ["web"])
    shop.must("release", "rm", made["name"])
    assert made["name"] not in {each["name"] for each in json.loads(shop.must("release", "ls", "--output", "json"))["releases"]}
    assert docker("image", "ls", "-q", web["kept"]) == []
    assert docker("ps", "-aq", "--filter", f"name=localenv-kept-{shop.own.owner()}-{web['kept'].rpartition(':')[2]}") == []
    again = json.loads(shop.must("release", "create", "--output", "json"))["release"]["name"]
    assert again == f"r{int(made['name'][1:]) + 1}", "a number is never given twice"
    shop.version("2")


def test_a_check_that_fails_closes_the_gate_and_says_why(shop: Shop) -> None:
    (shop.directory / "localenv.yaml").write_text(
        'project: shop\nchecks:\n  wrong: {service: cache, command: [sh, -c, "echo no orders for $CACHE_TOKEN; exit 4"]}\n'
    )
    result = shop.own.run("check", "development", cwd=shop.directory)
    assert result.exit_code == 1
    assert "no orders for ***" in result.said
    said = shop.refused("promote", "staging")
    assert "check wrong: ended with 4" in said


def test_checks_in_the_target_run_before_the_switch_in_the_releases_own_images(shop: Shop) -> None:
    (shop.directory / "localenv.yaml").write_text("project: shop\ntiers:\n  staging: {gates: [checks in staging]}\n")
    now = shop.answer("staging")
    release = "r1" if now == "2" else "r2"
    document = json.loads(shop.must("promote", "staging", "--release", release, "--output", "json"))
    assert [(gate["gate"], gate["passed"]) for gate in document["gates"]] == [("chain", True), ("check answers", True)]
    assert shop.answer("staging") != now


def test_a_changed_line_of_the_audit_log_is_found(shop: Shop) -> None:
    """The last test here: the log stays broken."""
    said = json.loads(shop.own.run("doctor", "--output", "json", cwd=shop.directory).stdout)
    assert next(each for each in said["findings"] if each["subject"] == "audit")["state"] == "ok"
    connection = sqlite3.connect(Path(shop.own.home) / "ledger.sqlite")
    connection.execute("drop trigger audit_is_append_only_update")
    connection.execute("update audit set actor = 'nobody' where number = 1")
    connection.commit()
    connection.close()
    said = json.loads(shop.own.run("doctor", "--output", "json", cwd=shop.directory).stdout)
    found = next(each for each in said["findings"] if each["subject"] == "audit")
    assert (found["state"], "changed or is missing" in found["message"]) == ("mend", True)
    assert json.loads(shop.must("history", "--audit", "--output", "json"))["broken_at"] is not None
