"""What goes wrong between localenv and the Compose plugin."""

from __future__ import annotations

from typing import ClassVar

from localenv.errors import InvalidInput, LocalenvError

__all__ = ["BuildFailed", "CreateFailed", "ModelInvalid"]


class ModelInvalid(InvalidInput):
    """Compose does not accept the project's files. ``path`` and ``variable`` say where, for who knows the lines."""

    code: ClassVar[str] = "compose-invalid"

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        variable: str | None = None,
        file: str | None = None,
        where: str | None = None,
        hints: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, where=where, hints=hints)
        self.path = path
        """Dotted, into the model: ``services.web.ports``."""
        self.variable = variable
        """Name of the variable that is at fault."""
        self.file = file
        """Absolute path of the file that is missing."""


class BuildFailed(LocalenvError):
    """An image could not be built; ``details`` are the last lines of the build."""

    code: ClassVar[str] = "build"


class CreateFailed(LocalenvError):
    """Compose could not create the containers; ``details`` are its last lines."""

    code: ClassVar[str] = "compose-create"
