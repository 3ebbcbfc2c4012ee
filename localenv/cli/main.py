"""The command group: knows every command's name and line of help, imports a command only when it is called."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from localenv import __version__
from localenv.cli.context import Context

__all__ = ["ENTRIES", "Entry", "cli"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of ``localenv --help``."""

    name: str
    group: str
    help: str


ENTRIES = (
    Entry("up", "Most used", "bring environments up, or make them what the files say"),
    Entry("ls", "Most used", "every environment: state, data, release, URL"),
    Entry("destroy", "Most used", "remove environments with their data"),
    Entry("init", "Environments", "write a commented localenv.yaml from what is there"),
    Entry("down", "Environments", "remove containers and networks, keep the data"),
    Entry("start", "Environments", "start a stopped environment"),
    Entry("stop", "Environments", "stop an environment, keep everything"),
    Entry("restart", "Environments", "stop and start services"),
    Entry("status", "Environments", "one environment in full"),
    Entry("urls", "Environments", "where its services answer"),
    Entry("open", "Environments", "open it in a browser"),
    Entry("logs", "Environments", "what its services print, merged"),
    Entry("exec", "Environments", "run a command in a running service"),
    Entry("run", "Environments", "run a command in a new container of a service"),
    Entry("watch", "Environments", "sync source changes (docker compose watch)"),
    Entry("diff", "Environments", "how two environments differ"),
    Entry("clone", "Data", "copies of an environment, with its data as it is now"),
    Entry("snapshot", "Data", "freeze, list, restore: create, ls, show, restore, rm"),
    Entry("data", "Data", "data profiles: ls, build, infer, reset"),
    Entry("gc", "Data", "free what no environment and no snapshot needs"),
    Entry("release", "Delivery", "what is built once and promoted: create, ls, show, rm"),
    Entry("promote", "Delivery", "bring a release to the next tier, through its gates"),
    Entry("approve", "Delivery", "a named person's word for what an environment runs"),
    Entry("rollback", "Delivery", "back to the release that ran before"),
    Entry("history", "Delivery", "what was promoted, approved, rolled back; the audit log"),
    Entry("check", "Delivery", "run the project's checks against an environment"),
    Entry("preview", "Previews", "an environment per branch: create, sync, ls, extend, rm, prune"),
    Entry("ci", "One-off", "an environment for the time of one command"),
    Entry("tiers", "Machine", "the tiers and their rules, side by side"),
    Entry("router", "Machine", "the router: up, down, status, logs"),
    Entry("ca", "Machine", "the certificate authority: path, install"),
    Entry("images", "Machine", "images and where they come from: ls, build, check"),
    Entry("doctor", "Machine", "check this machine and say how to mend it"),
    Entry("config", "Machine", "the effective configuration: show, check, schema"),
    Entry("demo", "Machine", "the demo shop in all five tiers"),
    Entry("repair", "Machine", "rebuild lost state from what runs"),
    Entry("hosts", "Machine", "hosts-file lines for what does not resolve *.localhost"),
    Entry("completion", "Machine", "completion script for bash, zsh or fish"),
)


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [entry.name for entry in ENTRIES]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if not any(entry.name == cmd_name for entry in ENTRIES):
            return None
        module = import_module(f"localenv.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.list_commands(ctx), n=1)
            if near:
                raise click.UsageError(f"no command {args[0]!r}; did you mean {near[0]!r}?", ctx) from error
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        for group in dict.fromkeys(entry.group for entry in ENTRIES):
            with formatter.section(group):
                formatter.write_dl([(entry.name, entry.help) for entry in ENTRIES if entry.group == group])


@click.command(
    cls=_LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="localenv %(version)s")
@click.option(
    "--directory",
    "-C",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Act as if started in this directory.",
)
@click.pass_context
def cli(context: click.Context, directory: Path | None) -> Any:
    """Run a team's cloud tiers on one machine, from the project's own Compose file.

    ENV is development unless another name is given.
    """
    told = context.ensure_object(Context)
    if directory is not None:
        told.directory = directory.absolute()
    if context.invoked_subcommand is None:
        overview = import_module("localenv.cli.overview")
        return context.invoke(overview.command)
    return None
