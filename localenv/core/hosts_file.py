"""Lines for the hosts file (hosts(5)), for programs that do not resolve names under ``localhost`` by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from localenv.errors import InvalidInput

__all__ = ["hosts_in", "merge", "render"]

_BEGIN = "# >>> localenv "
_END = "# <<< localenv "


def hosts_in(exposures: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Hostnames of exposures as ``localenv.urls/1`` lists them, sorted."""
    found: set[str] = set()
    for exposure in exposures:
        found |= {str(exposure["host"])} if exposure.get("host") else set()
        for key in ("url", "service_url"):
            host = urlsplit(str(exposure.get(key) or "")).hostname
            found |= {host} if host else set()
    return tuple(sorted(found))


def render(hosts: Sequence[str], *, ipv6: bool) -> tuple[str, ...]:
    """One line per name and address; browsers and others try ``::1`` first."""
    addresses = ("127.0.0.1", "::1") if ipv6 else ("127.0.0.1",)
    return tuple(f"{address}\t{host}" for host in hosts for address in addresses)


def merge(text: str, lines: Sequence[str], *, keeper: str) -> str:
    """``text`` with exactly ``lines`` between the markers of ``keeper``, everything else byte for byte as it was.

    No lines remove the markers too. Raises ``InvalidInput`` when one marker of a pair is missing: what belongs to
    localenv cannot be told from what does not.
    """
    begin, end = f"{_BEGIN}{keeper}", f"{_END}{keeper}"
    before, rest = _until(text.splitlines(keepends=True), begin)
    _, after = _until(rest, end)
    if bool(rest) != bool(after):
        raise InvalidInput(f"the marker {end if rest else begin!r} is missing", hints=(f"remove the other one: {begin}",))
    if any(line.rstrip("\r\n") in {begin, end} for line in (*before, *after[1:])):
        raise InvalidInput(
            f"the markers of {keeper} stand there more than once or in the wrong order", hints=(f"remove {begin}",)
        )
    block = "".join(f"{line}\n" for line in (begin, *lines, end)) if lines else ""
    head = "".join(before)
    if block and head and not head.endswith("\n"):
        head += "\n"
    return head + block + "".join(after[1:])


def _until(lines: Sequence[str], marker: str) -> tuple[list[str], list[str]]:
    """Lines before the first ``marker``, and from it on."""
    for index, line in enumerate(lines):
        if line.rstrip("\r\n") == marker:
            return list(lines[:index]), list(lines[index:])
    return list(lines), []
