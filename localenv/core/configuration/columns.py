"""The column format of a data profile: a generator's name, or a mapping with one generator, its options and modifiers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any, Final

from localenv.core.configuration.column_options import GENERATORS, Fault, Generator, told
from localenv.core.configuration.problems import nearest
from localenv.core.documents import Path
from localenv.values import dataclass

__all__ = ["ColumnFormat", "Distribution", "column_faults", "parse_column"]

_MODIFIERS: Final = ("null_rate", "unique", "distribution", "differs")
_SHAPES: Final = ("uniform", "zipf", "normal", "exponential")
_ZIPF_EXPONENTS: Final = (0.1, 5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """How often each choice, number or parent is drawn."""

    shape: str = "uniform"
    exponent: float = 1.0
    """Of ``zipf``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFormat:
    """One column's values, as a profile asks for them."""

    generator: str
    value: Any = None
    """What stands behind the generator's name when it is no mapping of options: ``choice``, ``constant``, ``references``..."""
    options: Mapping[str, Any] = field(default_factory=dict)
    null_rate: float = 0.0
    unique: bool = False
    distribution: Distribution | None = None
    differs: str | None = None
    """A column that refers to the same table, to another row of it in each row."""
    path: Path = ()
    """Where it stands in the profile."""


def parse_column(value: Any, path: Path = ()) -> ColumnFormat:
    """The format that ``column_faults`` found nothing wrong with."""
    name, inner, modifiers = _split(value)
    generator = GENERATORS[name]
    options, plain = (inner, None) if isinstance(inner, Mapping) and generator.options else ({}, inner)
    shape = modifiers.get("distribution")
    return ColumnFormat(
        generator=name,
        value=plain,
        options=options or {},
        null_rate=float(modifiers.get("null_rate", 0.0)),
        unique=bool(modifiers.get("unique", False)),
        distribution=_distribution(shape) if shape is not None else None,
        differs=modifiers.get("differs"),
        path=path,
    )


def column_faults(value: Any) -> Iterator[Fault]:
    """Everything that is wrong with a column's value; paths are relative to it."""
    if isinstance(value, str):
        yield from _named(value)
    elif not isinstance(value, Mapping):
        yield Fault((), f"expected a generator, got {told(value)}", "examples: full_name, {integer: {min: 1, max: 9}}")
    else:
        yield from _modifier_faults(value)
        names = [key for key in value if key not in _MODIFIERS]
        if len(names) == 1 and names[0] in GENERATORS:
            yield from _generator_faults(str(names[0]), GENERATORS[names[0]], value[names[0]])
        elif len(names) == 1:
            yield from (Fault((str(names[0]),), fault.message, fault.hint) for fault in _unknown(str(names[0])))
        else:
            listed = ", ".join(map(str, names)) or "none"
            yield Fault((), f"expected one generator, got {listed}", f"beside it may stand: {', '.join(_MODIFIERS)}")


def _split(value: Any) -> tuple[str, Any, Mapping[str, Any]]:
    if isinstance(value, str):
        return value, None, {}
    name = next(key for key in value if key not in _MODIFIERS)
    return name, value[name], value


def _named(name: str) -> Iterator[Fault]:
    if name not in GENERATORS:
        yield from _unknown(name)
    elif GENERATORS[name].needed:
        yield Fault((), f"{name} needs more than its name", f"write: {GENERATORS[name].example}")


def _unknown(name: str) -> Iterator[Fault]:
    close = nearest(name, GENERATORS)
    yield Fault((), f"there is no generator {name[:60]!a}", f"nearest: {close}" if close else "see docs/data-profiles.md")


def _generator_faults(name: str, generator: Generator, inner: Any) -> Iterator[Fault]:
    for fault in generator.faults(inner):
        yield Fault((name, *fault.path), fault.message, fault.hint or f"write: {generator.example}")
    for path, nested in _nested(name, inner):
        for fault in column_faults(nested):
            yield Fault((name, *path, *fault.path), fault.message, fault.hint)


def _nested(name: str, inner: Any) -> Iterator[tuple[Path, Any]]:
    """Column formats inside a column format."""
    if name == "json" and isinstance(inner, Mapping):
        yield from (((str(key),), each) for key, each in inner.items())
    elif name == "json" and isinstance(inner, list):
        yield from (((index,), each) for index, each in enumerate(inner))
    elif name == "array" and isinstance(inner, Mapping) and "of" in inner:
        yield ("of",), inner["of"]


def _modifier_faults(value: Mapping[str, Any]) -> Iterator[Fault]:
    checks: dict[str, Callable[[Any], Fault | None]] = {
        "null_rate": _rate_fault,
        "unique": lambda each: None if isinstance(each, bool) else Fault((), f"expected true or false, got {told(each)}"),
        "distribution": _distribution_fault,
        "differs": lambda each: None if isinstance(each, str) and each else Fault((), f"expected a column, got {told(each)}"),
    }
    for key, check in checks.items():
        fault = check(value[key]) if key in value else None
        if fault is not None:
            yield Fault((key, *fault.path), fault.message, fault.hint)


def _rate_fault(value: Any) -> Fault | None:
    right = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    return None if right else Fault((), f"expected a number from 0 to 1, got {told(value)}")


def _distribution_fault(value: Any) -> Fault | None:
    hint = f"one of {', '.join(_SHAPES)}, or {{zipf: {{exponent: 1.2}}}}"
    if isinstance(value, str):
        return None if value in _SHAPES else Fault((), f"there is no distribution {value[:60]!a}", hint)
    if not isinstance(value, Mapping) or list(value) != ["zipf"]:
        return Fault((), f"expected a distribution, got {told(value)}", hint)
    inner = value["zipf"]
    exponent = inner.get("exponent") if isinstance(inner, Mapping) and len(inner) == 1 else None
    low, high = _ZIPF_EXPONENTS
    if isinstance(exponent, int | float) and not isinstance(exponent, bool) and low <= exponent <= high:
        return None
    return Fault(("zipf",), f"expected an exponent from {low} to {high:g}", hint)


def _distribution(value: Any) -> Distribution:
    if isinstance(value, str):
        return Distribution(shape=value)
    return Distribution(shape="zipf", exponent=float(value["zipf"]["exponent"]))
