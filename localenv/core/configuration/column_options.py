"""The generators that a column can have, and what may stand behind each one's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from localenv.core.configuration.durations import parse_duration
from localenv.core.configuration.problems import nearest
from localenv.core.documents import Path
from localenv.core.patterns import parse_pattern
from localenv.core.row_templates import parse_row_template
from localenv.errors import InvalidInput

__all__ = ["GENERATORS", "Fault", "Generator", "told"]

Check = Callable[[Any], str | None]
"""What is wrong with a value, in the words after ``expected``; ``None`` when nothing is."""

_MOST: Final = 1_000_000
_RESERVED: Final = re.compile(r"^([a-z0-9-]+\.)*([a-z0-9-]+\.(test|example|invalid|localhost)|example\.(com|net|org))$")
"""Nobody gets mail there (RFC 2606, RFC 6761)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong below a column."""

    path: Path
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """What a generator takes."""

    example: str
    options: Mapping[str, Check] = field(default_factory=dict)
    value: Check | None = None
    """Takes something else than a mapping of options."""
    needed: bool = False
    """Its name alone says too little."""

    def faults(self, inner: Any) -> Iterator[Fault]:
        """What is wrong with what stands behind its name."""
        if inner is None:
            yield from [Fault((), "says nothing")] if self.needed else []
        elif isinstance(inner, Mapping) and self.options:
            yield from self._option_faults(inner)
        elif self.value is not None:
            wrong = self.value(inner)
            yield from [Fault((), f"expected {wrong}, got {told(inner)}")] if wrong else []
        elif self.options:
            yield Fault((), f"expected a mapping of {', '.join(self.options)}, got {told(inner)}")
        else:
            yield Fault((), "takes no options")

    def _option_faults(self, inner: Mapping[Any, Any]) -> Iterator[Fault]:
        for key, each in inner.items():
            if key not in self.options:
                close = nearest(str(key), self.options)
                yield Fault((str(key),), "unknown option", f"nearest: {close}" if close else f"known: {', '.join(self.options)}")
            elif wrong := self.options[key](each):
                yield Fault((str(key),), f"expected {wrong}, got {told(each)}")
        for low, high in (("min", "max"), ("from", "to")):
            if low in inner and high in inner and _comparable(inner[low], inner[high]) and inner[low] > inner[high]:
                yield Fault((low,), f"{inner[low]} is above {high}, {inner[high]}")


def told(value: Any) -> str:
    """A value as an error shows it."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else ascii(value)[:60]


def _comparable(one: Any, other: Any) -> bool:
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return numbers or (isinstance(one, str) and isinstance(other, str) and len(one) == len(other))


def _whole(value: Any) -> str | None:
    return None if isinstance(value, int) and not isinstance(value, bool) else "a whole number"


def _count(value: Any) -> str | None:
    right = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST
    return None if right else f"a whole number from 0 to {_MOST}"


def _number(value: Any) -> str | None:
    return None if isinstance(value, int | float) and not isinstance(value, bool) else "a number"


def _rate(value: Any) -> str | None:
    right = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    return None if right else "a number from 0 to 1"


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) and value else "text"


def _scalar(value: Any) -> str | None:
    return None if isinstance(value, str | int | float | bool) else "a text, a number, true or false"


def _moment(value: Any) -> str | None:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return "a date such as 2024-01-31 or 2024-01-31T12:00:00"
    return None


def _clock(value: Any) -> str | None:
    right = isinstance(value, str) and re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?", value)
    return None if right else "a time such as 08:30"


def _duration(value: Any) -> str | None:
    try:
        parse_duration(value)
    except (InvalidInput, TypeError):
        return "a duration such as 90s, 12h or 30d"
    return None


def _day(value: Any) -> str | None:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return _moment(value)
    return None


def _template(value: Any) -> str | None:
    if not isinstance(value, str) or not value:
        return "a text with fields such as {row:06d} and {other_column}"
    try:
        parse_row_template(value)
    except InvalidInput as error:
        return f"a text with fields ({error.message})"
    return None


def _domain(value: Any) -> str | None:
    right = isinstance(value, str) and _RESERVED.search(value)
    return None if right else "a domain that is reserved for tests, such as example.test or shop.example"


def _pattern(value: Any) -> str | None:
    if not isinstance(value, str):
        return "a pattern"
    try:
        parse_pattern(value)
    except InvalidInput as error:
        return f"a pattern of characters, [classes], (a|b) and {{n,m}} ({error.message})"
    return None


def _choice(value: Any) -> str | None:
    weights = value.values() if isinstance(value, Mapping) else ()
    if any(_number(weight) or weight < 0 for weight in weights) or (isinstance(value, Mapping) and not sum(weights) > 0):
        return "a weight of 0 or more for each value"
    fine = isinstance(value, Mapping) or (isinstance(value, list) and value and not any(map(_scalar, value)))
    return None if fine and value else "a list of values, or a mapping from values to weights"


def _reference(value: Any) -> str | None:
    if isinstance(value, Mapping):
        known = (
            set(value) == {"by", "map"} and isinstance(value["by"], str) and isinstance(value["map"], Mapping) and value["map"]
        )
        return None if known and not any(map(_reference, value["map"].values())) else "{by: column, map: {value: table.column}}"
    right = isinstance(value, str) and "." in value.strip(".") and value == value.strip(".")
    return None if right else "table.column"


def _nested(value: Any) -> str | None:
    return None if isinstance(value, Mapping | list) and value else "a mapping or a list of columns"


def _anything(_: Any) -> str | None:
    return None


_MOMENTS: Final[Mapping[str, Check]] = {"from": _day, "to": _day, "after": _text, "within": _duration}
GENERATORS: Final[Mapping[str, Generator]] = {
    "sequence": Generator(example="sequence: {start: 1, step: 1}", options={"start": _whole, "step": _whole, "per": _text}),
    "uuid": Generator(example="uuid"),
    "integer": Generator(example="integer: {min: 1, max: 99}", options={"min": _whole, "max": _whole}),
    "decimal": Generator(
        example="decimal: {min: 1, max: 99.99, scale: 2}", options={"min": _number, "max": _number, "scale": _count}
    ),
    "float": Generator(example="float: {min: 0, max: 1}", options={"min": _number, "max": _number}),
    "boolean": Generator(example="boolean: {true_rate: 0.9}", options={"true_rate": _rate}),
    "email": Generator(example="email: {domain: example.test}", options={"domain": _domain}),
    "text": Generator(example="text: {length: 200}", options={"length": _count}),
    "date": Generator(example="date: {from: 2024-01-01, to: 2025-06-30}", options=_MOMENTS),
    "timestamp": Generator(example="timestamp: {from: 2024-01-01, to: 2025-06-30}", options=_MOMENTS),
    "time": Generator(example="time: {from: 08:00, to: 18:00}", options={"from": _clock, "to": _clock}),
    "interval": Generator(example="interval: {from: 1h, to: 30d}", options={"from": _duration, "to": _duration}),
    "choice": Generator(example="choice: {a: 0.7, b: 0.3}", value=_choice, needed=True),
    "constant": Generator(example="constant: 1", value=_scalar, needed=True),
    "template": Generator(example='template: "SKU-{row:06d}"', value=_template, needed=True),
    "pattern": Generator(example='pattern: "[A-Z]{3}-[0-9]{4}"', value=_pattern, needed=True),
    "json": Generator(example="json: {name: full_name}", value=_nested, needed=True),
    "bytes": Generator(example="bytes: {length: 16}", options={"length": _count}),
    "array": Generator(
        example="array: {of: word, min: 0, max: 3}", options={"of": _anything, "min": _count, "max": _count}, needed=True
    ),
    "copy": Generator(example="copy: other_column", value=_text, needed=True),
    "references": Generator(example="references: table.column", value=_reference, needed=True),
    "parent": Generator(example="parent: {of: customer_id, column: name}", options={"of": _text, "column": _text}, needed=True),
    "default": Generator(example="default"),
    "null": Generator(example="null"),
    **{
        name: Generator(example=name)
        for name in [
            "full_name",
            "first_name",
            "last_name",
            "user_name",
            "phone",
            "company",
            "job",
            "street_address",
            "city",
            "state",
            "postcode",
            "country",
            "country_code",
            "locale",
            "language",
            "currency",
            "time_zone",
            "word",
            "sentence",
            "paragraph",
            "slug",
            "title",
            "url",
            "host",
            "ipv4",
            "ipv6",
            "mac",
            "user_agent",
            "color",
            "file_name",
            "mime_type",
            "card_number",
            "iban",
            "product_name",
        ]
    },
}
"""By name."""
