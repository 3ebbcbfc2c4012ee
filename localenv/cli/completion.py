"""``localenv completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

__all__ = ["command"]

_INSTALL = {
    "bash": 'add to ~/.bashrc:  eval "$(localenv completion bash)"',
    "zsh": 'add to ~/.zshrc:  eval "$(localenv completion zsh)"',
    "fish": "localenv completion fish > ~/.config/fish/completions/localenv.fish",
}


@click.command("completion", epilog="\b\n" + "\n".join(_INSTALL.values()))
@click.argument("shell", type=click.Choice(sorted(_INSTALL)))
def command(shell: str) -> None:
    """Print the completion script of a shell."""
    from localenv.cli.main import cli

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(kind(cli, {}, "localenv", "_LOCALENV_COMPLETE").source())
