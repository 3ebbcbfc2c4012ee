from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localenv.core.configuration.template_fields import NAMES
from localenv.core.configuration.templates import check_template, render_template, render_tier
from localenv.core.configuration.tier import DataRules, TierProfile
from localenv.errors import InvalidInput

CONTEXT: dict[str, Any] = {
    "project": "shop",
    "environment": "qa-2",
    "tier": "staging",
    "urls": {"web": "https://web.qa-2.shop.localhost", "items": "https://items.localhost", "my-api": "https://api.localhost"},
    "release": None,
}
WHERE = "localenv.yaml:9:5"


def rendered(text: str) -> str:
    return render_template(text, CONTEXT, WHERE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain { text } 100%", "plain { text } 100%"),
        ("{{ project }}-{{ environment | replace('-', '_') }}", "shop-qa_2"),
        ("{{ urls.web }}/api", "https://web.qa-2.shop.localhost/api"),
        ("{{ urls.items }}", "https://items.localhost"),
        ("{{ urls['my-api'] }}", "https://api.localhost"),
        ("{{ release }}", ""),
        ("{{ release or 'worktree' }}", "worktree"),
        ("{% if tier == 'staging' %}yes{% else %}no{% endif %}", "yes"),
        ("{{ urls.nothing | default('none') }}", "none"),
        ("{{ tier | upper }}\n", "STAGING\n"),
    ],
)
def test_templates_render(text: str, expected: str) -> None:
    assert rendered(text) == expected


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("{{ enviroment }}", "the template uses the name 'enviroment', which does not exist", "nearest: environment"),
        ("{{ nothing_alike }}", "the template uses the name 'nothing_alike'", "names: project, environment, tier, urls, release"),
        ("{{ urls.wbe }}", "the template cannot be rendered", None),
        ("{{ project", "the template is wrong", None),
        ("{{ project | nosuch }}", "the template", None),
        ("{% include 'x' %}", "the template uses the statement include", None),
        ("{% for a in urls %}{% endfor %}", "the template uses the statement for", None),
        ("{% set a = 1 %}", "the template uses the statement assign", None),
        ("{% macro a() %}{% endmacro %}", "the template uses the statement macro", None),
        ("{{ range(10) }}", "the template uses a call", None),
        ("{{ project.upper() }}", "the template uses a call", None),
        ("{{ 'a' * 1000000000 }}", "the template uses multiplication", None),
        ("{{ 9 ** 9 }}", "the template uses multiplication", None),
        ("{{ '%9999999d' % 1 }}", "the template uses the % operator", None),
        ("{{ project | center(99999999) }}", "the template", None),
        ("{{ ''.__class__.__mro__ }}", "the template cannot be rendered", None),
        ("{{ urls['__class__'] }}", "the template cannot be rendered", None),
        ("{{ self }}", "the template", None),
        ("{{ '{' ~ '{ project }' ~ '}' }}", "the template renders to another template", None),
        ("{{ 1 / 0 }}", "the template cannot be rendered", None),
    ],
)
def test_what_a_template_may_not_say_is_refused_with_its_place(text: str, message: str, hint: str | None) -> None:
    with pytest.raises(InvalidInput) as caught:
        rendered(text)
    assert caught.value.message.startswith(message)
    assert caught.value.where == WHERE
    assert hint is None or caught.value.hints == (hint,)


def test_a_template_cannot_grow_beyond_bounds() -> None:
    chain = "{{ 'aaaaaaaaaa'" + " | replace('a', 'aaaaaaaaaa')" * 12 + " }}"
    with pytest.raises(InvalidInput, match="cannot be rendered"):
        rendered(chain)
    with pytest.raises(InvalidInput, match="more than"):
        rendered("{{ project }}" * 2000)


def test_a_tier_is_rendered_but_for_its_variables() -> None:
    tier = TierProfile(
        tier="staging",
        purpose="x",
        data=DataRules(profile="{{ project }}-large"),
        compose_profiles=("{% if release %}debug{% endif %}", "{{ tier }}"),
        variables={"A": "{{ urls.web }}"},
    )
    found = render_tier(tier, CONTEXT, lambda path: f"at {path}")
    assert found.data.profile == "shop-large"
    assert found.compose_profiles == ("staging",)
    assert found.variables == {"A": "{{ urls.web }}"}


def test_a_tier_without_templates_stays_the_same() -> None:
    tier = TierProfile(tier="staging", purpose="x", compose_profiles=("a", ""))
    assert render_tier(tier, CONTEXT, str) is tier


def test_checking_needs_no_values() -> None:
    check_template("{{ urls.anything }} {{ release }}", WHERE, names=NAMES)
    with pytest.raises(InvalidInput):
        check_template("{{ url }}", WHERE, names=NAMES)


@given(st.text().filter(lambda text: "{{" not in text and "{%" not in text and "{#" not in text))
def test_text_without_marks_is_never_touched(text: str) -> None:
    assert rendered(text) == text


@given(st.text(alphabet="{}%#-'\"() project|.x0123~*[]", max_size=40))
def test_any_text_renders_or_is_refused(text: str) -> None:
    try:
        result = rendered(text)
    except InvalidInput:
        return
    assert "{{" not in result
    assert "{%" not in result


def test_jinja_is_not_imported_before_a_template_is_met() -> None:
    code = "import sys; from localenv.core.configuration.templates import render_template as render; render('a', {}, '')"
    code += "; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
