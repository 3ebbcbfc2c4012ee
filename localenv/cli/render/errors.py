"""An error as a paragraph, and as ``localenv.error/1``."""

from __future__ import annotations

from typing import Any

from localenv.errors import LocalenvError

__all__ = ["document", "text"]


def text(error: LocalenvError) -> str:
    """``error: what``, then details, where and what to try, indented."""
    where = f"{error.where}: " if error.where else ""
    lines = [f"error: {where}{error.message}"]
    lines += [f"  {line}" if line else "" for line in error.details]
    lines += [f"  {hint}" if ":" in hint.split(" ")[0] else f"  try: {hint}" for hint in error.hints]
    return clean("\n".join(lines))


def document(error: LocalenvError) -> dict[str, Any]:
    """The object that ``--output json`` prints on failure."""
    return {
        "schema": "localenv.error/1",
        "code": error.code_of_case,
        "message": error.message,
        "details": list(error.details),
        "where": error.where,
        "hint": "; ".join(error.hints) or None,
        "exit_code": error.exit_code,
    }


def clean(words: str) -> str:
    """Without control characters: what comes from files and containers must not steer a terminal."""
    return "".join(letter if letter in "\n\t" or letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in words)
