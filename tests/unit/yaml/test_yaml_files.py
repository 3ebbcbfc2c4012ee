from __future__ import annotations

import contextlib
import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from localenv.adapters.yaml_files import dump, load_document, load_documents
from localenv.core.documents import Position
from localenv.core.scalars import plain_scalar
from localenv.errors import InvalidInput


def load(text: str) -> Any:
    return load_document(text.encode(), "compose.yaml").value


def refused(text: str | bytes) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        load_document(text if isinstance(text, bytes) else text.encode(), "compose.yaml")
    return caught.value


def test_every_key_and_item_has_its_place() -> None:
    document = load_document(b"services:\n  web:\n    ports:\n      - '80:80'\n      - 81:81\n", "compose.yaml")
    assert document.positions[("services", "web")] == Position(2, 3)
    assert document.where(("services", "web", "ports", 1)) == "compose.yaml:5:9"
    assert document.where(("services", "web", "image")) == "compose.yaml:2:3"


def test_a_merged_key_stands_where_it_was_written() -> None:
    document = load_document(b"x-a: &a\n  image: one\n  tty: true\nb:\n  <<: *a\n  image: two\n", "c.yaml")
    assert document.value["b"] == {"image": "two", "tty": True}
    assert document.where(("b", "tty")) == "c.yaml:3:3"
    assert document.where(("b", "image")) == "c.yaml:6:3"


def test_of_several_merges_the_first_wins() -> None:
    assert load("a: &a {k: 1}\nb: &b {k: 2, l: 3}\nc:\n  <<: [*a, *b]\n")["c"] == {"k": 1, "l": 3}


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    assert load("'<<': 1") == {"<<": 1}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("true", True),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ("null", None),
        ("~", None),
        ("12", 12),
        ("-0x1F", -31),
        ("0755", 493),
        ("0o755", 493),
        ("1_000", 1000),
        ("08", 8.0),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("3.8", 3.8),
        ("3.8.1", "3.8.1"),
        ("22:22", "22:22"),
        ("2001-01-01", "2001-01-01"),
        ("-", "-"),
        (".", "."),
        ("99999999999999999999", 1e20),
        ("0xFFFFFFFFFFFFFFFFFF", "0xFFFFFFFFFFFFFFFFFF"),
    ],
)
def test_plain_scalars_mean_what_compose_takes_them_for(text: str, value: object) -> None:
    found = plain_scalar(text)
    assert found == value
    assert type(found) is type(value)


def test_keys_are_texts() -> None:
    assert load("8080: a\ntrue: b\n") == {"8080": "a", "true": "b"}


def test_tags_of_compose_are_tolerated() -> None:
    assert load("ports: !reset []\nenv: !override {a: '1'}\nimage: !reset null\n") == {
        "ports": [],
        "env": {"a": "1"},
        "image": None,
    }


def test_standard_tags_are_honoured() -> None:
    assert load("a: !!str 12\nb: !!float 1\nc: !!int '7'") == {"a": "12", "b": 1.0, "c": 7}


def test_a_tag_that_makes_objects_is_refused() -> None:
    assert refused("a: !!python/object/apply:os.system [x]").where == "compose.yaml:1:4"


@pytest.mark.parametrize(
    "text", ["a: !!binary L2V0Yy9wYXNzd2Q=", "x: &x {a: 1}\nb:\n  !!merge '<<': *x\n", "!!binary YQ==: 1", "!!int 1: 2"]
)
def test_a_tag_that_hides_what_compose_reads_is_refused(text: str) -> None:
    assert "has a tag" in refused(text).message


def test_a_key_that_stands_twice_is_refused_with_both_lines() -> None:
    error = refused("a: 1\nb: 2\na: 3\n")
    assert error.where == "compose.yaml:3:1"
    assert "line 1" in error.message


def test_broken_yaml_names_its_place() -> None:
    assert refused("a:\n\t- b").where == "compose.yaml:2:1"
    assert refused("a: [1, 2\n").where == "compose.yaml:2:1"
    assert refused(b"a: \xff\xfe").message.startswith("compose.yaml is not valid YAML")
    assert refused(b"a: \x00").message.startswith("compose.yaml is not valid YAML")


def test_undefined_and_self_containing_aliases_are_refused() -> None:
    assert "*nothing" in refused("a: *nothing").message
    assert "inside of itself" in refused("a: &a [1, *a]").message
    assert "inside of itself" in refused("a: &a\n  <<: *a\n").message


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 30))
    error = refused(f"l0: &l0 [{', '.join('x' * 10)}]\n{levels}\n")
    assert error.code_of_case == "file-too-large"
    assert error.where is not None


def test_a_merge_bomb_is_refused() -> None:
    levels = "\n".join(f"l{n}: &l{n} {{<<: [{', '.join([f'*l{n - 1}'] * 10)}]}}" for n in range(1, 30))
    assert refused(f"l0: &l0 {{a: 1}}\n{levels}\n").code_of_case == "file-too-large"


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_refused(opening: str) -> None:
    assert any(words in refused(opening * 5000).message for words in ("levels deep", "nesting depth", "has a key"))


def test_a_large_file_is_refused_unread() -> None:
    error = refused(b"a" * (1024 * 1024 + 1))
    assert error.code_of_case == "file-too-large"


def test_several_documents() -> None:
    assert [part.value for part in load_documents(b"a: 1\n---\nb: 2\n", "c")] == [{"a": 1}, {"b": 2}]
    assert load("") is None
    assert "2 YAML documents" in refused("a: 1\n---\nb: 2\n").message


class Secret(str):
    __slots__ = ()


def test_only_plain_values_are_written() -> None:
    with pytest.raises(TypeError):
        dump({"password": Secret("hunter2")})
    with pytest.raises(TypeError):
        dump({"a": object()})


def test_shared_values_are_written_out() -> None:
    shared = {"a": "1"}
    assert dump({"x": shared, "y": shared}) == "x:\n  a: '1'\ny:\n  a: '1'\n"


def test_text_that_compose_would_take_for_a_number_is_quoted() -> None:
    assert dump({"a": "1e3", "b": "0o17", "c": "null", "d": "plain"}) == "a: '1e3'\nb: '0o17'\nc: 'null'\nd: plain\n"


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=40) | st.from_regex(
    r"\A[-+.0-9a-fxob_:eE~]{1,9}\Z"
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_what_is_written_is_read_back(value: object) -> None:
    assert load(dump(value)) == value


@given(st.dictionaries(st.sampled_from("abc"), values, min_size=1))
def test_every_path_has_a_position(value: dict[str, object]) -> None:
    document = load_document(dump(value).encode(), "f")

    def walk(part: object, path: tuple[str | int, ...]) -> None:
        assert path in document.positions
        items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
        for key, inner in items:
            walk(inner, (*path, key))

    walk(value, ())


@given(st.text(alphabet="ab:-[]{}&*!<>|'\"#,? \n\t%@`", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        load(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_of_any_spelling(value: float) -> None:
    found = plain_scalar(repr(value))
    assert isinstance(found, float)
    assert math.isclose(found, value)


def test_it_agrees_with_pyyaml_on_an_ordinary_file() -> None:
    text = "services:\n  web: {image: nginx, ports: ['80:80'], environment: {A: b, C: 1}}\nvolumes: {data: }\n"
    assert load(text) == yaml.safe_load(text)
