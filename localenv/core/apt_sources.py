"""The machine's own apt entries for a Debian suite, so that an image is made from the same places. Pure.

The formats are those of ``sources.list(5)``: deb822 stanzas in ``.sources`` files, one line each in ``.list`` files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

__all__ = ["entries_for_suite"]

_LINE: Final = re.compile(r"deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<components>.+)")
_DEBIAN_KEYRING: Final = "/usr/share/keyrings/debian-archive-"
_POCKETS: Final = ("", "-updates", "-security")


def entries_for_suite(files: Mapping[str, str], suite: str) -> tuple[str, ...]:
    """One-line entries of ``suite``, its updates and its security fixes, signed with Debian's own keys.

    ``files``: the content of apt's source files by name. Empty when the machine has none, as on another release or
    distribution: the default places are right then. An entry signed by another key is left out, because that key is
    not in the image.
    """
    entries: dict[str, None] = {}
    for name, text in sorted(files.items()):
        stanzas = _deb822(text) if name.endswith(".sources") else _one_line(text)
        for uri, entry_suite, components, signer in stanzas:
            if entry_suite in {suite + pocket for pocket in _POCKETS} and _is_debians(signer):
                entries[f"deb {uri} {entry_suite} {components}"] = None
    return tuple(entries) if any(f" {suite} " in entry for entry in entries) else ()


def _is_debians(signer: str) -> bool:
    return not signer or signer.startswith(_DEBIAN_KEYRING)


def _one_line(text: str) -> Iterator[tuple[str, str, str, str]]:
    for raw in text.splitlines():
        if match := _LINE.fullmatch(raw.partition("#")[0].strip()):
            options = dict(option.partition("=")[::2] for option in (match["options"] or "").split())
            yield match["uri"], match["suite"], " ".join(match["components"].split()), options.get("signed-by", "")


def _deb822(text: str) -> Iterator[tuple[str, str, str, str]]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for stanza in re.split(r"\n[ \t]*\n", "\n".join(lines)):
        fields = dict(_fields(stanza.splitlines()))
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in {"no", "false", "0"}:
            continue
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield uri, suite, fields.get("components", ""), fields.get("signed-by", "")


def _fields(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    name, value = "", ""
    for line in lines:
        if line[:1] in {" ", "\t"}:
            value += " " + line.strip()
            continue
        if name:
            yield name, value
        name, _, value = line.partition(":")
        name, value = name.strip().lower(), value.strip()
    if name:
        yield name, value
