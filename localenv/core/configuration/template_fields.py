"""The fields that may use Jinja2, told apart without importing it: most projects have no template at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from localenv.core.configuration.problems import Problem
from localenv.core.configuration.references import has_template
from localenv.core.configuration.settings import Settings
from localenv.core.documents import Path, dotted
from localenv.errors import InvalidInput

__all__ = ["EARLY_NAMES", "NAMES", "template_problems"]

EARLY_NAMES = ("project", "environment", "tier", "release")
"""What a template of ``data.profile`` and ``compose_profiles`` may use: URLs follow from them."""
NAMES = (*EARLY_NAMES, "urls")
"""What a template of a variable may use. ``urls`` has the public URL of each exposed service by its name, ``release``
is empty outside of releases."""


def template_problems(settings: Settings, where: Callable[[Path], str]) -> Iterator[Problem]:
    """Every template that could not be rendered whatever its names stand for. ``where`` gives the place of a path."""
    for path, text, names in _fields(settings):
        if not has_template(text):
            continue
        from localenv.core.configuration.templates import check_template

        try:
            check_template(text, where(path), names=names)
        except InvalidInput as error:
            hint = error.hints[0] if error.hints else None
            yield Problem(where=where(path), path=dotted(path), message=error.message, hint=hint)


def _fields(settings: Settings) -> Iterator[tuple[Path, str, tuple[str, ...]]]:
    for name, text in settings.variables.items():
        yield ("variables", name), text, NAMES
    for tier in settings.tiers.values():
        at: Path = ("tiers", tier.tier)
        for name, text in tier.variables.items():
            yield (*at, "variables", name), text, NAMES
        for index, text in enumerate(tier.compose_profiles):
            yield (*at, "compose_profiles", index), text, EARLY_NAMES
        yield (*at, "data", "profile"), tier.data.profile or "", EARLY_NAMES
