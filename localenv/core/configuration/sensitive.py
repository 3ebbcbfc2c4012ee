"""Which values a person may see: a variable's name tells whether its value is a secret."""

from __future__ import annotations

import re

__all__ = ["HIDDEN", "looks_secret", "shown_value"]

HIDDEN = "***"

_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)?|pwd|secret|token|credential|private|salt|signature|api_?key|access_?key|(^|_)(key|auth|dsn|cert)(_|$)",
    re.IGNORECASE,
)
_USER_INFO = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)(?P<user>[^/@:\s]*):[^@\s]*@")


def looks_secret(name: str) -> bool:
    """Whether a variable of this name is to be hidden: rather one too many than one too few."""
    return _SECRET_NAME.search(name) is not None


def shown_value(name: str, value: str) -> str:
    """``value`` as it may be printed: hidden when its name says so, without the password of a URL."""
    if looks_secret(name):
        return HIDDEN
    return _USER_INFO.sub(rf"\g<scheme>\g<user>:{HIDDEN}@", value)
