"""Previews and the branches that they show: what each is called, and what makes the one set match the other. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from localenv.core.names import slugify
from localenv.values import dataclass

__all__ = [
    "Preview",
    "PreviewAction",
    "PreviewStep",
    "WantedBranch",
    "as_moment",
    "is_expired",
    "later",
    "outlived",
    "preview_name",
    "sync_steps",
]

PreviewAction = Literal["create", "update", "keep", "skip", "remove"]
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedBranch:
    """A branch that is to have a preview."""

    branch: str
    commit: str
    reference: str = ""
    """Its full name, where it can be asked again what it is at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A preview that is there."""

    name: str
    branch: str
    """Empty where it shows a commit that no branch moves."""
    commit: str | None
    """What it shows; ``None``: it never came up."""
    expires: str | None
    """RFC 3339, UTC."""
    whole: bool = True
    """Whether it runs, or a person stopped it; otherwise it is brought up again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewStep:
    """What is done about one preview, and why."""

    action: PreviewAction
    name: str
    branch: str
    cause: str
    commit: str | None = None
    """To be shown from now on."""
    reference: str = ""
    """Full name of the branch, where it can be asked again what it is at."""


def preview_name(branch: str, taken: Collection[str]) -> str:
    """A slug of the branch that nothing else has: one that is taken, also by a tier, carries a hash of the branch."""
    plain = slugify(branch)
    if plain not in taken:
        return plain
    count = 0
    while (name := slugify(f"{branch}{f' {count}' if count else ''}", unique=True)) in taken:
        count += 1
    return name


def sync_steps(
    wanted: Sequence[WantedBranch],
    there: Sequence[Preview],
    *,
    gone: Mapping[str, str],
    expired: Mapping[str, str],
    taken: Collection[str],
    now: datetime,
) -> tuple[PreviewStep, ...]:
    """One step for each branch that is wanted and each preview that is there, removals first.

    ``gone``: why a branch is not wanted any more; one that is in neither was not named. ``expired``: commit by branch
    of previews whose time was up: they come back with the next commit. ``taken``: names that no preview may get.
    """
    commits = {branch.branch: branch.commit for branch in wanted}
    references = {branch.branch: branch.reference for branch in wanted}
    removed = tuple(_removals(there, commits, gone, now))
    leaving = {step.name for step in removed}
    known = {preview.branch: preview for preview in there if preview.name not in leaving}
    out = {preview.branch: preview.commit for preview in there if preview.name in leaving}
    names = {*taken, *(preview.name for preview in there)}
    rest: list[PreviewStep] = []
    for branch, commit in sorted(commits.items()):
        if branch in known:
            rest.append(replace(_held_to(known[branch], commit), reference=references[branch]))
        elif commit in {expired.get(branch), out.get(branch)}:
            if branch not in out:
                cause = "its time was up; a new commit or preview create brings it back"
                rest.append(PreviewStep(action="skip", name="", branch=branch, cause=cause))
        else:
            name = preview_name(branch, names)
            names.add(name)
            step = PreviewStep(action="create", name=name, branch=branch, cause="it has no preview", commit=commit)
            rest.append(replace(step, reference=references[branch]))
    return (*removed, *rest)


def outlived(there: Iterable[Preview], gone: Mapping[str, str], now: datetime) -> tuple[PreviewStep, ...]:
    """Removals of previews whose branch is ``gone``, by branch why, or whose time is up."""
    return tuple(_removals(there, {preview.branch: "" for preview in there if preview.branch not in gone}, gone, now))


def is_expired(expires: str | None, now: datetime) -> bool:
    """Whether a moment (RFC 3339, UTC) has passed; never, where there is none."""
    return expires is not None and expires <= as_moment(now)


def later(expires: str | None, now: datetime, life: timedelta | None) -> str | None:
    """The end of a ``life`` that begins now, or the present end where that is later. ``None``: until removed."""
    if life is None:
        return None
    end = as_moment(now + life)
    return end if expires is None else max(expires, end)


def as_moment(moment: datetime) -> str:
    """RFC 3339, UTC, to the second: such texts are ordered as the moments are."""
    return moment.strftime(_MOMENT)


def _removals(
    there: Iterable[Preview], wanted: Mapping[str, str], gone: Mapping[str, str], now: datetime
) -> Iterator[PreviewStep]:
    for preview in sorted(there, key=lambda preview: preview.name):
        moved = wanted.get(preview.branch, "") not in {"", preview.commit}
        if preview.branch not in wanted:
            cause = gone.get(preview.branch, "its branch is not among those that were named")
        elif is_expired(preview.expires, now) and not moved:
            cause = f"its time was up at {preview.expires}"
        else:
            continue
        yield PreviewStep(action="remove", name=preview.name, branch=preview.branch, cause=cause)


def _held_to(preview: Preview, commit: str) -> PreviewStep:
    if preview.commit == commit and preview.whole:
        return PreviewStep(action="keep", name=preview.name, branch=preview.branch, cause="as it is", commit=commit)
    if preview.commit is None:
        cause = "it did not come up so far"
    elif preview.commit == commit:
        cause = "it does not run"
    else:
        cause = f"its branch was at {preview.commit[:_SHOWN]}"
    return PreviewStep(action="update", name=preview.name, branch=preview.branch, cause=cause, commit=commit)
