"""Recipes, a store and sources for tests: plain values with state, no engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from localenv.core.images import Recipe, Reference, SourceKind
from localenv.core.labels import RECIPE, RECIPE_DIGEST, STANDS_IN
from localenv.core.wanted import ImageDetails
from localenv.errors import LocalenvError
from localenv.ports.engine import ExecResult, ToolSpec
from localenv.ports.images import Tell
from localenv.ports.progress import Event, Message


def recipe(name: str, *, needs: tuple[str, ...] = ("base",), digest: str = "1" * 64) -> Recipe:
    return Recipe(
        name=name,
        directory=f"/recipes/{name}",
        provides=(name,),
        needs=needs,
        tag=f"{name}:1",
        gives=f"{name.title()} 1",
        check=(name, "--version"),
        digest=digest,
    )


BASE = recipe("base", needs=())
DATABASE = recipe("postgres")


class Store:
    """The engine's images as a dictionary."""

    def __init__(self, *references: str) -> None:
        self.images: dict[str, Mapping[str, str]] = {reference: {} for reference in references}

    def image(self, reference: str) -> ImageDetails | None:
        labels = self.images.get(reference)
        return None if labels is None else ImageDetails(reference=reference, id=f"sha256:{reference}", labels=labels)

    def tag(self, image: str, reference: str) -> None:
        self.images[reference] = self.images[image]


class Builder:
    """Builds into a ``Store`` and remembers in which order."""

    def __init__(self, store: Store, *recipes: Recipe) -> None:
        self.store = store
        self.known = recipes or (BASE, DATABASE)
        self.built: list[tuple[str, str | None]] = []

    def recipes(self) -> tuple[Recipe, ...]:
        return self.known

    def build(self, recipe: Recipe, base: str | None, tags: Sequence[str], tell: Tell, *, cached: bool = True) -> None:
        tell(f"cached: {cached}")
        self.built.append((recipe.name, base))
        labels = {RECIPE: recipe.name, RECIPE_DIGEST: recipe.digest, STANDS_IN: recipe.gives}
        self.store.images.update(dict.fromkeys(tags, labels))


class Registries:
    """All reachable, or none."""

    def __init__(self, *, reachable: bool) -> None:
        self.answer = reachable

    def reachable(self, reference: Reference) -> bool:
        return self.answer and bool(reference.registry)


class Source:
    """Has the references given to it, or fails with an error."""

    def __init__(self, kind: SourceKind, *references: str, error: LocalenvError | None = None) -> None:
        self.kind: SourceKind = kind
        self.references = references
        self.error = error

    def obtain(self, reference: Reference, tell: Tell) -> str | None:
        tell(f"asked {self.kind}")
        if self.error is not None:
            raise self.error
        return f"from the {self.kind}" if reference.familiar in self.references else None


class Clock:
    """Goes on by one second whenever asked."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        self.seconds += 1
        return self.seconds

    def pause(self, seconds: float) -> None:
        self.seconds += seconds


class Lines:
    """Progress that remembers its messages."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def emit(self, event: Event) -> None:
        if isinstance(event, Message):
            self.texts.append(event.text)


class Tools:
    """Runs tools that all end with one exit code."""

    def __init__(self, exit_code: int, stderr: bytes = b"") -> None:
        self.result = ExecResult(exit_code=exit_code, stdout=b"", stderr=stderr)
        self.specs: list[ToolSpec] = []

    def run_tool(self, spec: ToolSpec, *, wait: bool = True) -> ExecResult | None:
        self.specs.append(spec)
        return self.result if wait else None
