"""The engine's output format: frames of standard output and error in one stream (Engine API, attach, stream format)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, Literal

__all__ = ["Channel", "Tail", "demultiplexed", "frames", "lines"]

Channel = Literal["stdout", "stderr"]

HEADER: Final = 8
STDERR: Final = 2
LONGEST_LINE: Final = 1 << 20
"""Bytes after which a line is handed on unfinished, so that memory stays bounded."""


class Tail:
    """The last bytes of an output, at most ``limit`` of them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: deque[bytes] = deque()
        self._size = 0

    def add(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        while self._size - len(self._pieces[0]) >= self._limit:
            self._size -= len(self._pieces.popleft())

    def content(self) -> bytes:
        return b"".join(self._pieces)[-self._limit :]


def frames(reader: BinaryIO) -> Iterator[tuple[Channel, bytes]]:
    """Yield what arrives on a hijacked connection as it arrives, until it ends, also in the middle of a frame."""
    while len(header := reader.read(HEADER)) == HEADER:
        left = int.from_bytes(header[4:], "big")
        while left:
            piece = reader.read1(min(left, 1 << 16))  # type: ignore[attr-defined]
            if not piece:
                return
            left -= len(piece)
            yield _channel(header), piece


def demultiplexed(pieces: Iterable[bytes]) -> Iterator[tuple[Channel, bytes]]:
    """Yield the frames of a body that comes in pieces of any size; an unfinished last frame is handed on as it is."""
    held = bytearray()
    for piece in pieces:
        held += piece
        start = 0
        while len(held) - start >= HEADER:
            end = start + HEADER + int.from_bytes(held[start + 4 : start + HEADER], "big")
            if len(held) < end:
                break
            yield _channel(held[start : start + HEADER]), bytes(held[start + HEADER : end])
            start = end
        del held[:start]
    if len(held) > HEADER:
        yield _channel(held[:HEADER]), bytes(held[HEADER:])


def lines(parts: Iterable[tuple[Channel, bytes]], *, terminal: bool = False) -> Iterator[tuple[Channel, bytes]]:
    """Join parts to lines, each channel for itself, without line ends; a terminal's end with a carriage return too."""
    held: dict[Channel, bytes] = {}
    for channel, part in parts:
        *whole, rest = (held.get(channel, b"") + part).split(b"\n")
        for line in whole:
            yield channel, line.removesuffix(b"\r") if terminal else line
        if len(rest) >= LONGEST_LINE:
            yield channel, rest
            rest = b""
        held[channel] = rest
    for channel, rest in held.items():
        if rest:
            yield channel, rest


def _channel(header: bytes | bytearray) -> Channel:
    return "stderr" if header[0] == STDERR else "stdout"
