"""Values made without generated code behave as those of the standard decorator do."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

import pytest

import localenv.values


class _Point:
    """A place."""

    x: int
    label: str = "here"
    tags: tuple[str, ...] = ()
    notes: dict[str, str] = dataclasses.field(default_factory=dict, compare=False)
    links: dict[str, str] = dataclasses.field(default_factory=dict, hash=False)
    length: int = dataclasses.field(init=False)
    kind: str = dataclasses.field(init=False, default="point")

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", len(self.tags))

    secret: str = dataclasses.field(default="", repr=False)


class _Deep(_Point):
    """A place below."""

    depth: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", -1)
        if self.depth < 0:
            raise ValueError("no depth")


def made_by(decorator: Any) -> tuple[Any, Any]:
    """The two classes as one decorator makes them."""
    point = decorator(type("Point", (), dict(_Point.__dict__)))
    return point, decorator(type("Deep", (point,), dict(_Deep.__dict__)))


OURS = made_by(localenv.values.dataclass(frozen=True, slots=True, kw_only=True))
STANDARD = made_by(dataclasses.dataclass(frozen=True, slots=True, kw_only=True))


@localenv.values.dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A value that can be found by its name."""

    name: str
    parts: tuple[int, ...] = ()


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("given", [{"x": 1}, {"x": 2, "label": "there", "tags": ("a",), "secret": "s", "notes": {"k": "v"}}])
def test_what_is_given_and_what_is_not_is_read_back_and_described(which: int, given: dict[str, Any]) -> None:
    ours, standard = OURS[which](**given), STANDARD[which](**given)
    assert dataclasses.asdict(ours) == dataclasses.asdict(standard)
    assert repr(ours) == repr(standard)
    assert "secret" not in repr(ours)


def test_a_default_that_is_made_is_made_for_each() -> None:
    assert OURS[0](x=1).notes is not OURS[0](x=1).notes


@pytest.mark.parametrize("given", [{}, {"label": "no x"}, {"x": 1, "y": 2}, {"x": 1, "kind": "line"}])
def test_arguments_that_miss_or_are_unknown_are_refused(given: dict[str, Any]) -> None:
    for point in (OURS[0], STANDARD[0]):
        with pytest.raises(TypeError):
            point(**given)


def test_arguments_have_names() -> None:
    for point in (OURS[0], STANDARD[0]):
        with pytest.raises(TypeError):
            point(1)


def test_equal_values_are_equal_and_have_one_hash() -> None:
    for point, deep in (OURS, STANDARD):
        assert point(x=1, notes={"a": "b"}) == point(x=1)
        assert hash(point(x=1)) == hash(point(x=1))
        assert point(x=1) != point(x=2)
        assert point(x=1, links={"a": "b"}) != point(x=1)
        assert hash(point(x=1, links={"a": "b"})) == hash(point(x=1))
        assert point(x=1) != deep(x=1)
        assert point(x=1) != 1


def test_nothing_can_be_changed() -> None:
    for point, _ in (OURS, STANDARD):
        one = point(x=1)
        with pytest.raises(dataclasses.FrozenInstanceError):
            one.x = 2
        with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
            one.other = 2
        with pytest.raises(dataclasses.FrozenInstanceError):
            del one.x
        assert one.x == 1
        assert not hasattr(one, "__dict__")


def test_the_last_word_of_a_class_is_heard() -> None:
    for _, deep in (OURS, STANDARD):
        with pytest.raises(ValueError, match="no depth"):
            deep(x=1, depth=-1)


def test_a_value_is_replaced_by_one_that_differs() -> None:
    for _, deep in (OURS, STANDARD):
        assert dataclasses.replace(deep(x=1, depth=2), x=3) == deep(x=3, depth=2)


def test_a_value_is_copied() -> None:
    one = Kept(name="a", parts=(1, 2))
    assert copy.copy(one) == copy.deepcopy(one) == one


def test_no_other_kind_is_made() -> None:
    with pytest.raises(TypeError, match="standard decorator"):
        localenv.values.dataclass(frozen=False, slots=True, kw_only=True)
