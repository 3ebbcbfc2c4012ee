"""Masking secret values in what containers say, before anything of it is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from localenv.core.wanted import Wanted

__all__ = ["is_secret_name", "redactor"]

_SECRET_NAME = re.compile(r"PASS(WORD|WD|PHRASE)?|SECRET|TOKEN|CREDENTIAL|PRIVATE|API_?KEY|(^|_)KEY$|DSN|_AUTH$", re.IGNORECASE)
_SHORTEST = 4
"""Characters; a shorter value would mask half of every line."""


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name holds a secret, as far as names tell."""
    return bool(_SECRET_NAME.search(name))


def redactor(wanted: Wanted) -> Callable[[str], str]:
    """Return a function that replaces every secret value of this environment by ``***``."""
    values = sorted({value for value in _secret_values(wanted) if len(value) >= _SHORTEST}, key=len, reverse=True)
    if not values:
        return lambda text: text
    pattern = re.compile("|".join(re.escape(value) for value in values))
    return lambda text: pattern.sub("***", text)


def _secret_values(wanted: Wanted) -> Iterator[str]:
    for service in wanted.services:
        for file in service.injected:
            yield file.content.decode("utf-8", "replace").strip()
        for name, value in _variables(wanted, service.name):
            if is_secret_name(name):
                yield value


def _variables(wanted: Wanted, service: str) -> Iterator[tuple[str, str]]:
    definition = (wanted.model.get("services") or {}).get(service) or {}
    for name, value in (definition.get("environment") or {}).items():
        if isinstance(value, str):
            yield name, value.replace("$$", "$")
