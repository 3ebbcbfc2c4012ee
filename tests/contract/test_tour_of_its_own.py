"""What ``demo --down`` takes for the tour's: never a person's project that has its name."""

from __future__ import annotations

from pathlib import Path

from localenv.wiring.demo import is_of_the_tour


def test_a_project_that_is_called_like_the_tour_is_none_of_it(tmp_path: Path) -> None:
    tours, own = tmp_path / "demo/tour", tmp_path / "own"
    assert not is_of_the_tour([], tours)
    assert not is_of_the_tour([str(own)], tours)
    tours.mkdir(parents=True)
    assert is_of_the_tour([], tours)
    assert is_of_the_tour([str(tours), ""], tours)
    assert not is_of_the_tour([str(own)], tours)
    assert not is_of_the_tour([str(own), str(tours)], tours)


def test_the_tours_environments_are_known_when_its_files_are_gone(tmp_path: Path) -> None:
    assert is_of_the_tour([str(tmp_path / "demo/tour")], tmp_path / "demo/tour")
