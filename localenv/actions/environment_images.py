"""The images of one environment: built or fetched for a working tree, exactly those that were kept for a release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localenv.actions.builds import BuildRequest, Builds
from localenv.actions.images import EnsureImages
from localenv.core.names import EnvironmentId
from localenv.core.plan import ImageMissing
from localenv.core.releases.model import Release, ReleaseImage
from localenv.core.rewrite.model import without
from localenv.core.wanted import ImageDetails, Model
from localenv.errors import LocalenvError, Unavailable
from localenv.ports.engine import Engine
from localenv.ports.progress import Progress
from localenv.values import dataclass

__all__ = ["EnvironmentImages", "FoundImages", "run_by"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundImages:
    """What is known of a model's images."""

    details: Mapping[str, ImageDetails]
    """By reference as the model names it; without those that are not there."""
    kept: Mapping[str, str]
    """By reference that means another image by now: the tag under which a release's own image is kept."""


class EnvironmentImages:
    """Gets what a model names into the engine, and says what it is."""

    def __init__(self, *, engine: Engine, builds: Builds, images: EnsureImages, progress: Progress) -> None:
        self._engine = engine
        self._builds = builds
        self._images = images
        self._progress = progress

    def digests(self, model: Model, release: Release | None, directory: str) -> Mapping[str, str]:
        """Digest by service of the sources that its image is built from: of a release, as they were.

        ``directory``: Compose's project directory.
        """
        return self._builds.digests(model, directory) if release is None else release.builds

    def of_worktree(self, request: BuildRequest, *, change: bool) -> FoundImages:
        """Build and fetch what is missing, when that is allowed.

        Raises what building and fetching raise, and ``Unavailable`` (code ``image-missing``) for what is missing and may
        never be fetched.
        """
        if change:
            self._builds(request)
        references = _references(request.model)
        details = {reference: self._engine.image(reference) for reference in references}
        if held := [reference for reference in _never_fetched(request.model) if details[reference] is None]:
            raise _not_to_be_fetched(held, request.model)
        if change and (missing := [reference for reference, found in details.items() if found is None]):
            self._images(missing, self._progress)
            details |= {reference: self._engine.image(reference) for reference in missing}
        return FoundImages(details={name: found for name, found in details.items() if found is not None}, kept={})

    def of_release(self, environment: EnvironmentId, model: Model, release: Release) -> FoundImages:
        """Raises ``LocalenvError`` (code ``release-image``) where one is gone: a release is never rebuilt."""
        details: dict[str, ImageDetails] = {}
        kept: dict[str, str] = {}
        for reference in _references(model):
            image = release.image(reference)
            if image is None:
                raise LocalenvError(
                    f"release {release.name} has no image {reference}, which {environment} wants",
                    hints=("localenv release create", f"localenv release show {release.name}"),
                    code="release-image",
                )
            found = self._engine.image(reference)
            if found is None or found.id != image.id:
                found, kept[reference] = self._kept(release, image), image.kept
            details[reference] = replace(found, reference=reference)
        return FoundImages(details=details, kept=kept)

    def missing(self, model: Model, there: Mapping[str, ImageDetails]) -> tuple[ImageMissing, ...]:
        """Images that are to be fetched or built."""
        services = model.get("services") or {}
        missing: dict[str, ImageMissing] = {}
        for name in sorted(services):
            reference = str(services[name].get("image", ""))
            if reference and reference not in there and reference not in missing:
                builder = name if services[name].get("build") else None
                missing[reference] = ImageMissing(reference=reference, service=builder)
        return tuple(missing.values())

    def _kept(self, release: Release, image: ReleaseImage) -> ImageDetails:
        found = self._engine.image(image.kept)
        if found is None or found.id != image.id:
            raise LocalenvError(
                f"the image {image.reference} of release {release.name} is not in the engine any more",
                details=(f"it was {image.id[:19]}, kept as {image.kept}: somebody removed it",),
                hints=("localenv release create   (builds a new release from the working tree)", "docker load, if you saved it"),
                code="release-image",
            )
        return found


def _never_fetched(model: Model) -> list[str]:
    """References that no service lets anybody fetch."""
    services = (model.get("services") or {}).values()
    fetched = {str(service.get("image", "")) for service in services if service.get("pull_policy") != "never"}
    return [reference for reference in _references(model) if reference not in fetched]


def _not_to_be_fetched(references: list[str], model: Model) -> LocalenvError:
    services = model.get("services") or {}
    users = {reference: [name for name in services if services[name].get("image") == reference] for reference in references}
    first, *others = references
    return Unavailable(
        f"the image {first} of {users[first][0]} is not in the engine, and its pull_policy is never",
        details=tuple(f"nor is {reference} of {users[reference][0]}" for reference in others),
        hints=(f"docker pull {first}, or build it: the file leaves that to you",),
        code="image-missing",
    )


def run_by(model: Model, kept: Mapping[str, str]) -> Model:
    """A release's model: its images by the tags that still mean them, and nothing that could be built."""
    services: dict[str, Any] = {
        name: {**without(service, "build"), "image": kept.get(str(service.get("image", "")), service.get("image"))}
        for name, service in (model.get("services") or {}).items()
    }
    return {**model, "services": services}


def _references(model: Model) -> list[str]:
    services = (model.get("services") or {}).values()
    return sorted({str(service["image"]) for service in services if service.get("image")})
