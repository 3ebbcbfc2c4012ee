from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from localenv.core.configuration.columns import Distribution
from localenv.core.generate.distributions import DRAWS, ONE, positions, spread, weighted
from localenv.core.generate.draws import Walk

SHAPES = st.builds(
    Distribution,
    shape=st.sampled_from(["uniform", "zipf", "normal", "exponential"]),
    exponent=st.sampled_from([0.5, 1.0, 1.2, 2.0]),
)

few = settings(max_examples=25)


@few
@given(SHAPES, st.integers(1, 10**6))
def test_positions_rise_and_stay_inside(shape: Distribution, choices: int) -> None:
    found = positions(shape, choices)
    assert len(found) == DRAWS
    assert list(found) == sorted(found)
    assert found[0] >= 0
    assert found[-1] < ONE


@few
@given(st.lists(st.integers(), min_size=1, max_size=300, unique=True), SHAPES)
def test_items_are_spread_over_all_draws(items: list[int], shape: Distribution) -> None:
    found = spread(items, shape)
    assert len(found) == DRAWS
    assert set(found) <= set(items)
    if shape.shape == "uniform":
        counts = [found.count(item) for item in items[:5]]
        assert max(counts) - min(counts) <= 1


@few
@given(st.lists(st.integers(0, 50), min_size=1, max_size=20).filter(any))
def test_weights_share_all_draws(weights: list[int]) -> None:
    found = weighted(range(len(weights)), weights)
    assert len(found) == DRAWS
    for item, weight in enumerate(weights):
        assert abs(found.count(item) / DRAWS - weight / sum(weights)) < 0.001 * len(weights)
        assert (found.count(item) > 0) == (weight > 0)


@few
@given(st.text(max_size=5), st.integers(1, 3000))
def test_a_walk_visits_everything_once(key: str, size: int) -> None:
    assert sorted(Walk(key, size).at(range(size))) == list(range(size))
