"""Which recipes' images are there, and whether they work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

from localenv.core.images import Recipe, Reference, build_order, find_recipe, parse_reference, recipe_tag
from localenv.core.labels import RECIPE, RECIPE_DIGEST, STANDS_IN
from localenv.core.wanted import ImageDetails
from localenv.ports.engine import ExecResult, ToolSpec
from localenv.ports.images import ImageStore, RecipeBuilder
from localenv.values import dataclass

__all__ = ["CheckImages", "ImageCheck", "ImageRow", "ListImages", "ToolRunner"]


class ToolRunner(Protocol):
    """The part of ``ports.engine.Engine`` that runs a program in a container of its own."""

    def run_tool(self, spec: ToolSpec, *, wait: bool = True) -> ExecResult | None:
        """See ``Engine.run_tool``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRow:
    """One image of ``localenv images ls``."""

    reference: str
    state: Literal["present", "stand-in", "outdated", "absent"]
    """``outdated``: a stand-in made from an earlier version of its recipe."""
    recipe: str | None
    """The recipe that made it, or that could."""
    gives: str | None
    """What the recipe's image really holds."""
    id: str | None = None


class ListImages:
    """Every recipe's image, and the images asked for: there or not, genuine or stood in for."""

    def __init__(self, *, store: ImageStore, builder: RecipeBuilder) -> None:
        self._store = store
        self._builder = builder

    def __call__(self, references: Iterable[str] = ()) -> tuple[ImageRow, ...]:
        recipes = self._builder.recipes()
        wanted = {parse_reference(text).familiar: parse_reference(text) for text in references}
        wanted.update({recipe.tag: parse_reference(recipe.tag) for recipe in recipes})
        return tuple(self._row(reference, recipes) for _, reference in sorted(wanted.items()))

    def _row(self, reference: Reference, recipes: Sequence[Recipe]) -> ImageRow:
        recipe = find_recipe(reference, recipes)
        image = self._store.image(reference.familiar)
        labels = image.labels if image else {}
        return ImageRow(
            reference=reference.familiar,
            state=_state(image, recipes),
            recipe=labels.get(RECIPE) or (recipe.name if recipe else None),
            gives=labels.get(STANDS_IN) or (recipe.gives if recipe and image is None else None),
            id=image.id if image else None,
        )


def _state(image: ImageDetails | None, recipes: Sequence[Recipe]) -> Literal["present", "stand-in", "outdated", "absent"]:
    if image is None:
        return "absent"
    if RECIPE not in image.labels:
        return "present"
    digests = {recipe.digest for recipe in recipes if recipe.name == image.labels[RECIPE]}
    return "stand-in" if image.labels.get(RECIPE_DIGEST) in digests else "outdated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCheck:
    """What ``localenv images check`` found of one recipe's image."""

    recipe: str
    reference: str
    state: Literal["works", "fails", "absent", "outdated"]
    detail: str


class CheckImages:
    """Runs each recipe's own check in a container without network."""

    def __init__(self, *, store: ImageStore, builder: RecipeBuilder, tools: ToolRunner) -> None:
        self._store = store
        self._builder = builder
        self._tools = tools

    def __call__(self, names: Sequence[str] = ()) -> tuple[ImageCheck, ...]:
        recipes = {recipe.name: recipe for recipe in self._builder.recipes()}
        wanted = build_order(names, recipes) if names else tuple(recipes.values())
        return tuple(self._check(recipe) for recipe in wanted if not names or recipe.name in names)

    def _check(self, recipe: Recipe) -> ImageCheck:
        image = self._store.image(recipe_tag(recipe))
        if image is None:
            state: Literal["absent", "outdated"] = "outdated" if self._has_older(recipe) else "absent"
            return ImageCheck(
                recipe=recipe.name, reference=recipe.tag, state=state, detail=f"localenv images build {recipe.name}"
            )
        spec = ToolSpec(
            name=f"localenv-check-{recipe.name}-{recipe.digest[:8]}",
            image=image.id,
            entrypoint=recipe.check[:1],
            command=recipe.check[1:],
            capabilities_dropped=False,
        )
        result = self._tools.run_tool(spec, wait=True)
        if result is None or result.exit_code != 0:
            output = (result.stderr or result.stdout).decode(errors="replace").strip() if result else ""
            return ImageCheck(recipe=recipe.name, reference=recipe.tag, state="fails", detail=output[-500:])
        return ImageCheck(recipe=recipe.name, reference=recipe.tag, state="works", detail=recipe.gives)

    def _has_older(self, recipe: Recipe) -> bool:
        named = self._store.image(recipe.tag)
        return named is not None and named.labels.get(RECIPE) == recipe.name
