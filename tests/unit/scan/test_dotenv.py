from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localenv.core.interpolation import EnvValue
from localenv.core.scan.dotenv import EnvFile, layered, parse_env_file
from localenv.errors import InvalidInput


def read(text: str, **outer: str) -> EnvFile:
    return parse_env_file(text.encode(), ".env", {name: EnvValue(value) for name, value in outer.items()}.get)


def values(text: str, **outer: str) -> dict[str, str]:
    return {name: value.text for name, value in read(text, **outer).values.items()}


def test_ordinary_lines() -> None:
    text = "# comment\nA=1\nexport B=two # comment\nC: three\nD='a b'\nE=\"x$A\"\nF='$A'\n\nG=\nH=a#b\n"
    assert values(text) == {"A": "1", "B": "two", "C": "three", "D": "a b", "E": "x1", "F": "$A", "G": "", "H": "a#b"}


def test_what_is_around_comes_before_the_files_own() -> None:
    assert values("A=own\nB=$A\n", A="outer")["B"] == "outer"


def test_two_readings_make_a_value_opaque() -> None:
    assert read("A=own\nB=$A\n", A="outer").values["B"].opaque
    assert not read("A=own\nB=$A\n").values["B"].opaque


@pytest.mark.parametrize("line", ["A='x' y", 'A="a\\nb"', "A=`x`", "A=a;b", 'A="x\ny"', "A=${"])
def test_unusual_values_are_opaque(line: str) -> None:
    assert read(line).values["A"].opaque


def test_all_that_follows_an_open_quote_is_opaque() -> None:
    """A line inside a quoted value looked like an assignment and hid the real one."""
    found = read("PATH_TO=/etc\nTEXT='\nPATH_TO=./fine\n'\n")
    assert found.values["PATH_TO"].opaque


@pytest.mark.parametrize(
    "hiding",
    [
        "A=1\x0bDIR=./fine",
        "A=1\x0c\x0cDIR=./fine",
        "A=1\u2028DIR=./fine",
        'A="x\\" \nDIR=./fine\n"',
        "A=1\rDIR=./fine",
        "A='\nDIR=./fine\n'",
    ],
)
def test_a_line_that_only_looks_like_one_hides_nothing(hiding: str) -> None:
    """Python ends lines at more characters than Compose does: the second DIR was believed, Compose took the first."""
    found = read(f"DIR=/etc\n{hiding}\n").values["DIR"]
    assert found.text == "/etc" or found.opaque


def test_names_that_matter_are_kept() -> None:
    assert read("A=$B\nC\nD=${E:-$F}\n").mentioned == {"B", "C", "E", "F"}


def test_doubling_is_refused_with_its_line() -> None:
    text = "A0=xxxxxxxxxx\n" + "\n".join(f"A{n}=${{A{n - 1}}}${{A{n - 1}}}" for n in range(1, 60))
    with pytest.raises(InvalidInput) as caught:
        read(text)
    assert caught.value.where is not None
    assert caught.value.where.startswith(".env:1")


def test_the_first_layer_wins() -> None:
    lookup = layered({"A": EnvValue("1")}, {"A": EnvValue("2"), "B": EnvValue("3")})
    assert [lookup(name) for name in "ABC"] == [EnvValue("1"), EnvValue("3"), None]


@given(st.binary(max_size=200))
def test_any_bytes_are_read(data: bytes) -> None:
    assert parse_env_file(data, ".env", lambda _: None).values is not None
