from __future__ import annotations

from collections.abc import Iterator

import pytest

from localenv.actions.loading.ahead import Ahead


def everything(ahead: Ahead, size: int) -> bytes:
    found = b""
    while piece := ahead.read(size):
        assert len(piece) <= size
        found += piece
    return found


@pytest.mark.parametrize("size", [1, 3, 100])
def test_pieces_arrive_whole_and_in_order(size: int) -> None:
    ahead = Ahead(iter([b"one", b"", b"two", b"three"]))
    assert everything(ahead, size) == b"onetwothree"
    assert not ahead.read(size)
    ahead.close()


def test_only_a_few_pieces_are_made_ahead_and_none_when_nobody_reads_any_more() -> None:
    made = []

    def pieces() -> Iterator[bytes]:
        for number in range(1000):
            made.append(number)
            yield b"x"

    ahead = Ahead(pieces())
    assert bytes(ahead.read(1)) == b"x"
    ahead.close()
    assert len(made) < 20


def test_a_failure_is_raised_where_it_is_read() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"one"
        raise ValueError("no more")

    ahead = Ahead(pieces())
    with pytest.raises(ValueError, match="no more"):
        everything(ahead, 10)
    ahead.close()
