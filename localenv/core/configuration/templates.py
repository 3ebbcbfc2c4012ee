"""Jinja2 in tier fields: strict, small and without a way out.

Only values, tests and the filters below: no loops, no calls, no attributes of Python objects. A template comes from
the project, and a preview's comes from somebody's branch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from localenv.core.configuration.problems import nearest
from localenv.core.configuration.references import has_template
from localenv.core.configuration.tier import TierProfile
from localenv.core.documents import Path
from localenv.errors import InvalidInput

if TYPE_CHECKING:
    from jinja2 import Environment, nodes

__all__ = ["check_template", "render_template", "render_tier"]

_FILTERS = ("default", "d", "first", "last", "int", "length", "lower", "replace", "string", "trim", "upper")
_TESTS = ("defined", "undefined", "none", "eq", "ne")
_LONGEST = 10_000
_Where = Callable[[Path], str]


def render_tier(tier: TierProfile, context: Mapping[str, Any], where: _Where) -> TierProfile:
    """The tier with its templates rendered, all but ``variables``: those need URLs, which are known later.

    Raises ``InvalidInput`` with the place of the template, which ``where`` gives for a path below the tier.
    """
    profile = tier.data.profile
    if profile is not None and has_template(profile):
        profile = render_template(profile, context, where(("data", "profile"))) or None
    active = tuple(
        render_template(text, context, where(("compose_profiles", index))) for index, text in enumerate(tier.compose_profiles)
    )
    if profile == tier.data.profile and active == tier.compose_profiles:
        return tier
    data = msgspec.structs.replace(tier.data, profile=profile)
    return msgspec.structs.replace(tier, data=data, compose_profiles=tuple(text for text in active if text))


def render_template(text: str, context: Mapping[str, Any], where: str) -> str:
    """``text`` with its templates filled in from ``context``; a text without any comes back as it is.

    Raises ``InvalidInput`` at ``where`` for a name that ``context`` lacks, and for anything that is not allowed.
    """
    if not has_template(text):
        return text
    check_template(text, where, names=tuple(context))
    from jinja2 import TemplateError

    try:
        rendered = _environment().from_string(text).render(context)
    except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError, MemoryError) as error:
        raise InvalidInput(f"the template cannot be rendered: {_reason(error)}", where=where) from None
    if has_template(rendered):
        raise InvalidInput("the template renders to another template", where=where)
    return rendered


def check_template(text: str, where: str, *, names: tuple[str, ...]) -> None:
    """Raise ``InvalidInput`` at ``where`` unless ``render_template`` accepts ``text`` with values for ``names``."""
    if not has_template(text):
        return
    from jinja2 import TemplateError, nodes

    if len(text) > _LONGEST:
        raise InvalidInput(f"the template has more than {_LONGEST} characters", where=where)
    try:
        tree = _environment().parse(text)
    except (TemplateError, RecursionError) as error:
        raise InvalidInput(f"the template is wrong: {_reason(error)}", where=where) from None
    for node in tree.find_all(nodes.Node):
        if (refusal := _refusal(node)) is not None:
            raise InvalidInput(f"the template uses {refusal}", where=where, hints=("allowed: values, if and simple filters",))
    for name in sorted({node.name for node in tree.find_all(nodes.Name)} - set(names)):
        close = nearest(name, names)
        hint = f"nearest: {close}" if close else f"names: {', '.join(names)}"
        raise InvalidInput(f"the template uses the name {name!a}, which does not exist", where=where, hints=(hint,))


def _refusal(node: nodes.Node) -> str | None:
    """What a node is, when it may not be used."""
    from jinja2 import nodes as kinds

    if isinstance(node, kinds.Call):
        return "a call"
    if isinstance(node, kinds.Pow | kinds.Mul):
        return "multiplication"
    if isinstance(node, kinds.Mod):
        return "the % operator"
    if isinstance(node, kinds.Filter | kinds.Test) and node.name not in {*_FILTERS, *_TESTS}:
        return f"{node.name!a}"
    if isinstance(node, kinds.Stmt) and not isinstance(node, kinds.Output | kinds.If):
        return f"the statement {type(node).__name__.lower()}"
    return None


@cache
def _environment() -> Environment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    class MappingsOnly(SandboxedEnvironment):
        """Reads keys of mappings; what a value is in Python cannot be reached."""

        def getattr(self, obj: Any, attribute: str) -> Any:
            return self.getitem(obj, attribute)

        def getitem(self, obj: Any, argument: Any) -> Any:
            if isinstance(obj, Mapping) and argument in obj:
                return obj[argument]
            return self.undefined(obj=obj, name=argument)

    environment = MappingsOnly(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
    environment.finalize = _empty_for_none
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.filters["replace"] = _replace
    return environment


def _replace(text: str, old: str, new: str) -> str:
    """Replace within bounds: chained replacements would grow without any."""
    replaced = str(text).replace(str(old), str(new))
    if len(replaced) > _LONGEST:
        raise ValueError(f"a replacement grows to more than {_LONGEST} characters")
    return replaced


def _empty_for_none(value: Any) -> Any:
    return "" if value is None else value


def _reason(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
