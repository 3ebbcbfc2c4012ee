"""Problems of files: where each one is and what mends it, all told in one error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from localenv.errors import InvalidInput
from localenv.values import dataclass

__all__ = ["Problem", "nearest", "raise_problems"]

_TOLD_AT_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing in a file that cannot be used."""

    where: str
    """``file:line:column``."""
    path: str
    """Dotted path inside the file; empty for the whole of it."""
    message: str
    hint: str | None = None
    """One short clause: the nearest known key, the spelling that works."""

    @property
    def text(self) -> str:
        """Path and message, without the place."""
        return f"{self.path}: {self.message}" if self.path else self.message


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like ``word``, when one is alike enough to be meant."""
    import difflib

    close = difflib.get_close_matches(word.lower(), {name.lower(): name for name in known}, n=1, cutoff=0.6)
    return next((name for name in known if close and name.lower() == close[0]), None)


def raise_problems(problems: Sequence[Problem], *, what: str = "the configuration") -> None:
    """Raise one ``InvalidInput`` that tells every problem; do nothing when there is none."""
    if not problems:
        return
    first = problems[0]
    if len(problems) == 1:
        raise InvalidInput(first.text, where=first.where, hints=(first.hint,) if first.hint else ())
    details = [_line(problem) for problem in problems[:_TOLD_AT_MOST]]
    if (more := len(problems) - _TOLD_AT_MOST) > 0:
        details.append(f"and {more} more")
    raise InvalidInput(f"{len(problems)} things in {what} cannot be used", where=first.where, details=tuple(details))


def _line(problem: Problem) -> str:
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"{problem.where}  {problem.text}{hint}"
