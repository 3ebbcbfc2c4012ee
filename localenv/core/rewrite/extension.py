"""``x-localenv`` on a service of the Compose file: what localenv.yaml could say, said beside the service."""

from __future__ import annotations

from typing import Literal

import msgspec

from localenv.core.configuration.settings import Expose
from localenv.core.rewrite.model import Service
from localenv.core.typed import from_plain
from localenv.errors import InvalidInput

__all__ = ["ServiceExtension", "extension_of"]


class ServiceExtension(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keys of ``x-localenv``; localenv.yaml wins where both speak."""

    expose: Expose | None = None
    one_shot: bool | None = None
    """Whether exit 0 is success."""
    binds: dict[str, Literal["source", "data"]] = msgspec.field(default_factory=dict)
    """By path in the container: what a writable bind mount holds, where localenv's guess is wrong."""


def extension_of(name: str, service: Service) -> ServiceExtension:
    """Read ``x-localenv`` of one service. Raises ``InvalidInput`` naming the key that does not fit."""
    raw = service.get("x-localenv")
    if raw is None:
        return ServiceExtension()
    try:
        return from_plain(raw, ServiceExtension)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"services.{name}.x-localenv: {error}", hints=("it takes expose, one_shot and binds",)) from None
