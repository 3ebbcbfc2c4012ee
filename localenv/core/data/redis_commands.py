"""Redis command files: each command is followed by a marker, so that an error names its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from localenv.core.data.clients import ClientError

__all__ = ["first_error", "persistence", "with_markers"]

_MARKER = "localenv:line:"
_FAILURES = ("ERR ", "WRONGTYPE ", "NOAUTH", "NOSCRIPT", "OOM ", "MISCONF ", "READONLY ", "(error)", "EXECABORT", "NOPERM")


def with_markers(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what goes to ``redis-cli``: comments and blank lines left out, an ECHO after each command."""
    for number, line in enumerate(lines, 1):
        command = line.strip()
        if command and not command.startswith(b"#"):
            yield command + b"\n" + f"ECHO {_MARKER}{number}\n".encode()


def first_error(output: str) -> ClientError | None:
    """Find the first reply that is an error, and the line of the command that it answers."""
    failed: str | None = None
    for line in output.splitlines():
        if line.startswith(_MARKER):
            if failed is not None:
                return ClientError(line=int(line.removeprefix(_MARKER)), message=failed)
        elif failed is None and line.startswith(_FAILURES):
            failed = line
    return ClientError(line=None, message=failed) if failed else None


def persistence(output: str) -> dict[str, str]:
    """Values by name of what ``INFO persistence`` prints."""
    return {name: value.strip() for name, colon, value in (line.partition(":") for line in output.splitlines()) if colon}
