"""A project's name where localenv.yaml gives none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localenv.core.names import slugify

__all__ = ["may_name_project", "project_name"]

_NAME_KEY = re.compile(rb"""^(?:["']?name["']?\s*:|\{|\s*<<)""", re.MULTILINE)


def may_name_project(text: bytes) -> bool:
    """Whether a Compose file may have a ``name:`` at its top, told without parsing it."""
    return _NAME_KEY.search(text) is not None


def project_name(model: Any, file: str, directory: str) -> tuple[str, str]:
    """A slug and what it was taken from: ``name:`` of the parsed Compose file, else the directory's name.

    A name with a variable in it is passed over: its value is not known before Compose resolves the file.
    """
    named = model.get("name") if isinstance(model, Mapping) else None
    if isinstance(named, str) and named and "$" not in named:
        return slugify(named), f"name in {file}"
    return slugify(directory), "the directory's name"
