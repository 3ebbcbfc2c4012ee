"""Word lists are the same whoever asks for what at the same time: rows of data profiles hang on them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from localenv.adapters import faker_words

KINDS = ("word", "user_agent", "user_name", "first_name", "city", "sentence")


@pytest.fixture
def switching() -> Iterator[None]:
    """Threads that take turns after every few instructions."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_lists_that_are_made_side_by_side_are_those_that_are_made_alone(switching: None) -> None:
    """A database and a cache are filled at once, and each seeded the generator that the other was drawing from."""
    alone = {}
    for kind in KINDS:
        faker_words._words.cache_clear()
        alone[kind] = faker_words.words(kind, "en_US")
    faker_words._words.cache_clear()
    with ThreadPoolExecutor(len(KINDS)) as workers:
        together = dict(zip(KINDS, workers.map(lambda kind: faker_words.words(kind, "en_US"), KINDS), strict=True))
    assert together == alone
