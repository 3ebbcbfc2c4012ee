from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localenv.core.interpolation import EnvValue, fill, names_in, parse

VALUES = {"SET": EnvValue("value"), "EMPTY": EnvValue(""), "ODD": EnvValue("x", opaque=True)}


def text(template: str) -> str:
    return fill(template, VALUES.get).text


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("plain", "plain"),
        ("$SET/${SET}", "value/value"),
        ("$$SET $${SET}", "$SET ${SET}"),
        ("${UNSET:-default}", "default"),
        ("${EMPTY:-default}", "default"),
        ("${EMPTY-default}", ""),
        ("${UNSET-a:b}", "a:b"),
        ("${SET:+yes}${EMPTY:+yes}${EMPTY+there}${UNSET+no}", "yesthere"),
        ("${UNSET:-${SET}/x}", "value/x"),
        ("${UNSET:-a${EMPTY:-b}c}d", "abcd"),
        ("${SET:?needed}", "value"),
        ("a${UNSET}b", "ab"),
    ],
)
def test_variables_are_filled_in(template: str, filled: str) -> None:
    assert text(template) == filled


@pytest.mark.parametrize(
    ("template", "unset"),
    [
        ("${A}/$B/${A}", ("A", "B")),
        ("${A:-x}", ()),
        ("${A-}", ()),
        ("${A:+x}", ()),
        ("$$A", ()),
        ("${A:-$B}", ("B",)),
        ("${SET:-$B}", ()),
    ],
)
def test_what_is_set_nowhere_is_named(template: str, unset: tuple[str, ...]) -> None:
    assert fill(template, VALUES.get).unset == unset


@pytest.mark.parametrize("template", ["${", "$", "${A", "$1", "${1}", "${A!b}", "${A:-${B}", "$ODD", "${ODD:+x}"])
def test_what_compose_may_read_differently_is_opaque(template: str) -> None:
    assert fill(template, VALUES.get).opaque


def test_names_are_found_within_defaults() -> None:
    assert set(names_in("${A:-${B:-$C}} $$D")) == {"A", "B", "C"}


def test_growth_is_bounded() -> None:
    with pytest.raises(OverflowError):
        fill("$X" * 100, {"X": EnvValue("y" * 100)}.get, limit=9_999)


def test_deep_nesting_is_malformed_not_a_crash() -> None:
    assert fill("${A:-" * 5000, VALUES.get).opaque


@given(st.text(alphabet="$${}AB_:-?+ x", max_size=60))
def test_any_template_is_read(template: str) -> None:
    parts, _ = parse(template)
    assert fill(template, lambda _: EnvValue("v")).text is not None
    assert all(isinstance(part, str) or part.name for part in parts)


@given(st.text(max_size=60))
def test_escaping_every_dollar_gives_the_text_back(plain: str) -> None:
    filled = fill(plain.replace("$", "$$"), VALUES.get)
    assert (filled.text, filled.unset, filled.opaque) == (plain, (), False)
