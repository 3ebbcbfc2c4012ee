from __future__ import annotations

from dataclasses import replace

import pytest

from localenv.actions.project_identity import ProjectIdentity, parse_environment
from localenv.core.names import EnvironmentId
from localenv.errors import InvalidInput
from localenv.ports.state import EnvironmentRecord
from tests.fakes.memory_files import MemoryFiles
from tests.fakes.memory_ledger import MemoryLedger


def known(directory: str, project: str = "shop") -> EnvironmentRecord:
    return EnvironmentRecord(id=EnvironmentId(project=project, name="staging"), tier="staging", directory=directory)


def there(*directories: str, links: dict[str, str] | None = None) -> MemoryFiles:
    return MemoryFiles({f"{directory}/compose.yaml": "" for directory in directories}, links=links)


def test_a_first_directory_has_the_plain_name() -> None:
    assert ProjectIdentity(MemoryLedger(), there("/a/shop"))("shop", "/a/shop", chosen=False) == "shop"


def test_two_directories_of_one_name_are_two_projects() -> None:
    ledger = MemoryLedger(known("/a/shop"))
    names = {ProjectIdentity(ledger, there("/a/shop", place))("shop", place, chosen=False) for place in ("/b/shop", "/c/shop")}
    assert len(names | {"shop"}) == 3
    assert all(name.startswith("shop-") and len(name) <= 40 for name in names)


def test_a_name_that_a_person_chose_is_never_changed() -> None:
    with pytest.raises(InvalidInput) as raised:
        ProjectIdentity(MemoryLedger(known("/a/shop")), there("/a/shop", "/b/shop"))("shop", "/b/shop", chosen=True)
    assert raised.value.code_of_case == "project-taken"
    assert "/a/shop" in raised.value.message


def test_a_moved_project_keeps_its_name() -> None:
    assert ProjectIdentity(MemoryLedger(known("/a/shop")), there("/new/shop"))("shop", "/new/shop", chosen=True) == "shop"


def test_the_same_directory_through_a_link_is_the_same_project() -> None:
    files = there("/a/shop", links={"/home/shop": "/a/shop"})
    assert ProjectIdentity(MemoryLedger(known("/a/shop")), files)("shop", "/home/shop", chosen=True) == "shop"


def test_a_name_of_its_own_stays_when_the_first_directory_goes() -> None:
    """It went back to the plain name, and the environments under the other one could not be found any more."""
    ledger = MemoryLedger(known("/a/shop"))
    own = ProjectIdentity(ledger, there("/a/shop", "/b/shop"))("shop", "/b/shop", chosen=False)
    ledger.save(known("/b/shop", own))
    assert ProjectIdentity(ledger, there("/b/shop"))("shop", "/b/shop", chosen=False) == own


def test_a_worktree_is_the_project_that_it_came_from() -> None:
    """A preview's own folder is another directory of the same name, and took the name away from the checkout."""
    preview = replace(known("/state/worktrees/shop/x/abc"), origin="/a/shop")
    files = there("/a/shop", "/state/worktrees/shop/x/abc")
    assert ProjectIdentity(MemoryLedger(preview), files)("shop", "/a/shop", chosen=True) == "shop"
    forgotten = replace(preview, origin="")
    identity = ProjectIdentity(MemoryLedger(forgotten), files, lambda place: place.startswith("/state/worktrees/"))
    assert identity("shop", "/a/shop", chosen=True) == "shop"


def test_an_environment_is_named_alone_or_with_its_project() -> None:
    assert parse_environment("uat", "shop") == EnvironmentId(project="shop", name="uat")
    assert parse_environment("other/uat", "shop") == EnvironmentId(project="other", name="uat")


@pytest.mark.parametrize("text", ["../uat", "shop/", "/uat", "a/b/c", "-x", "shop/\x1b[31m", "Ü"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_environment(text, "shop")


def test_a_name_outside_any_project_must_say_whose() -> None:
    with pytest.raises(InvalidInput) as raised:
        parse_environment("uat", None)
    assert raised.value.code_of_case == "no-project"
