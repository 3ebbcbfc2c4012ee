"""The engine's output format, cut in every way."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from localenv.adapters.docker_engine.streams import LONGEST_LINE, Channel, Tail, demultiplexed, frames, lines

PARTS = st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.binary(min_size=1, max_size=60)), max_size=8)


def framed(parts: list[tuple[Channel, bytes]]) -> bytes:
    kinds = {"stdout": 1, "stderr": 2}
    return b"".join(bytes([kinds[channel], 0, 0, 0]) + len(part).to_bytes(4, "big") + part for channel, part in parts)


def pieces(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


@given(PARTS, st.integers(1, 40))
def test_frames_survive_any_cut(parts: list[tuple[Channel, bytes]], size: int) -> None:
    assert list(demultiplexed(pieces(framed(parts), size))) == parts


@given(PARTS, st.integers(1, 40))
def test_a_connection_gives_the_same_bytes_in_the_same_order(parts: list[tuple[Channel, bytes]], buffer: int) -> None:
    reader = io.BufferedReader(io.BytesIO(framed(parts)), buffer_size=buffer)
    found = list(frames(reader))
    for channel in ("stdout", "stderr"):
        assert b"".join(part for name, part in found if name == channel) == b"".join(
            part for name, part in parts if name == channel
        )


def test_a_connection_that_ends_within_a_frame_gives_what_came() -> None:
    reader = io.BufferedReader(io.BytesIO(framed([("stdout", b"whole"), ("stderr", b"broken")])[:-3]))
    assert list(frames(reader)) == [("stdout", b"whole"), ("stderr", b"bro")]
    assert list(demultiplexed([framed([("stdout", b"broken")])[:-3]])) == [("stdout", b"bro")]


@given(st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line), max_size=8), st.integers(1, 30))
def test_lines_are_joined_whatever_the_cut(wanted: list[bytes], size: int) -> None:
    content = b"".join(line + b"\n" for line in wanted)
    assert [line for _, line in lines(("stdout", piece) for piece in pieces(content, size))] == wanted


def test_each_channel_joins_its_own_lines() -> None:
    parts: list[tuple[Channel, bytes]] = [("stdout", b"on"), ("stderr", b"tw"), ("stdout", b"e\n"), ("stderr", b"o\n")]
    assert list(lines(parts)) == [("stdout", b"one"), ("stderr", b"two")]


def test_only_a_terminals_carriage_returns_belong_to_the_line_end() -> None:
    assert list(lines([("stdout", b"a\r\n")], terminal=True)) == [("stdout", b"a")]
    assert list(lines([("stdout", b"a\r\n")])) == [("stdout", b"a\r")]


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    endless: list[tuple[Channel, bytes]] = [("stdout", b"x" * (LONGEST_LINE // 2))] * 5
    found = list(lines(endless))
    assert [len(line) for _, line in found] == [LONGEST_LINE, LONGEST_LINE, LONGEST_LINE // 2]


@given(st.lists(st.binary(min_size=1, max_size=30), max_size=20), st.integers(1, 50))
def test_a_tail_is_the_end_of_everything(parts: list[bytes], limit: int) -> None:
    tail = Tail(limit)
    for part in parts:
        tail.add(part)
    assert tail.content() == b"".join(parts)[-limit:]
