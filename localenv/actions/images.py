"""Getting the images that an environment needs, from the first source that has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from localenv.core.images import ImageOrigin, Reference, parse_reference
from localenv.errors import LocalenvError, Unavailable
from localenv.ports.clock import Clock
from localenv.ports.images import ImageSource, ImageStore
from localenv.ports.progress import Message, Progress

__all__ = ["EnsureImages"]


class EnsureImages:
    """Makes sure that images are in the engine: asks each source in turn for what is missing."""

    def __init__(self, *, store: ImageStore, sources: Sequence[ImageSource], clock: Clock) -> None:
        self._store = store
        self._sources = tuple(sources)
        self._clock = clock

    def __call__(self, references: Iterable[str], progress: Progress) -> tuple[ImageOrigin, ...]:
        """Return where each image came from, in the order given, each once.

        Raises ``InvalidInput`` for what is no reference, ``Unavailable`` (code ``image-missing``) when no source has
        one of them, and what a source raises that has it and fails.
        """
        wanted = {parse_reference(text).familiar: parse_reference(text) for text in references}
        return tuple(self._ensure(reference, progress) for reference in wanted.values())

    def _ensure(self, reference: Reference, progress: Progress) -> ImageOrigin:
        if self._store.image(reference.familiar) is not None:
            return ImageOrigin(reference=reference.familiar, source="engine", detail="already in the engine")
        began = self._clock.monotonic()
        tell = partial(_tell, progress, reference.familiar)
        failures: list[LocalenvError] = []
        for source in self._sources:
            try:
                detail = source.obtain(reference, tell)
            except LocalenvError as error:
                failures.append(error)
                continue
            if detail is not None:
                seconds = self._clock.monotonic() - began
                progress.emit(Message(stage="images", text=f"{reference.familiar}: {detail}", seconds=seconds))
                return ImageOrigin(reference=reference.familiar, source=source.kind, detail=detail, seconds=seconds)
        raise _missing(reference, failures)


def _tell(progress: Progress, reference: str, line: str) -> None:
    progress.emit(Message(stage="images", text=f"{reference}: {line}"))


def _missing(reference: Reference, failures: Sequence[LocalenvError]) -> LocalenvError:
    if failures:
        first = failures[0]
        return Unavailable(
            f"the image {reference.familiar} cannot be had: {first.message}",
            details=(*first.details, *(error.message for error in failures[1:])),
            hints=first.hints,
            code="image-missing",
        )
    return Unavailable(
        f"the image {reference.familiar} is not in the engine, and no source has it",
        details=("its registry cannot be reached, and no recipe stands in for it",),
        hints=(f"docker pull {reference.familiar}", f"docker load --input {reference.repository.rpartition('/')[2]}.tar"),
        code="image-missing",
    )
