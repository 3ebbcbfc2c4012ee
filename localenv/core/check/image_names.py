"""Names of images: what the engine would not even look for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localenv.core.check.context import CheckContext, plain
from localenv.core.findings import Refusal
from localenv.core.images import parse_reference
from localenv.errors import InvalidInput

__all__ = ["check_image_name"]


def check_image_name(name: str, service: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    """``image`` of a service that is not built; a built one gets a name of localenv's own."""
    image = plain(service.get("image") or "")
    if not image or service.get("build"):
        return
    try:
        parse_reference(image)
    except InvalidInput:
        yield context.refuse(
            "image-reference",
            ("services", name, "image"),
            "is not the name of an image",
            value=image,
            granted=False,
            hint="look whether a variable in it is set nowhere: each tier reads .env and .env.<tier>",
        )
