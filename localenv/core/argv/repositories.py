"""Argument lists of git for a repository of localenv's own: the tour's. A project's own repository is never written to."""

from __future__ import annotations

__all__ = ["begin", "commit", "stage", "switch"]

_WHO = ("-c", "user.name=localenv", "-c", "user.email=localenv@localhost", "-c", "commit.gpgsign=false", "-c", "core.hooksPath=")


def begin(directory: str) -> tuple[str, ...]:
    return ("git", "init", "--quiet", "--initial-branch=main", "--", directory)


def stage(directory: str) -> tuple[str, ...]:
    return ("git", f"--git-dir={directory}/.git", f"--work-tree={directory}", "add", "--all", "--", ":/")


def commit(directory: str, message: str) -> tuple[str, ...]:
    place = (f"--git-dir={directory}/.git", f"--work-tree={directory}")
    return ("git", *place, *_WHO, "commit", "--quiet", "--allow-empty", f"--message={message}")


def switch(directory: str, branch: str, *, new: bool) -> tuple[str, ...]:
    """To a branch of this name, begun here when it is ``new``; the tour's own words, never an option."""
    made = ("--create",) if new else ()
    return ("git", f"--git-dir={directory}/.git", f"--work-tree={directory}", "switch", "--quiet", *made, branch)
