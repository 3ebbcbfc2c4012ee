"""What the Docker engine can refuse."""

from __future__ import annotations

from localenv.errors import LocalenvError, Unavailable

__all__ = ["ForeignObject", "PortTaken"]


class ForeignObject(LocalenvError):
    """An object on the engine belongs to another installation, or to nobody: it is never touched."""

    code = "foreign-object"


class PortTaken(Unavailable):
    """A host port that a container was to publish is in use by something else. ``port`` is 0 when it is not known."""

    code = "port-taken"

    def __init__(self, message: str, *, port: int, hints: tuple[str, ...] = ()) -> None:
        super().__init__(message, hints=hints)
        self.port = port
