"""Names that a project gives to its services and the rest: what Compose takes, told with the place where one is wrong."""

from __future__ import annotations

import re
from typing import Final

from localenv.core.documents import Document
from localenv.errors import InvalidInput

__all__ = ["check_names"]

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_SECTIONS: Final = ("services", "networks", "volumes", "secrets", "configs")
_LONGEST: Final = 200
"""Characters; container names of more than 255 are refused by engines, and they hold the project's too."""


def check_names(document: Document) -> None:
    """Raises ``InvalidInput`` for a name with other characters than letters, digits, ``.``, ``_`` and ``-``, or a long one."""
    root = document.value if isinstance(document.value, dict) else {}
    for section in _SECTIONS:
        entries = root.get(section)
        for name in entries if isinstance(entries, dict) else ():
            if not _NAME.fullmatch(name) or len(name) > _LONGEST:
                raise InvalidInput(
                    f"{name[:60]!a} cannot be a name under {section}: use letters, digits, . _ and -, at most {_LONGEST}",
                    where=document.where((section, name)),
                    code="invalid-name",
                )
