from __future__ import annotations

import pytest

from localenv.actions.find_compose_files import find_compose_files
from localenv.core.configuration.settings import Settings
from localenv.core.configuration.tier import TierProfile
from localenv.errors import NotFound
from tests.fakes.memory_files import MemoryFiles


def found(
    *names: str, tier: str = "staging", override: bool = False, compose: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    files = MemoryFiles({f"/p/{name}": "" for name in names})
    result = find_compose_files(
        files, "/p", Settings(project="shop", compose=compose), TierProfile(tier=tier, purpose="test", compose_override=override)
    )
    return tuple(path.removeprefix("/p/") for path in result.files), tuple(path.removeprefix("/p/") for path in result.env_files)


@pytest.mark.parametrize(
    ("names", "files"),
    [
        (("compose.yaml", "docker-compose.yml"), ("compose.yaml",)),
        (("compose.yml", "docker-compose.yml"), ("compose.yml",)),
        (("docker-compose.yml", "docker-compose.yaml"), ("docker-compose.yml",)),
        (("docker-compose.yaml",), ("docker-compose.yaml",)),
        (("compose.yaml", "compose.override.yaml"), ("compose.yaml",)),
        (("compose.yaml", "compose.staging.yaml"), ("compose.yaml", "compose.staging.yaml")),
        (("docker-compose.yml", "docker-compose.staging.yml"), ("docker-compose.yml", "docker-compose.staging.yml")),
        (("compose.yaml", "compose.production.yaml"), ("compose.yaml",)),
    ],
)
def test_files_are_found_by_composes_names_and_the_tiers(names: tuple[str, ...], files: tuple[str, ...]) -> None:
    assert found(*names)[0] == files


def test_the_override_is_for_tiers_that_take_it() -> None:
    names = ("docker-compose.yml", "docker-compose.override.yml", "docker-compose.development.yml")
    assert found(*names, tier="development", override=True)[0] == names


def test_an_override_is_not_for_files_that_were_named() -> None:
    names = ("docker/compose.yaml", "docker/compose.override.yaml", "docker/compose.staging.yaml")
    assert found(*names, override=True, compose=("docker/compose.yaml",))[0] == (
        "docker/compose.yaml",
        "docker/compose.staging.yaml",
    )


def test_env_files_stand_beside_the_compose_file_or_in_the_project() -> None:
    names = ("docker/compose.yaml", "docker/.env", ".env", ".env.staging", ".env.production")
    assert found(*names, compose=("docker/compose.yaml",))[1] == ("docker/.env", ".env.staging")


def test_a_second_compose_file_is_told() -> None:
    files = MemoryFiles({"/p/compose.yaml": "", "/p/docker-compose.yml": "", "/p/.env.example": ""})
    result = find_compose_files(files, "/p", Settings(project="shop"), TierProfile(tier="uat", purpose="test"))
    assert [note.code for note in result.notes] == ["several-compose-files"]
    assert result.example == ".env.example"


def test_nothing_to_be_found_is_told() -> None:
    with pytest.raises(NotFound) as caught:
        found("README.md")
    assert caught.value.code_of_case == "no-compose-file"


@pytest.mark.parametrize(
    ("taken", "left_out", "told"), [(True, None, []), (False, "compose.override.yml", ["override-left-out"])]
)
def test_an_override_that_a_tier_does_not_take_is_told(taken: bool, left_out: str | None, told: list[str]) -> None:
    files = MemoryFiles({"/p/compose.yaml": "", "/p/compose.override.yml": ""})
    tier = TierProfile(tier="staging", purpose="test", compose_override=taken)
    result = find_compose_files(files, "/p", Settings(project="shop"), tier)
    assert result.left_out == left_out
    assert [note.code for note in result.notes] == told
