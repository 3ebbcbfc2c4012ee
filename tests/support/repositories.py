"""Git repositories for tests: made without anything that the machine configures for git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

__all__ = ["Repo", "repo"]

_VARIABLES = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@localhost",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@localhost",
    "GIT_ALLOW_PROTOCOL": "file",
}


class Repo:
    """A working tree with its repository."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def git(self, *arguments: str, stdin: bytes | None = None) -> str:
        """Run git; return what it prints, without the last line end."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={**{k: v for k, v in os.environ.items() if not k.startswith("GIT_")}, **_VARIABLES},
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return os.fsdecode(done.stdout).removesuffix("\n")

    def commit(self, files: dict[str, str | bytes] | None = None, message: str = "Change") -> str:
        """Write files, commit everything, return the commit."""
        for name, content in (files or {}).items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str, files: dict[str, str | bytes] | None = None) -> str:
        """Make a branch from ``main`` by its full name, whatever its name, with a commit of these files; stay on main."""
        self.git("checkout", "--quiet", "--detach", "main")
        commit = self.commit(files or {f"of-{abs(hash(name))}": name}, f"Work on {name}")
        self.git("update-ref", f"refs/heads/{name}", commit)
        self.git("checkout", "--quiet", "main")
        return commit


def repo(path: Path, files: dict[str, str | bytes] | None = None) -> Repo:
    """A repository with one commit on ``main``."""
    path.mkdir(parents=True, exist_ok=True)
    made = Repo(path)
    made.git("init", "--quiet", "--initial-branch=main")
    made.commit(files or {"readme": "hello\n"}, "Begin")
    return made
