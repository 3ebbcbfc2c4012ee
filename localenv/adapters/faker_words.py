"""Word lists of many countries, from Faker. Values of data profiles hang on them, so its version is pinned exactly."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from localenv.core.configuration.problems import nearest
from localenv.errors import InvalidInput

if TYPE_CHECKING:
    from faker import Generator

__all__ = ["words"]

_SEED = 7
_DRAWS = 4096
_FALLBACK = "en_US"
_NAMES = {"state": "administrative_unit", "language": "language_name", "currency": "currency_code", "time_zone": "timezone",
          "color": "color_name"}  # fmt: skip


_ONE_AT_A_TIME = threading.Lock()
"""All kinds of a locale draw from one generator: services that are filled side by side took each other's draws."""


def words(kind: str, locale: str) -> Sequence[str]:
    """Texts of a kind, each once and always the same; English ones where a locale has none.

    Raises ``InvalidInput`` for a locale that does not exist.
    """
    with _ONE_AT_A_TIME:
        return _words(kind, locale)


@cache
def _words(kind: str, locale: str) -> Sequence[str]:
    make = _maker(kind, locale) or _maker(kind, _FALLBACK)
    if make is None:
        raise ValueError(kind)
    return tuple(dict.fromkeys(str(make()) for _ in range(_DRAWS)))


def _maker(kind: str, locale: str) -> Callable[[], Any] | None:
    generator = _generator(locale)
    generator.seed_instance(f"{_SEED} {kind}")
    found: Callable[[], Any] | None = getattr(generator, kind, None) or getattr(generator, _NAMES.get(kind, kind), None)
    return found


@cache
def _generator(locale: str) -> Generator:
    import faker
    from faker.config import AVAILABLE_LOCALES

    if locale not in AVAILABLE_LOCALES:
        close = nearest(locale, AVAILABLE_LOCALES)
        raise InvalidInput(
            f"there is no locale {locale[:40]!a}",
            hints=(f"nearest: {close}" if close else "examples: en_US, de_DE, fr_FR",),
            code="data-profile",
        )
    return faker.Factory.create(locale)
