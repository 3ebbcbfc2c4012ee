"""Errors as data: what, where and what to do. Nothing here prints or exits."""

from __future__ import annotations

from typing import ClassVar

__all__ = ["InvalidInput", "LocalenvError", "NotFound", "Unavailable"]


class LocalenvError(Exception):
    """An expected failure, told to a person in one paragraph or as the JSON of ``localenv.error/1``.

    ``message`` says what; ``details`` are further lines of it; ``where`` is ``file:line:column`` or
    ``None``; ``hints`` are commands or edits that mend it. ``code`` is stable and scripts may match it.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        details: tuple[str, ...] = (),
        hints: tuple[str, ...] = (),
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.details = details
        self.hints = hints
        self.code_of_case = code or self.code


class InvalidInput(LocalenvError):
    """A file or an argument says something that cannot be used."""

    code = "invalid-input"


class NotFound(LocalenvError):
    """What was named does not exist."""

    code = "not-found"


class Unavailable(LocalenvError):
    """Something that localenv needs is not there: the engine, a port, room on the disk."""

    code = "unavailable"
