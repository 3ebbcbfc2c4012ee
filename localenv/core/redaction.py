"""Masking secret values in what containers say, before anything of it is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from localenv.core.wanted import InjectedFile, Model

__all__ = ["is_secret_name", "redactor", "secret_files"]

_SECRET_NAME = re.compile(r"PASS(WORD|WD|PHRASE)?|SECRET|TOKEN|CREDENTIAL|PRIVATE|API_?KEY|(^|_)KEY$|DSN|_AUTH$", re.IGNORECASE)
_SHORTEST = 4
"""Characters; a shorter value would mask half of every line."""
_SHORTEST_LINE = 8
"""Characters of a line that is masked by itself."""


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name holds a secret, as far as names tell."""
    return bool(_SECRET_NAME.search(name))


def secret_files(model: Model) -> tuple[str, ...]:
    """Paths of the files that services get as secrets."""
    entries = (model.get("secrets") or {}).values()
    return tuple(str(entry["file"]).replace("$$", "$") for entry in entries if isinstance(entry, Mapping) and entry.get("file"))


def redactor(model: Model, injected: Iterable[InjectedFile] = (), contents: Iterable[bytes] = ()) -> Callable[[str], str]:
    """Return a function that replaces every secret value of an environment by ``***``.

    ``model`` and ``injected`` are its services' definitions and files, ``contents`` those of ``secret_files``.
    """
    files = (*(file.content for file in injected), *contents)
    found = {*_secret_variables(model), *(text for content in files for text in _texts(content))}
    values = sorted((value for value in found if len(value) >= _SHORTEST), key=len, reverse=True)
    if not values:
        return lambda text: text
    pattern = re.compile("|".join(re.escape(value) for value in values))
    return lambda text: pattern.sub("***", text)


def _texts(content: bytes) -> Iterator[str]:
    """A file's whole text, and its longer lines: a log may hold one of them."""
    text = content.decode("utf-8", "replace").strip()
    yield text
    yield from (line.strip() for line in text.splitlines() if len(line.strip()) >= _SHORTEST_LINE)


def _secret_variables(model: Model) -> Iterator[str]:
    for definition in (model.get("services") or {}).values():
        for name, value in (definition.get("environment") or {}).items():
            if isinstance(value, str) and is_secret_name(name):
                yield value.replace("$$", "$")
