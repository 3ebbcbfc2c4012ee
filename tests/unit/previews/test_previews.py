from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from localenv.core.names import checked_slug
from localenv.core.previews import Preview, WantedBranch, as_moment, later, outlived, preview_name, sync_steps

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
TIERS = frozenset({"development", "preview", "staging", "uat", "production"})


def steps(
    wanted: dict[str, str],
    *there: Preview,
    gone: dict[str, str] | None = None,
    expired: dict[str, str] | None = None,
) -> list[str]:
    found = sync_steps(
        [WantedBranch(branch=branch, commit=commit) for branch, commit in wanted.items()],
        there,
        gone=gone or {},
        expired=expired or {},
        taken=TIERS,
        now=NOW,
    )
    return [f"{step.action} {step.name or step.branch}: {step.cause}" for step in found]


def preview(branch: str, commit: str | None = "c1", *, expires: str | None = None, whole: bool = True) -> Preview:
    return Preview(name=branch, branch=branch, commit=commit, expires=expires, whole=whole)


def test_a_branch_without_preview_gets_one_and_one_that_is_there_is_kept() -> None:
    assert steps({"a": "c1", "b": "c1"}, preview("a")) == ["keep a: as it is", "create b: it has no preview"]


def test_a_moved_branch_and_a_preview_that_is_not_whole_are_brought_up_again() -> None:
    assert steps({"a": "c2"}, preview("a")) == ["update a: its branch was at c1"]
    assert steps({"a": "c1"}, preview("a", whole=False)) == ["update a: it does not run"]
    assert steps({"a": "c1"}, preview("a", None)) == ["update a: it did not come up so far"]


def test_a_branch_that_is_not_wanted_loses_its_preview_and_the_cause_is_told() -> None:
    assert steps({}, preview("a"), gone={"a": "main has all of its branch"}) == ["remove a: main has all of its branch"]
    assert steps({}, preview("a")) == ["remove a: its branch is not among those that were named"]


def test_time_that_is_up_ends_a_preview_until_the_next_commit() -> None:
    old = preview("a", expires="2026-05-04T12:00:00Z")
    assert steps({"a": "c1"}, old) == ["remove a: its time was up at 2026-05-04T12:00:00Z"]
    assert steps({"a": "c2"}, old) == ["update a: its branch was at c1"]
    assert steps({"a": "c1"}, expired={"a": "c1"}) == ["skip a: its time was up; a new commit or preview create brings it back"]
    assert steps({"a": "c2"}, expired={"a": "c1"}) == ["create a: it has no preview"]
    assert steps({"a": "c1"}, preview("a", expires="2026-05-04T12:00:01Z")) == ["keep a: as it is"]


def test_branches_of_one_slug_and_of_a_tiers_name_get_names_of_their_own() -> None:
    names = [line.partition(":")[0] for line in steps({"feature/x": "c", "feature-x": "c", "staging": "c"})]
    assert len(set(names)) == 3
    assert names[0] == "create feature-x"
    assert names[1].startswith("create feature-x-")
    assert names[2].startswith("create staging-")


def test_a_name_that_a_leaving_preview_has_is_not_given_away_in_the_same_call() -> None:
    found = steps({"a/b": "c"}, Preview(name="a-b", branch="a b", commit="c", expires=None))
    assert found[0] == "remove a-b: its branch is not among those that were named"
    assert found[1] != "create a-b: it has no preview"


def test_pruning_makes_nothing() -> None:
    there = (
        preview("a"),
        preview("b"),
        preview("c", expires="2026-05-04T11:00:00Z"),
        preview("", expires="2026-01-01T00:00:00Z"),
    )
    found = outlived(there, {"b": "its branch is gone"}, NOW)
    assert [(step.action, step.branch, step.cause) for step in found] == [
        ("remove", "", "its time was up at 2026-01-01T00:00:00Z"),
        ("remove", "b", "its branch is gone"),
        ("remove", "c", "its time was up at 2026-05-04T11:00:00Z"),
    ]


def test_life_begins_anew_and_never_gets_shorter() -> None:
    day = timedelta(days=1)
    assert later(None, NOW, day) == "2026-05-05T12:00:00Z"
    assert later("2026-05-04T13:00:00Z", NOW, day) == "2026-05-05T12:00:00Z"
    assert later("2027-01-01T00:00:00Z", NOW, day) == "2027-01-01T00:00:00Z"
    assert later("2027-01-01T00:00:00Z", NOW, None) is None


@given(st.lists(st.text(min_size=1, max_size=60), unique=True, max_size=30))
def test_every_branch_has_a_name_of_its_own_that_is_a_slug(branches: list[str]) -> None:
    taken = set(TIERS)
    for branch in branches:
        name = preview_name(branch, taken)
        assert name not in taken
        assert checked_slug(name, what="a preview") == name
        taken.add(name)


@given(st.sets(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef")), st.sampled_from(["c1", "c2"]))
def test_a_sync_leaves_nothing_to_do_for_the_next_one(wanted: set[str], there: set[str], commit: str) -> None:
    commits = dict.fromkeys(wanted, commit)
    known = {branch: preview(branch, expires=as_moment(NOW + timedelta(hours=1))) for branch in there}
    first = sync_steps(
        [WantedBranch(branch=b, commit=c) for b, c in commits.items()],
        list(known.values()),
        gone={},
        expired={},
        taken=TIERS,
        now=NOW,
    )
    left = [preview(step.branch, step.commit) for step in first if step.action in {"create", "update", "keep"}]
    assert {each.branch for each in left} == wanted
    assert {line.split()[0] for line in steps(commits, *left)} <= {"keep"}
