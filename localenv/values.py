"""Frozen, slotted, keyword-only dataclasses that generate no code when their module is imported.

The standard decorator writes six methods of each class as text and compiles them: half a millisecond a class, and a
command imports up to two hundred of them. Here all classes share methods that read the fields. To a type checker it is the
standard decorator, and so is it to ``dataclasses.fields``, ``replace`` and their kin.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from dataclasses import dataclass

__all__ = ["dataclass"]


def _value(cls: type) -> Any:
    cls.__doc__ = cls.__doc__ or cls.__name__  # or the standard decorator makes up one from the signature, slowly
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=True)(cls)
    fields = dataclasses.fields(made)
    made.__init__ = _initialiser(made, fields)
    made.__eq__ = _comparison(tuple(field.name for field in fields if field.compare))
    made.__hash__ = _hash(tuple(field.name for field in fields if (field.compare if field.hash is None else field.hash)))
    made.__setstate__ = _restorer(made)
    made.__setattr__, made.__delattr__ = _refuse_to_set, _refuse_to_delete
    if "__repr__" not in cls.__dict__:
        made.__repr__ = _describe
    return made


def _initialiser(cls: Any, fields: tuple[Field[Any], ...]) -> Callable[..., None]:
    # A field that is no argument has no key; one without any value is left to ``__post_init__``.
    places = [
        (field.name if field.init else None, getattr(cls, field.name).__set__, field.default, field.default_factory)
        for field in fields
        if field.init or field.default is not MISSING or field.default_factory is not MISSING
    ]
    finish = getattr(cls, "__post_init__", None)

    def __init__(self: Any, /, **given: Any) -> None:  # noqa: N807 - becomes the method
        for key, put, default, factory in places:
            if key in given:
                put(self, given.pop(key))
            elif default is not MISSING:
                put(self, default)
            elif factory is not MISSING:
                put(self, factory())
            else:
                raise TypeError(f"{cls.__name__}() misses the argument {key!r}")
        if given:
            raise TypeError(f"{cls.__name__}() has no argument {', '.join(map(repr, sorted(given)))}")
        if finish is not None:
            finish(self)

    return __init__


def _comparison(names: tuple[str, ...]) -> Callable[[Any, object], bool]:
    content = _reader(names)

    def __eq__(self: Any, other: object) -> bool:  # noqa: N807 - becomes the method
        if other.__class__ is not self.__class__:
            return NotImplemented
        return bool(content(self) == content(other))

    return __eq__


def _hash(names: tuple[str, ...]) -> Callable[[Any], int]:
    content = _reader(names)

    def __hash__(self: Any) -> int:  # noqa: N807 - becomes the method
        return hash(content(self))

    return __hash__


def _reader(names: tuple[str, ...]) -> Callable[[Any], object]:
    return attrgetter(*names) if names else lambda _: ()


def _restorer(cls: Any) -> Callable[[Any, tuple[None, dict[str, Any]]], None]:
    """What copying and unpickling put an instance's fields back with."""

    def __setstate__(self: Any, state: tuple[None, dict[str, Any]]) -> None:  # noqa: N807 - becomes the method
        for name, content in state[1].items():
            getattr(cls, name).__set__(self, content)

    return __setstate__


def _describe(self: Any) -> str:
    shown = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse_to_set(self: object, name: str, value: object) -> NoReturn:  # noqa: ARG001 - the method's signature
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> NoReturn:  # noqa: ARG001 - the method's signature
    raise FrozenInstanceError(f"cannot delete field {name!r}")


if not TYPE_CHECKING:

    def dataclass(*, frozen: bool, slots: bool, kw_only: bool) -> Callable[[type], type]:
        """Make a frozen, slotted, keyword-only dataclass: there is no other kind here."""
        if not (frozen and slots and kw_only):
            raise TypeError("localenv.values makes frozen, slotted, keyword-only dataclasses; take the standard decorator")
        return _value
