from __future__ import annotations

import hashlib

from localenv.actions.witnessed import WitnessedMemory
from tests.fakes.memory_files import MemoryFiles


class DictCache(dict[str, bytes]):
    def put(self, key: str, value: bytes) -> None:
        self[key] = value


def memory() -> tuple[WitnessedMemory, MemoryFiles, dict[str, str], DictCache]:
    files = MemoryFiles({"/p/a": "content", "/p/src/x": ""})
    variables = {"TAG": "1"}
    cache = DictCache()
    found = WitnessedMemory(cache, files, variables)
    read = {"/p/a": hashlib.sha256(b"content").hexdigest(), "/p/later": ""}
    found.put("key", b"value", read=read, names=["TAG", "UNSET"], looked_at=["/p/src"])
    return found, files, variables, cache


def test_a_value_holds_while_its_witnesses_do() -> None:
    found, _, variables, _ = memory()
    variables["OTHER"] = "no matter"
    assert found.get("key") == b"value"
    assert found.get("another") is None


def test_every_witness_counts() -> None:
    for change in (
        lambda files, _: files.content.update({"/p/a": "changed"}),
        lambda files, _: files.content.pop("/p/a"),
        lambda files, _: files.content.update({"/p/later": ""}),
        lambda files, _: files.special.update({"/p/a": "fifo"}),
        lambda files, _: files.links.update({"/p/src": "/etc"}),
        lambda _, variables: variables.update(TAG="2"),
        lambda _, variables: variables.update(UNSET="set"),
        lambda _, variables: variables.pop("TAG"),
    ):
        found, files, variables, _ = memory()
        change(files, variables)
        assert found.get("key") is None


def test_an_entry_of_another_kind_is_none() -> None:
    found, _, _, cache = memory()
    for data in (b"", b"\x00", b"junk", cache["key"][:-3]):
        cache["key"] = data
        assert found.get("key") is None


def test_no_variables_value_is_kept() -> None:
    _, files, _, cache = memory()
    WitnessedMemory(cache, files, {"PASSWORD": "hunter2"}).put("k", b"", read={}, names=["PASSWORD"], looked_at=[])
    assert b"hunter2" not in cache["k"]
