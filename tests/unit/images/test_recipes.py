"""Recipes: what ships can be read, names what it gives, and is built once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from localenv.actions.image_checks import CheckImages, ListImages
from localenv.actions.image_recipes import BuildImages, RecipeBuilds, ToolImage
from localenv.actions.images import EnsureImages
from localenv.adapters.image_recipes import RecipeFolder
from localenv.adapters.shipped import shipped_root
from localenv.adapters.subprocess_processes import SubprocessProcesses
from localenv.core.images import build_order, find_recipe, parse_reference, recipe_tag
from localenv.core.labels import RECIPE
from localenv.errors import InvalidInput, LocalenvError
from tests.unit.images.recipes import BASE, DATABASE, Builder, Clock, Lines, Source, Store, Tools, recipe

SHIPPED = shipped_root() / "compose" / "images"


def folder(path: Path) -> RecipeFolder:
    return RecipeFolder(str(path), processes=SubprocessProcesses({}))


def build(store: Store, builder: Builder) -> BuildImages:
    return BuildImages(store=store, builds=RecipeBuilds(store=store, builder=builder), clock=Clock())


def test_every_shipped_recipe_can_be_read_and_names_its_files() -> None:
    recipes = folder(SHIPPED).recipes()
    assert {each.name for each in recipes} == {path.name for path in SHIPPED.iterdir()}
    for each in recipes:
        assert (Path(each.directory) / "Dockerfile").is_file() != (each.bootstrap is not None)
        assert find_recipe(parse_reference(each.tag), recipes) == each


def test_no_two_shipped_recipes_provide_the_same_image() -> None:
    provided = [parse_reference(name) for each in folder(SHIPPED).recipes() for name in each.provides]
    assert len(provided) == len(set(provided))


def test_traefiks_tag_follows_from_the_pinned_wheel() -> None:
    (traefik,) = (each for each in folder(SHIPPED).recipes() if each.name == "traefik")
    assert traefik.wheel is not None
    assert traefik.tag == f"traefik:v{traefik.wheel.version}"


def test_a_changed_base_changes_what_stands_on_it(tmp_path: Path) -> None:
    for name in ("base", "redis", "traefik"):
        shutil.copytree(SHIPPED / name, tmp_path / name)
    before = {each.name: each.digest for each in folder(tmp_path).recipes()}
    with (tmp_path / "base" / "recipe.yaml").open("a") as file:
        file.write("# changed\n")
    after = {each.name: each.digest for each in folder(tmp_path).recipes()}
    assert [name for name in before if before[name] != after[name]] == ["base", "redis"]


def test_a_recipe_with_a_wrong_key_says_where(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "recipe.yaml").write_text("provides: [own]\ntag: own:1\ngives: Own\ncheck: [own]\nneed: [base]\n")
    with pytest.raises(InvalidInput) as caught:
        folder(tmp_path).recipes()
    assert "recipe.yaml:5:1" in f"{caught.value.where} {caught.value.message} {caught.value.details}"


def test_needs_come_first_and_once() -> None:
    top = recipe("top", needs=("postgres", "base"))
    known = {each.name: each for each in (top, DATABASE, BASE)}
    assert [each.name for each in build_order(["top", "postgres"], known)] == ["base", "postgres", "top"]


def test_recipes_that_need_each_other_are_refused() -> None:
    known = {"a": recipe("a", needs=("b",)), "b": recipe("b", needs=("a",))}
    with pytest.raises(LocalenvError, match="a -> b -> a"):
        build_order(["a"], known)


def test_an_unknown_recipe_is_told_with_the_known_ones() -> None:
    with pytest.raises(LocalenvError, match="no image recipe 'oracle'") as caught:
        build(Store(), Builder(Store()))(["oracle"], Lines())
    assert caught.value.hints == ("recipes: base, postgres",)


def test_building_all_twice_builds_once() -> None:
    store = Store()
    builder = Builder(store)
    first = build(store, builder)([], Lines())
    second = build(store, builder)([], Lines())
    assert [each.source for each in second] == ["engine", "engine"]
    assert {each.reference for each in first} == {"base:1", "postgres:1"}
    assert [name for name, _ in builder.built] == ["base", "postgres"]
    assert [each.detail for each in second] == ["Base 1, unchanged", "Postgres 1, unchanged"]


def test_a_tools_image_stands_on_the_genuine_base_where_it_can_be_had_and_is_built_once() -> None:
    store = Store()
    builder = Builder(store)
    registry = Source("registry", BASE.tag)
    tool = ToolImage(store=store, builder=builder, ensure=EnsureImages(store=store, sources=[registry], clock=Clock()))
    lines = Lines()
    assert tool("postgres", lines) == tool("postgres", lines) == recipe_tag(DATABASE)
    assert lines.texts.count(f"{BASE.tag}: from the registry") == 1
    assert builder.built == [("postgres", BASE.tag)]


def test_refreshing_one_builds_that_one_anew() -> None:
    store = Store()
    builder = Builder(store)
    build(store, builder)([], Lines())
    build(store, builder)(["postgres"], Lines(), refresh=True)
    assert [name for name, _ in builder.built] == ["base", "postgres", "postgres"]


def test_a_genuine_image_keeps_its_name() -> None:
    store = Store("postgres:1")
    built = build(store, Builder(store))(["postgres"], Lines())
    assert "left alone" in built[0].detail
    assert store.images["postgres:1"] == {}


def test_the_list_tells_stand_ins_from_genuine_and_outdated_ones() -> None:
    store = Store("redis:7", "base:1")
    builder = Builder(store)
    build(store, builder)(["postgres"], Lines())
    newer = Builder(store, BASE, recipe("postgres", digest="2" * 64))
    rows = {row.reference: row for row in ListImages(store=store, builder=builder)(["redis:7", "mysql"])}
    assert {name: row.state for name, row in rows.items()} == {
        "base:1": "present",
        "mysql:latest": "absent",
        "postgres:1": "stand-in",
        "redis:7": "present",
    }
    assert [row.state for row in ListImages(store=store, builder=newer)()] == ["present", "outdated"]


def test_a_check_runs_the_recipes_own_command_and_tells_its_output() -> None:
    store = Store()
    builder = Builder(store)
    build(store, builder)(["base"], Lines())
    tools = Tools(1, b"cannot run\n")
    base, database = CheckImages(store=store, builder=builder, tools=tools)()
    assert (base.state, base.detail, database.state) == ("fails", "cannot run", "absent")
    assert [(spec.entrypoint, spec.command, spec.network) for spec in tools.specs] == [(("base",), ("--version",), None)]


def test_an_earlier_stand_in_counts_as_outdated() -> None:
    store = Store(recipe_tag(BASE))
    store.images["postgres:1"] = {RECIPE: "postgres"}
    checks = CheckImages(store=store, builder=Builder(store), tools=Tools(0))()
    assert [each.state for each in checks] == ["works", "outdated"]
