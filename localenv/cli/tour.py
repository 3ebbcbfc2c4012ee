"""``localenv demo --tour``: the whole story, step by step, by the commands that a person would type."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from localenv.wiring.tour import TourFiles

__all__ = ["walk"]

_RULE = 78
_TEMPLATE = "src/shop/templates/front.html"
_WEB = "src/shop/web.py"


@dataclass(frozen=True, slots=True)
class _Step:
    title: str
    text: str
    acts: tuple[Callable[[], bool], ...]


def walk() -> int:
    """Walk through all steps; 0 when everything went as told. At a terminal each waits for Enter."""
    from localenv.wiring import tour as wiring

    files = wiring.begin()
    steps = list(_steps(files))
    well = True
    for number, step in enumerate(steps, 1):
        click.echo(f"\n{click.style(f'{number}/{len(steps)}  {step.title}', bold=True)}\n{'─' * _RULE}")
        click.echo(f"{step.text}\n")
        _pause()
        for act in step.acts:
            well = act() and well
    click.echo(f"\n  the tour's files stay in {files.directory}; all of it away again: localenv demo --down")
    return 0 if well else 1


def _pause() -> None:
    if sys.stdin.isatty() and sys.stdout.isatty():
        click.prompt(click.style("  Enter goes on", dim=True), default="", show_default=False, prompt_suffix=" ")


def _steps(files: TourFiles) -> Iterator[_Step]:
    def typed(*words: str, code: int = 0) -> Callable[[], bool]:
        return lambda: _typed(files, words, code)

    yield _Step(
        "Development",
        "The shop comes up from its own Compose file: its code is the working tree, and what is saved there is live.",
        (typed("up", "development"),),
    )
    yield _Step(
        "A release",
        "What was built is kept: image IDs and files as they are now. It never changes from here on.",
        (typed("release", "create", "--note", "the first"),),
    )
    yield _Step(
        "Staging, UAT, and a closed gate",
        "The same images go from tier to tier. Staging asks whether development is healthy and runs the project's checks. "
        "Production wants a named person's word first.",
        (typed("promote", "staging"), typed("promote", "uat"), typed("promote", "production", code=1)),
    )
    yield _Step(
        "Approval",
        "Somebody has looked at UAT and says so. The word is for this release, and void as soon as another one comes.",
        (typed("approve", "uat", "--as", "Ann", "--note", "the shelf looks right"), typed("promote", "production")),
    )
    yield _Step(
        "A change",
        "A developer edits the front page. Development shows it at once; the other tiers go on with what they have.",
        (
            lambda: _edited(files, _TEMPLATE, "<h2>This copy of the shop</h2>", "<h2>This very copy of the shop</h2>"),
            typed("up", "development"),
            typed("release", "create", "--note", "a new heading"),
            typed("diff", "r1", "r2"),
            typed("promote", "staging"),
            typed("promote", "uat"),
            typed("approve", "uat", "--as", "Ann", "--note", "much better"),
        ),
    )
    yield _Step(
        "Production is replaced while customers are there",
        "New replicas come up beside the old ones, enter the router when they are healthy, and only then do the old ones leave. "
        "Requests run all the while and are counted.",
        (lambda: _under_load(files, "production", fails=False),),
    )
    yield _Step(
        "A bad release",
        "This one ends as soon as it is started. It is let past the gates by force, and still nobody notices.",
        (
            lambda: _edited(
                files, _WEB, "from __future__ import annotations\n", "from __future__ import annotations\n\nraise SystemExit(1)\n"
            ),
            typed("release", "create", "--note", "broken"),
            lambda: _under_load(files, "production", fails=True),
            typed("history", "production"),
        ),
    )
    yield _Step(
        "A preview of a branch",
        "The mended code is on a branch. It gets an environment of its own for as long as it lives.",
        (
            lambda: _edited(files, _WEB, "\n\nraise SystemExit(1)\n", "\n"),
            lambda: _branched(files, "discount-7"),
            typed("preview", "create", "discount-7", "--data", "small"),
            typed("preview", "ls"),
        ),
    )
    yield _Step(
        "What there is now",
        "Five tiers, each with its release, and a history that says who did what.",
        (typed("ls"), typed("history")),
    )


def _typed(files: TourFiles, words: tuple[str, ...], code: int) -> bool:
    from localenv.cli.edge import main

    _show(shlex.join(words))
    ended = main(["-C", str(files.directory), *words])
    click.echo("")
    if ended != code:
        click.echo(click.style(f"  that should have ended with {code} and ended with {ended}", fg="red"), err=True)
    return ended == code


def _edited(files: TourFiles, path: str, old: str, new: str) -> bool:
    click.echo(click.style(f"  (edited: {path})\n", dim=True))
    files.replace(path, old, new)
    files.commit(f"change {path}")
    return True


def _branched(files: TourFiles, name: str) -> bool:
    files.branch(name, new=True)
    _edited(files, _TEMPLATE, "<h2>This very copy of the shop</h2>", "<h2>This copy of the shop, discounted</h2>")
    files.branch("main", new=False)
    return True


def _under_load(files: TourFiles, environment: str, *, fails: bool) -> bool:
    """Promote while requests run; whether none of them failed and it ended as it should."""
    from localenv.actions.promote import PromoteRequest
    from localenv.cli.render import delivery as render
    from localenv.cli.render import errors
    from localenv.cli.render.progress import display
    from localenv.errors import LocalenvError
    from localenv.wiring import delivery, tour

    forced = ("--release", "r3", "--force", "--reason", "to see what happens") if fails else ()
    _show(shlex.join(("promote", environment, *forced)))
    request = PromoteRequest(
        directory=str(files.directory),
        target=environment,
        release="r3" if fails else None,
        actor="tour",
        force=fails,
        reason="to see what happens" if fails else "",
        timeout=20.0 if fails else 300.0,
    )
    promoted = refused = None
    with display("text") as progress, tour.services(progress) as told, tour.load(told, environment, progress) as steady:
        try:
            promoted = delivery.promoted(told, request)
        except LocalenvError as error:
            refused = error
    if promoted is not None:
        render.tell_promoted(promoted, json_wanted=False, dry_run=False)
    if refused is not None:
        click.echo(errors.text(refused), err=True)
    colour = "green" if steady.failed == 0 else "red"
    told_failed = click.style(f"{steady.failed} failed", fg=colour, bold=True)
    click.echo(f"\n  {steady.requests:,} requests meanwhile, {told_failed}, the slowest {steady.slowest:.2f} s")
    return steady.failed == 0 and (refused is not None) == fails


def _show(words: str) -> None:
    click.echo(f"{click.style('$', dim=True)} {click.style(f'localenv {words}', bold=True)}")
