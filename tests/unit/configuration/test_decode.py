from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localenv.adapters.yaml_files import load_document
from localenv.core.configuration.data_profile import DataProfile
from localenv.core.configuration.decode import decode, find_problems
from localenv.core.configuration.settings import Settings
from localenv.core.configuration.tier import TierProfile
from localenv.errors import InvalidInput


def refusal(text: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        decode(load_document(text.encode(), "localenv.yaml"), Settings)
    return caught.value


def test_an_unknown_key_is_told_with_its_place_and_the_nearest_known_one() -> None:
    error = refusal("project: shop\nexpose:\n  web:\n    prot: 8000\n")
    assert error.where == "localenv.yaml:4:5"
    assert error.message == "expose.web.prot: unknown key"
    assert error.hints == ("nearest: port",)


def test_a_key_like_no_other_lists_the_known_ones() -> None:
    error = refusal("project: shop\nrouter: {zzz: 1}\n")
    assert error.hints == ("known: mode, inside",)


def test_every_problem_of_a_file_is_told_at_once() -> None:
    error = refusal("project: shop\ndomain: 7\nexpose: {web: {port: 0}}\nsecrets: {A: {length: 2}}\n")
    assert [line.split("  ")[0] for line in error.details] == ["localenv.yaml:2:1", "localenv.yaml:3:16", "localenv.yaml:4:15"]
    assert error.message == "3 things in localenv.yaml cannot be used"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("project: shop\ndomain: 1.5\n", "domain: expected text, got a number"),
        ("project: shop\ndomain: true\n", "domain: expected text, got true"),
        ("project: shop\nexpose: [web]\n", "expose: expected a mapping, got a list"),
        ("project: shop\nexpose: {web: 8000}\n", "expose.web: expected a mapping, got a number"),
        ("project: shop\nexpose: {web: {port: '80'}}\n", "expose.web.port: expected a whole number from 1 to 65535, got '80'"),
        ("project: shop\nexpose: {web: {port: 65536}}\n", "expose.web.port: expected a whole number from 1 to 65535, got 65536"),
        ("project: shop\nexpose: {web: {port: true}}\n", "expose.web.port: expected a whole number from 1 to 65535, got true"),
        ("project: shop\nexpose: {web: {primary: yes}}\n", "expose.web.primary: expected true or false, got 'yes'"),
        ("project: shop\ncompose: compose.yaml\n", "compose: expected a list, got text"),
        ("project: shop\ncompose: [1]\n", "compose[0]: expected text, got a number"),
        ("project: shop\ngrants: [{service: a, key: b}]\n", "grants[0]: the key 'why' is missing"),
        ("project: shop\nenvironments: {qa: {}}\n", "environments.qa: the key 'tier' is missing"),
        ("domain: localhost\n", "the key 'project' is missing"),
    ],
)
def test_a_wrong_type_is_told_in_words(text: str, message: str) -> None:
    assert refusal(text).message == message


def test_a_wrong_choice_names_the_nearest() -> None:
    error = refusal("project: shop\nexpose: {web: {protocol: htps}}\n")
    assert error.message == "expose.web.protocol: expected one of http, https, none, postgres, tcp, got 'htps'"
    assert error.hints == ("nearest: https",)


def test_a_text_that_does_not_fit_comes_with_examples() -> None:
    error = refusal("project: shop\nexpose: {web: {path: 'x y'}}\n")
    assert error.hints == ("examples: /, /healthz",)


@pytest.mark.parametrize("ending", ["\\n", "`", " ", "\\u00e4"])
def test_what_the_router_gets_has_no_character_that_could_end_it(ending: str) -> None:
    assert refusal(f'project: shop\nexpose: {{web: {{path: "/x{ending}"}}}}\n').message.startswith("expose.web.path")
    assert refusal(f'project: shop\nexpose: {{web: {{host_header: "x{ending}"}}}}\n').message.startswith("expose.web.host_header")


@pytest.mark.parametrize("secret", ["hunter2", "12345678", "[hunter2, 3]", "2024-01-01"])
def test_the_value_of_a_variable_never_appears_in_an_error(secret: str) -> None:
    error = refusal(f"project: shop\nunknown: 1\nvariables: {secret}\ntiers: {{uat: {{variables: {{A: [{secret}]}}}}}}\n")
    assert "hunter2" not in "\n".join(error.details)
    assert "12345678" not in "\n".join(error.details)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing but a comment\n", "---\n", "\ufeff# a mark\n"])
def test_an_empty_file_lacks_what_is_required_and_nothing_else(text: str) -> None:
    assert refusal(text).message == "the key 'project' is missing"


@pytest.mark.parametrize("text", ["project: shop\r\ndomain: test\r\n", "\ufeffproject: shop\ndomain: test\n"])
def test_line_ends_and_marks_of_other_systems_are_read(text: str) -> None:
    assert decode(load_document(text.encode(), "localenv.yaml"), Settings).domain == "test"


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"project: shop\n\tdomain: x\n", "localenv.yaml:2:1"),
        (b"project: a\nproject: b\n", "localenv.yaml:2:1"),
        (b"project: shop\nexpose:\n  web: {port: 1, port: 2}\n", "localenv.yaml:3:18"),
        (b"project: \xff\xfe\n", "localenv.yaml"),
        (b"project: [\n", "localenv.yaml:2:1"),
    ],
)
def test_what_is_no_clean_yaml_is_refused_with_its_place(data: bytes, where: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode(load_document(data, "localenv.yaml"), Settings)
    assert (caught.value.where or "").startswith(where)


@pytest.mark.parametrize("text", ["just text", "- a\n- b\n", "7"])
def test_a_file_that_is_no_mapping_is_refused(text: str) -> None:
    assert refusal(text).message.startswith("expected a mapping")


def test_null_and_missing_keys_are_fine_in_a_layer_but_not_in_its_lists() -> None:
    assert not find_problems({"purpose": None, "data": {"profile": None}}, TierProfile, str, partial=True)
    assert find_problems({"gates": [None]}, TierProfile, str, partial=True)
    assert find_problems({"grants": [{"key": "cap_add"}]}, Settings, str, partial=True)


KEYS = sorted({field.name for struct in (Settings, TierProfile, DataProfile) for field in msgspec.structs.fields(struct)})
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 70000) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(
    value=st.dictionaries(st.sampled_from(KEYS), anything, max_size=6),
    wanted=st.sampled_from([Settings, TierProfile, DataProfile]),
)
def test_problems_are_found_exactly_where_decoding_fails(value: dict[str, object], wanted: type[msgspec.Struct]) -> None:
    try:
        msgspec.convert(value, wanted)
        fits = True
    except msgspec.ValidationError:
        fits = False
    assert (find_problems(value, wanted, str) == []) is fits
