"""How two releases differ: images, files, and what of each service's definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localenv.core.releases.model import Release
from localenv.values import dataclass

__all__ = ["ReleaseDifference", "release_difference"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDifference:
    """What is not the same; values that may be secret are not in it."""

    left: str
    right: str
    images: tuple[tuple[str, str | None, str | None], ...]
    """Service, image ID left and right; ``None`` where there is no such service."""
    files: tuple[tuple[str, str], ...]
    """Path, and ``added``, ``removed`` or ``changed``."""
    services: tuple[tuple[str, str, str], ...]
    """Service, tier and key of the definition."""


def release_difference(left: Release, right: Release) -> ReleaseDifference:
    """Compare two releases of one project."""
    before, after = _by_service(left), _by_service(right)
    images = tuple(
        (service, before.get(service), after.get(service))
        for service in sorted({*before, *after})
        if before.get(service) != after.get(service)
    )
    old = {file.path: (file.digest, file.kind) for file in left.files}
    new = {file.path: (file.digest, file.kind) for file in right.files}
    files = tuple(
        (path, "added" if path not in old else "removed" if path not in new else "changed")
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path)
    )
    return ReleaseDifference(
        left=left.name, right=right.name, images=images, files=files, services=tuple(_definitions(left, right))
    )


def _by_service(release: Release) -> dict[str, str]:
    return {service: image.id for image in release.images for service in image.services}


def _definitions(left: Release, right: Release) -> Iterator[tuple[str, str, str]]:
    for tier in sorted({*left.models, *right.models}):
        before, after = _services(left, tier), _services(right, tier)
        for service in sorted({*before, *after}):
            if service not in before or service not in after:
                yield service, tier, "added" if service in after else "removed"
                continue
            keys = sorted({*before[service], *after[service]})
            yield from ((service, tier, key) for key in keys if before[service].get(key) != after[service].get(key))


def _services(release: Release, tier: str) -> Mapping[str, Mapping[str, Any]]:
    services = release.models.get(tier, {}).get("services")
    return services if isinstance(services, Mapping) else {}
