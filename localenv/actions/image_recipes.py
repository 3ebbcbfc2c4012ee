"""Building the recipes that stand in for images where no registry answers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

from localenv.actions.images import EnsureImages
from localenv.core.images import ImageOrigin, Recipe, Reference, build_order, find_recipe, recipe_tag
from localenv.core.labels import RECIPE
from localenv.ports.clock import Clock
from localenv.ports.images import ImageStore, RecipeBuilder, Registries, Tell
from localenv.ports.progress import Message, Progress

__all__ = ["BuildImages", "RecipeBuilds", "RecipeSource", "ToolImage"]


class RecipeBuilds:
    """Builds recipes with what they need; one that is there with the same content is not built again."""

    def __init__(self, *, store: ImageStore, builder: RecipeBuilder) -> None:
        self._store = store
        self._builder = builder

    def recipes(self) -> tuple[Recipe, ...]:
        return self._builder.recipes()

    def ensure(self, recipe: Recipe, tell: Tell, *, cached: bool = True) -> str:
        """Return localenv's own tag of the recipe's image, which is there afterwards."""
        known = {each.name: each for each in self._builder.recipes()}
        for each in build_order([recipe.name], known):
            is_wanted = each.name == recipe.name
            if self._store.image(recipe_tag(each)) is not None and (cached or not is_wanted):
                continue
            tell(f"building {each.gives} from {'a wheel' if each.wheel else 'Debian packages'} ({each.name})")
            base = recipe_tag(known[each.needs[0]]) if each.needs else None
            self._builder.build(each, base, [recipe_tag(each)], tell, cached=cached)
        return recipe_tag(recipe)


class RecipeSource:
    """The last source: a stand-in made here, only where the image's registry cannot be reached."""

    kind: Literal["recipe"] = "recipe"

    def __init__(self, *, store: ImageStore, builds: RecipeBuilds, registries: Registries) -> None:
        self._store = store
        self._builds = builds
        self._registries = registries

    def obtain(self, reference: Reference, tell: Tell) -> str | None:
        """See ``ImageSource.obtain``."""
        recipe = find_recipe(reference, self._builds.recipes())
        if recipe is None or self._registries.reachable(reference):
            return None
        built = self._builds.ensure(recipe, tell)
        self._store.tag(built, reference.familiar)
        material = "the release binary" if recipe.wheel else "Debian packages"
        return f"no registry reachable; built a stand-in from {material} ({recipe.gives})"


class ToolImage:
    """An image that no registry has, made from its recipe everywhere: on the genuine base where that can be had."""

    def __init__(self, *, store: ImageStore, builder: RecipeBuilder, ensure: EnsureImages) -> None:
        self._store = store
        self._builder = builder
        self._ensure = ensure

    def __call__(self, name: str, progress: Progress) -> str:
        """Make sure of the image of the recipe ``name``; return its tag."""
        recipes = {recipe.name: recipe for recipe in self._builder.recipes()}
        recipe = build_order([name], recipes)[-1]
        wanted = recipe_tag(recipe)
        if self._store.image(wanted) is None:
            base = recipes[recipe.needs[0]].tag
            self._ensure([base], progress)
            tell = partial(_tell, progress, recipe.tag)
            tell(f"building {recipe.gives} from Debian packages")
            self._builder.build(recipe, base, [wanted], tell)
        return wanted


class BuildImages:
    """Builds recipes by name, all of them when none is named, and tags each as the image it stands in for.

    An image of that name that no recipe made is left alone.
    """

    def __init__(self, *, store: ImageStore, builds: RecipeBuilds, clock: Clock) -> None:
        self._store = store
        self._builds = builds
        self._clock = clock

    def __call__(self, names: Sequence[str], progress: Progress, *, refresh: bool = False) -> tuple[ImageOrigin, ...]:
        """Return what was built or found; ``refresh`` builds anew, with the newest packages."""
        recipes = {recipe.name: recipe for recipe in self._builds.recipes()}
        wanted = build_order(names or sorted(recipes), recipes)
        asked = [recipe for recipe in wanted if not names or recipe.name in names]
        return tuple(self._build(recipe, progress, refresh=refresh) for recipe in asked)

    def _build(self, recipe: Recipe, progress: Progress, *, refresh: bool) -> ImageOrigin:
        began = self._clock.monotonic()
        was_there = self._store.image(recipe_tag(recipe)) is not None and not refresh
        built = self._builds.ensure(recipe, partial(_tell, progress, recipe.tag), cached=not refresh)
        named = self._store.image(recipe.tag)
        if named is not None and RECIPE not in named.labels:
            detail = f"{recipe.tag} is not a stand-in and was left alone; the recipe's image is {built}"
        else:
            self._store.tag(built, recipe.tag)
            detail = f"{recipe.gives}, {'unchanged' if was_there else 'built'}"
        return ImageOrigin(
            reference=recipe.tag,
            source="engine" if was_there else "recipe",
            detail=detail,
            recipe=recipe.name,
            seconds=self._clock.monotonic() - began,
        )


def _tell(progress: Progress, reference: str, line: str) -> None:
    progress.emit(Message(stage="images", text=f"{reference}: {line}"))
