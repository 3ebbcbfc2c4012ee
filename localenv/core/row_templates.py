"""Texts with fields that each row fills: ``SKU-{row:06d}-{colour}``."""

from __future__ import annotations

import re
import string
from typing import Final

from localenv.errors import InvalidInput
from localenv.values import dataclass

__all__ = ["ROW", "RowTemplate", "parse_row_template"]

ROW: Final = "row"
"""The field that is the row's number, from 1."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_NUMBER_FORMAT: Final = re.compile(r"0?[0-9]{0,2}[dxX]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTemplate:
    """A template as ``str.format`` takes it, with numbered fields."""

    text: str
    """Field 0 is the row's number."""
    fields: tuple[str, ...]
    """Names of the other columns, from field 1 on."""


def parse_row_template(text: str) -> RowTemplate:
    """Read ``{row}``, ``{row:06d}`` and ``{column}``. Raises ``InvalidInput`` for anything else in braces."""
    made: list[str] = []
    names: list[str] = []
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise InvalidInput(f"{text[:60]!a} is no template: {error}") from error
    for literal, name, form, conversion in parts:
        made.append(literal.replace("{", "{{").replace("}", "}}"))
        if name is None:
            continue
        if not _NAME.fullmatch(name) or conversion or not _NUMBER_FORMAT.fullmatch(form or ""):
            raise InvalidInput(f"{{{name}}} is no field: write {{row}}, {{row:06d}} or {{other_column}}")
        if name == ROW:
            made.append(f"{{0:{form}}}" if form else "{0}")
        elif form:
            raise InvalidInput(f"{{{name}:{form}}}: only {{row}} takes a format")
        else:
            names += [name] if name not in names else []
            made.append(f"{{{names.index(name) + 1}}}")
    return RowTemplate(text="".join(made), fields=tuple(names))
