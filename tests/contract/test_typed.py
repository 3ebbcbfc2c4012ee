"""Values are made by several threads at once, also the first of their type."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RACE = """
import sys
import threading

import msgspec

from localenv.core.typed import from_json, from_msgpack, from_plain

asked, made = threading.Event(), threading.Event()


def slow():
    "What a field's type is: told when another thread has asked for the same type, at the latest after a moment."
    asked.wait(5)
    made.wait(0.2)
    return int


class Inner(msgspec.Struct):
    number: "slow()"


class Outer(msgspec.Struct):
    inner: Inner
    text: str


VALUE = {"inner": {"number": 1}, "text": "x"}
MAKE = {
    "json": lambda: from_json(msgspec.json.encode(VALUE), Outer),
    "msgpack": lambda: from_msgpack(msgspec.msgpack.encode(VALUE), Outer),
    "plain": lambda: from_plain(VALUE, Outer),
}[sys.argv[1]]
first = threading.Thread(target=MAKE)
first.start()
asked.set()
assert MAKE().text == "x"
made.set()
first.join()
"""


@pytest.mark.parametrize("how", ["json", "msgpack", "plain"])
def test_two_threads_make_the_first_value_of_a_type(how: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RACE, how], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
