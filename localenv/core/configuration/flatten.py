"""The configuration as a list of values, each with its path and its origin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from localenv.core.configuration.effective import Effective
from localenv.core.configuration.merge import Origin
from localenv.core.configuration.sensitive import shown_value
from localenv.core.documents import Path, dotted
from localenv.values import dataclass

__all__ = ["ConfiguredValue", "configured_values", "printable_settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredValue:
    """One value as it counts. Values of variables that look like secrets are hidden already."""

    path: str
    """Dotted."""
    value: Any
    """Plain: text, number, truth, nothing, a list of those, or an empty mapping."""
    origin: Origin


def configured_values(effective: Effective) -> tuple[ConfiguredValue, ...]:
    """Every value in the order of the format; a mapping is taken apart, a list is one value."""
    return tuple(
        ConfiguredValue(path=dotted(path), value=value, origin=effective.origin(path))
        for path, value in _leaves(printable_settings(effective), ())
    )


def printable_settings(effective: Effective) -> dict[str, Any]:
    """The settings as plain values that may be printed."""
    plain: dict[str, Any] = msgspec.to_builtins(effective.settings)
    _hide(plain)
    for tier in plain["tiers"].values():
        _hide(tier)
    return plain


def _hide(holder: dict[str, Any]) -> None:
    holder["variables"] = {name: shown_value(name, value) for name, value in holder["variables"].items()}


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    else:
        yield path, list(value) if isinstance(value, tuple) else value
