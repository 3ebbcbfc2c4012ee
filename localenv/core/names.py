"""Names: slugs for people's words, and the names of an environment's objects on the engine."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from localenv.errors import InvalidInput

__all__ = ["SLUG_LIMIT", "EnvironmentId", "checked_slug", "slugify"]

SLUG_LIMIT = 40
"""Characters in a slug; a hostname label may have 63 (RFC 1035, 2.3.4), a service is put in front."""

_HASH_LENGTH = 7
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def slugify(text: str, *, unique: bool = False) -> str:
    """Make a DNS label of any text: ``feature/ADD_x`` becomes ``feature-add-x``.

    A text that is too long, or of which nothing remains, or ``unique`` when the caller knows that another text
    has the same slug, carries a hash of the original, so that two texts do not meet in one slug.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if slug and len(slug) <= SLUG_LIMIT and not unique:
        return slug
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]
    head = slug[: SLUG_LIMIT - _HASH_LENGTH - 1].strip("-")
    return f"{head}-{digest}" if head else f"x-{digest}"


def checked_slug(text: str, *, what: str) -> str:
    """Return ``text`` when it is a slug already; raise ``InvalidInput`` naming the nearest slug otherwise."""
    if _SLUG.fullmatch(text) and len(text) <= SLUG_LIMIT:
        return text
    raise InvalidInput(
        f"{text!r} cannot be the name of {what}: use a-z, 0-9 and -, at most {SLUG_LIMIT} characters",
        hints=(f"try: {slugify(text)}",),
    )


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class EnvironmentId:
    """Which environment of which project. Both parts are slugs, so ``_`` separates them without doubt."""

    project: str
    name: str

    @property
    def compose_project(self) -> str:
        """The project name that Compose knows this environment by (``docker compose -p``)."""
        return f"{self.project}_{self.name}"

    def object_name(self, resource: str) -> str:
        """Name of a network or a volume of this environment, as Compose would form it."""
        return f"{self.compose_project}_{resource}"

    def host(self, domain: str, *labels: str) -> str:
        """Hostname under this environment: ``host("localhost", "web")`` is ``web.staging.shop.localhost``."""
        return ".".join((*labels, self.name, self.project, domain))

    def __str__(self) -> str:
        """``staging of shop``, as messages say it."""
        return f"{self.name} of {self.project}"
