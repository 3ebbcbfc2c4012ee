"""``image``, ``build`` and ``pull_policy``: what is built gets a tag by its sources, or of this environment's own."""

from __future__ import annotations

import json
from typing import Any

from localenv.core.findings import Note
from localenv.core.names import EnvironmentId
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.model import Change, Service, each_service, mapping, services, unique_slugs, without
from localenv.core.wanted import ImageDetails, Model, Rewritten

__all__ = ["built_image", "image_details", "rewrite_images"]

_DIGEST_SHOWN = 16
_SHARED_TAG_KEYS = ("tags", "cache_to")


def rewrite_images(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Tag what is built by its sources, so that copies do not overwrite each other and equal sources are built once.

    A service that names the image which another one builds gets that one's tag. ``pull_policy`` goes, but for
    ``never``: localenv pulls what is missing and nothing else.
    """
    tags = _tags(draft.model, context)
    by_reference = {
        service["image"]: tags[name]
        for name, service in reversed(list(services(draft.model)))
        if name in tags and isinstance(service.get("image"), str)
    }
    builders = _builders(draft.model)
    contexts = json.dumps([service.get("build") for _, service in services(draft.model)], default=str)

    def change(name: str, service: Service) -> Change:
        notes = _told(name, service, first=builders.get(name) == name)
        never = {"pull_policy": "never"} if service.get("pull_policy") == "never" else {}
        service = without(service, "pull_policy")
        if name not in tags:
            reference = service.get("image")
            return {**service, **({"image": by_reference[reference]} if reference in by_reference else never)}, notes
        needed = builders[name] == name or "develop" in service or f'"service:{name}"' in contexts
        build = without(mapping(service, "build"), *_SHARED_TAG_KEYS)
        return {**without(service, "build"), "image": tags[name], **({"build": build} if needed else {})}, notes

    return each_service(draft, change)


def built_image(environment: EnvironmentId, service: str, digest: str | None = None) -> str:
    """Tag of what a service (its slug) is built into: by the digest of its sources, for one environment without it."""
    return f"localenv/{environment.project}/{service}:{digest[:_DIGEST_SHOWN] if digest else environment.name}"


def image_details(service: Service, context: RewriteContext) -> ImageDetails | None:
    """What is known of a rewritten service's image; ``None`` while it is not there."""
    return context.images.get(str(service.get("image", "")))


def _builders(model: Model) -> dict[str, str]:
    """By built service: the first one with the same build, which does it for all."""
    first: dict[str, str] = {}
    return {name: first.setdefault(_build_key(service), name) for name, service in services(model) if mapping(service, "build")}


def _build_key(service: Service) -> str:
    build: dict[str, Any] = without(mapping(service, "build"), *_SHARED_TAG_KEYS)
    return json.dumps([build, service.get("platform")], sort_keys=True, default=str)


def _tags(model: Model, context: RewriteContext) -> dict[str, str]:
    slugs = unique_slugs(name for name, _ in services(model))
    builders = _builders(model)
    return {name: built_image(context.id, slugs[builder], context.builds.get(builder)) for name, builder in builders.items()}


def _told(name: str, service: Service, *, first: bool) -> tuple[Note, ...]:
    told: list[tuple[str, str]] = []
    if service.get("pull_policy") in {"always", "daily", "weekly"} or str(service.get("pull_policy", "")).startswith("every_"):
        told.append(("pull-policy", f"pull_policy {service['pull_policy']}: pulled when missing"))
    if first and service.get("image"):
        told.append(("image-tag", f"built as an image of this environment's own instead of {service['image']}"))
    if text := ", ".join(str(tag) for tag in mapping(service, "build").get("tags") or ()):
        told.append(("build-tags", f"further tags of the build are dropped: {text}"))
    return tuple(Note(code=code, service=name, message=message) for code, message in told)
