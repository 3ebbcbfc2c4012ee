"""Argument lists for the docker command line, where a person's terminal is handed over."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["exec_arguments"]


def exec_arguments(
    container: str,
    command: Sequence[str],
    *,
    terminal: bool,
    interactive: bool = True,
    user: str | None = None,
    workdir: str | None = None,
    variables: Sequence[str] = (),
) -> tuple[str, ...]:
    """``docker exec``: names in ``variables`` are handed over from the caller's environment or given as NAME=VALUE."""
    arguments = ["docker", "exec"]
    if interactive:
        arguments.append("--interactive")
    if terminal:
        arguments.append("--tty")
    if user:
        arguments.append(f"--user={user}")
    if workdir:
        arguments.append(f"--workdir={workdir}")
    arguments += [f"--env={variable}" for variable in variables]
    return (*arguments, "--", container, *command)
