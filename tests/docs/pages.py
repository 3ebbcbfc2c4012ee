"""The pages that a person reads, cut into their fenced blocks, each with what the comment above it asks for.

A comment on the line before a fence says what becomes of the block:

    <!-- file: DIRECTORY/PATH -->     written there, before what follows is run
    <!-- run: DIRECTORY -->           run there; `, exit 1` and `, any exit` may follow
    <!-- not run: REASON -->          read only
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

__all__ = ["ROOT", "Block", "blocks", "pages"]

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^\s*(```+)(\w*)\s*$")
_FILE = re.compile(r"file: ([\w.-]+)/(\S+)$")
_RUN = re.compile(r"run: ([\w.-]+)(?:, (?:exit (\d+)|(any exit)))?$")
_NOT_RUN = re.compile(r"not run: (.{10,})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block."""

    where: str
    """``docs/tiers.md:12``."""
    language: str
    text: str
    role: Literal["file", "run", "not run", "none"] = "none"
    directory: str = ""
    path: str = ""
    exit_code: int | None = 0
    """``None``: any."""
    reason: str = ""


def pages() -> list[Path]:
    """Every page written by hand; the reference is generated and held by its own test."""
    written = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md", ROOT / "compose/shop/README.md"]
    return [*written, *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path) -> Iterator[Block]:
    """The page's blocks in their order."""
    lines = page.read_text().splitlines()
    number = 0
    while number < len(lines):
        opening = _FENCE.match(lines[number])
        if opening is None:
            number += 1
            continue
        end = next(at for at in range(number + 1, len(lines)) if lines[at].strip() == opening[1])
        comment = lines[number - 1].strip() if number else ""
        yield _block(f"{page.relative_to(ROOT)}:{number + 1}", opening[2], "\n".join(lines[number + 1 : end]), comment)
        number = end + 1


def _block(where: str, language: str, text: str, comment: str) -> Block:
    said = comment.removeprefix("<!--").removesuffix("-->").strip() if comment.startswith("<!--") else ""
    if found := _FILE.match(said):
        return Block(where=where, language=language, text=text, role="file", directory=found[1], path=found[2])
    if found := _RUN.match(said):
        code = None if found[3] else int(found[2] or 0)
        return Block(where=where, language=language, text=text, role="run", directory=found[1], exit_code=code)
    if found := _NOT_RUN.match(said):
        return Block(where=where, language=language, text=text, role="not run", reason=found[1])
    return Block(where=where, language=language, text=text)
