"""``.dockerignore``: which files of a build context Docker leaves out (Docker build reference, .dockerignore file)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["ignored_by"]


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    keeps: bool


def ignored_by(text: str) -> Callable[[str], bool]:
    """Return whether a path, relative to the context, is left out; the last rule that matches it or a parent decides.

    A folder is left out as a whole only when no later rule could bring something in it back.
    """
    rules = [rule for line in text.splitlines() if (rule := _rule(line)) is not None]
    brings_back = any(rule.keeps for rule in rules)

    def ignored(path: str) -> bool:
        verdict = False
        parts = path.split("/")
        parents = ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]
        for rule in rules:
            if any(rule.pattern.fullmatch(parent) for parent in parents):
                verdict = not rule.keeps
        return verdict and not brings_back

    return ignored


def _rule(line: str) -> _Rule | None:
    text = line.strip()
    if not text or text.startswith("#"):
        return None
    keeps = text.startswith("!")
    text = text.removeprefix("!").strip().strip("/")
    parts = [part for part in text.split("/") if part not in {"", "."}]
    # Folders of any number twice are such folders once; as patterns each would multiply the ways to match.
    text = "/".join(part for part, before in zip(parts, ["", *parts], strict=False) if (part, before) != ("**", "**"))
    return _Rule(re.compile(_regular(text)), keeps) if text else None


def _regular(pattern: str) -> str:
    """Go's ``filepath.Match`` with ``**`` for any number of folders."""
    found = ""
    position = 0
    while position < len(pattern):
        if pattern.startswith("**/", position):
            found += "(?:.*/)?"
            position += 3
        elif pattern.startswith("**", position):
            found += ".*"
            position += 2
        else:
            found += {"*": "[^/]*", "?": "[^/]"}.get(pattern[position], re.escape(pattern[position]))
            position += 1
    return found
