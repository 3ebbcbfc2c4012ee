"""What the engine's refusals mean. Its API has few status codes of its own, so some texts are read: here and nowhere else."""

from __future__ import annotations

import re

from localenv.errors import LocalenvError, NotFound, Unavailable
from localenv.errors.engine import PortTaken

__all__ = ["Busy", "Gone", "engine_failure", "unreachable"]

_TAKEN = re.compile(r"port is already allocated|address already in use|ports are not available|bind: ", re.IGNORECASE)
_HOST_PORT = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[?::[0-9a-f]*\]?|0\.0\.0\.0):(\d{1,5})\b(?!\.)")
_OVERLAP = re.compile(r"overlap|conflicts with network", re.IGNORECASE)
_ADDRESS_USED = re.compile(r"^.*Address already in use$|no available IPv4 addresses|invalid address", re.DOTALL)
_POOLS_USED = re.compile(r"non-overlapping IPv4 address pool|all predefined address pools", re.IGNORECASE)
_GOING = "is marked for removal"
"""The engine answers 403 or 500 to what is asked of a container that it is taking away (moby ``daemon/errors.go``)."""
_AS_ASKED = ("is not paused", "is already paused")
"""The engine answers 500 to these (moby ``daemon/unpause.go``), which say that it is as it was to be."""

NOT_FOUND = 404
CONFLICT = 409


class Gone(NotFound):
    """The object is not there (any more)."""

    code = "not-found"


class Busy(LocalenvError):
    """Something else is happening to the object, or something still uses it."""

    code = "busy"


def engine_failure(status: int, message: str, what: str) -> LocalenvError:
    """Name a refusal of the engine; ``what`` says what was asked of it."""
    text = f"{what}: {message.strip()}"
    return _by_text(message, text) or _by_status(status, text)


def _by_text(message: str, text: str) -> LocalenvError | None:
    if "no space left on device" in message:
        return Unavailable(text, code="disk-full", hints=("docker system df", "localenv ls"))
    if _POOLS_USED.search(message):
        return Unavailable(text, code="addresses-exhausted", hints=("docker network ls",))
    if _TAKEN.search(message) and (found := _HOST_PORT.search(message)):
        port = int(found[1])
        return PortTaken(f"host port {port} is taken ({text})", port=port, hints=(f"ss -ltnp sport = :{port}",))
    if _GOING in message:
        return Gone(text)
    if message.rstrip().endswith(_AS_ASKED):
        return Busy(text)
    if _OVERLAP.search(message) or _ADDRESS_USED.search(message):
        return LocalenvError(text, code="address-conflict", hints=("docker network ls",))
    return None


def _by_status(status: int, text: str) -> LocalenvError:
    if status == NOT_FOUND:
        return Gone(text)
    if status == CONFLICT:
        return Busy(text)
    return LocalenvError(text, code="engine-refused")


def unreachable(host: str, reason: str) -> Unavailable:
    """Return the error for an engine that does not answer."""
    if "Permission" in reason:
        hints: tuple[str, ...] = ("add yourself to the docker group: sudo usermod -aG docker $USER, then log in again",)
    else:
        hints = ("start Docker Desktop, or: sudo systemctl start docker", "docker info", "scripts/bootstrap")
    return Unavailable(f"the Docker engine at {host} cannot be reached: {reason}", code="engine-unreachable", hints=hints)
