"""Variables: every service is told where it runs, and gets what localenv.yaml and the tier set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localenv.core.configuration.templates import render_template
from localenv.core.findings import Note
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.hosts import exposure_url, service_urls
from localenv.core.rewrite.model import Change, Service, each_service, escaped, mapping
from localenv.core.wanted import Exposure, Rewritten
from localenv.errors import InvalidInput

__all__ = ["URL_PREFIX", "rewrite_environment", "service_variable", "tier_variables"]

URL_PREFIX = "LOCALENV_URL_"


def rewrite_environment(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Set ``LOCALENV_*``, then ``variables`` of localenv.yaml, then the tier's; each wins over the Compose file.

    ``LOCALENV_RELEASE`` goes only to what the project builds: a database need not be replaced because a release is new.
    Raises ``InvalidInput`` for a template that cannot be rendered.
    """
    told = _told(draft, context)
    wished = tier_variables(draft, context)
    release = {"LOCALENV_RELEASE": context.release} if context.release else {}

    def change(name: str, service: Service) -> Change:
        written = _pairs(service.get("environment"))
        own = {**told, **(release if _is_built(service, draft) else {}), **wished}
        replaced = sorted(key for key, value in wished.items() if key in written and written[key] != escaped(value))
        added = {key: escaped(value) for key, value in own.items()}
        notes = [Note(code="variable", service=name, message=f"{key} is set by localenv.yaml or the tier") for key in replaced]
        return {**service, "environment": {**written, **added}}, tuple(notes)

    return each_service(draft, change)


def tier_variables(draft: Rewritten, context: RewriteContext) -> dict[str, str]:
    """Variables of localenv.yaml under the tier's, with their templates rendered (``urls`` is by service)."""
    values = template_values(draft.exposures, context)
    of_project = {name: (f"variables.{name}", text) for name, text in context.settings.variables.items()}
    of_tier = {name: (f"tiers.{context.tier.tier}.variables.{name}", text) for name, text in context.tier.variables.items()}
    return {name: _rendered(path, text, values) for name, (path, text) in {**of_project, **of_tier}.items()}


def template_values(exposures: tuple[Exposure, ...], context: RewriteContext) -> dict[str, Any]:
    """What templates of one environment may name: ``urls`` is by service."""
    return {
        "project": context.id.project,
        "environment": context.id.name,
        "tier": context.tier.tier,
        "urls": service_urls(exposures, context),
        "release": context.release or "",
    }


def _told(draft: Rewritten, context: RewriteContext) -> dict[str, str]:
    primary = next((item for item in draft.exposures if item.primary), None)
    url = exposure_url(primary, context) if primary else None
    return {
        "LOCALENV_PROJECT": context.id.project,
        "LOCALENV_ENVIRONMENT": context.id.name,
        "LOCALENV_TIER": context.tier.tier,
        "LOCALENV_DATA_CLASS": context.data_class,
        "LOCALENV_DATA_PROFILE": context.data_profile or "none",
        **({"LOCALENV_URL": url} if url else {}),
        **{f"{URL_PREFIX}{service_variable(name)}": url for name, url in service_urls(draft.exposures, context).items()},
    }


def service_variable(service: str) -> str:
    """A service's name as part of a variable's: ``web-1`` is ``WEB_1``."""
    return re.sub(r"[^A-Za-z0-9]", "_", service).upper()


def _is_built(service: Service, draft: Rewritten) -> bool:
    built = {other.get("image") for other in mapping(draft.model, "services").values() if other.get("build")}
    return service.get("image") in built


def _pairs(raw: object) -> dict[str, Any]:
    if isinstance(raw, list):
        return {name: value if mark else None for name, mark, value in (str(text).partition("=") for text in raw)}
    return dict(raw) if isinstance(raw, Mapping) else {}


def _rendered(path: str, text: str, values: Mapping[str, Any]) -> str:
    try:
        return render_template(text, values, path)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error.message}", hints=error.hints) from None
