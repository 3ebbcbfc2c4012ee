"""What a release of a commit is made from: its files, where they are written, and that nothing is left of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from localenv.adapters.installation import Installation
from localenv.errors import LocalenvError
from localenv.wiring.delivery import checked_out, load
from localenv.wiring.services import Services
from tests.support.repositories import Repo, repo

COMPOSE = "services: {web: {image: x}}\n"


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Services]:
    found = Services(Installation(home=tmp_path / "home", owner="le-test", variables={}), None)
    yield found
    found.close()


@pytest.fixture
def shop(tmp_path: Path) -> Repo:
    return repo(tmp_path / "repo", {"compose.yaml": COMPOSE.replace("web", "other"), "app/readme": "no project here\n"})


def test_a_commit_has_its_own_files_and_the_env_files_that_are_in_none(told: Services, shop: Repo) -> None:
    shop.commit({"app/compose.yaml": COMPOSE, ".gitignore": ".env*\n"})
    (shop.path / "app/.env").write_text("WORD=mine\n")
    (shop.path / "app/compose.yaml").write_text("services: {}\n")
    killed = told.place.home / "checkouts" / "app" / "tree" / "left"
    killed.mkdir(parents=True)
    loaded = load(told, shop.path / "app")
    with checked_out(told, loaded, "main") as (then, state):
        folder = Path(then.code)
        assert sorted(path.name for path in folder.iterdir()) == [".env", "compose.yaml", "readme"]
        assert (folder / "compose.yaml").read_text() == COMPOSE
        assert (state.branch, state.commit) == ("main", shop.git("rev-parse", "main"))
        assert not killed.exists()
    assert not folder.exists()


def test_a_link_in_a_commit_leads_nothing_out(told: Services, shop: Repo, tmp_path: Path) -> None:
    (shop.path / "app/.env").symlink_to(tmp_path / "outside")
    shop.commit({"app/compose.yaml": COMPOSE})
    shop.git("branch", "hostile")
    (shop.path / "app/.env").unlink()
    (shop.path / "app/.env").write_text("WORD=mine\n")
    with checked_out(told, load(told, shop.path / "app"), "hostile"):
        pass
    assert not (tmp_path / "outside").exists()


def test_a_commit_without_the_project_is_not_taken_for_the_one_above(told: Services, shop: Repo) -> None:
    before = shop.git("rev-parse", "main")
    shop.commit({"app/compose.yaml": COMPOSE})
    with pytest.raises(LocalenvError) as raised, checked_out(told, load(told, shop.path / "app"), before):
        pass
    assert raised.value.code_of_case == "no-compose-file"
    assert not list(told.place.home.glob("checkouts/*"))


def test_the_projects_folder_is_no_link(told: Services, shop: Repo, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/compose.yaml").write_text(COMPOSE)
    shop.commit({"app/compose.yaml": COMPOSE})
    loaded = load(told, shop.path / "app")
    shop.git("checkout", "-q", "-b", "hostile")
    shop.git("rm", "-rq", "app")
    (shop.path / "app").symlink_to(tmp_path / "elsewhere")
    shop.commit()
    shop.git("checkout", "-q", "main")
    with pytest.raises(LocalenvError) as raised, checked_out(told, loaded, "hostile"):
        pass
    assert raised.value.code_of_case == "outside-project"
