"""What ``ports.volumes`` promises, in memory and on the real engine by each way of cloning."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from localenv.adapters.volume_store import scripts
from localenv.adapters.volume_store.freezing import DEEPEST
from localenv.adapters.volume_store.store import SLOTS
from localenv.core import labels as label
from localenv.core.names import EnvironmentId
from localenv.core.snapshots.model import Snapshot, encode
from localenv.errors import LocalenvError
from localenv.ports.engine import VolumeSpec
from tests.contract import store_bench
from tests.contract.engine_bench import eventually
from tests.contract.store_bench import DiskBench, Files, Killed, StoreBench, packed, to_freeze

REAL = [pytest.param(kind, marks=pytest.mark.engine) for kind in ("overlay", "reflink", "copy")]
OTHER = EnvironmentId(project="contract", name="another")
CAPABILITY = "\x01\0\0\x02\0\x04" + "\0" * 14
"""Of a program that may bind low ports, as the kernel keeps it in an attribute (``vfs_cap_data``)."""

on_disk = pytest.mark.parametrize("bench", REAL, indirect=True)


@pytest.fixture(scope="module", params=["memory", *REAL])
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreBench]:
    """A store to hold to the contract. Tests share it, as environments share one."""
    yield from store_bench.benches(request.param, tmp_path_factory.mktemp("store"))


def layers(*snapshots: Snapshot) -> set[str]:
    return {layer for each in snapshots for volume in each.volumes for layer in volume.layers}


def test_asking_a_store_that_keeps_nothing_makes_nothing(bench: StoreBench) -> None:
    store = bench.unused()
    store.mend()
    assert not store.exists()
    assert (store.stored(), store.snapshots(), store.damaged(), store.used()) == ({}, [], {}, 0)
    nothing = store.collect(busy=lambda _: False, unneeded=lambda _: True)
    assert (nothing.snapshots, nothing.layers, nothing.leftovers, nothing.size) == ((), {}, {}, 0)
    assert not store.exists()


def test_a_new_volume_is_empty_and_keeps_what_is_written(bench: StoreBench) -> None:
    assert bench.store.method == bench.method
    volume = bench.volume()
    assert bench.files(volume) == {}
    bench.write(volume, {"row": "1", "folder/row": "2"})
    assert bench.files(volume) == {"row": "1", "folder/row": "2"}
    record = bench.store.stored()[volume]
    assert (record.project, record.environment, record.snapshot) == ("contract", bench.environment.name, None)
    assert bench.store.exists()


def test_a_clone_begins_as_its_snapshot(bench: StoreBench) -> None:
    volume = bench.volume(row="1")
    bench.write(volume, {"folder/row": "2"})
    snapshot = bench.snapshot(volume)
    clone = bench.clone(snapshot)
    assert bench.files(clone) == bench.files(volume) == {"row": "1", "folder/row": "2"}
    assert bench.store.stored()[clone].snapshot == snapshot.id
    seen = next(each for each in bench.seen() if each.name == clone)
    assert seen.labels[label.SNAPSHOT] == snapshot.id


def test_what_was_removed_or_replaced_stays_so_copied_or_frozen(bench: StoreBench) -> None:
    first: Files = {"gone": "1", "kept": "1", "emptied/old": "1", "file": "1", "folder/a": "1", "folder/b/c": "1"}
    origin = bench.volume(**first)
    clone = bench.clone(bench.snapshot(origin))
    bench.drop(clone, "gone", "emptied", "file", "folder")
    bench.write(clone, {"emptied/new": "2", "file/inside": "2", "folder": "2"})
    second = {"kept": "1", "emptied/new": "2", "file/inside": "2", "folder": "2"}
    taken = [bench.snapshot(clone, in_place=in_place) for in_place in (False, True)[: 1 + bench.in_place]]
    bench.write(clone, {"later": "3"})
    for snapshot in taken:
        assert [each.key for each in snapshot.volumes] == ["data"]
        assert bench.files(bench.clone(snapshot)) == second
    assert bench.files(clone) == {**second, "later": "3"}
    assert bench.files(origin) == first


@on_disk
def test_owners_modes_links_and_attributes_come_with_it(bench: DiskBench) -> None:
    volume = bench.volume()
    bench.unpack(volume, furnished())
    bench.run(volume, "chown 999:998 . && chmod 1770 .")
    before = bench.members(volume)
    assert before["."][1:4] == (oct(0o1770), 999, 998)
    assert before["ping"][7] == CAPABILITY
    assert {before["one"][0], before["two"][0]} == {tarfile.REGTYPE, tarfile.LNKTYPE}
    second = bench.clone(bench.snapshot(volume))
    assert bench.members(second) == before
    third = bench.clone(bench.snapshot(second, in_place=bench.in_place))
    assert bench.members(third) == bench.members(second) == before


def test_what_is_written_to_a_clone_is_its_own(bench: StoreBench) -> None:
    origin = bench.volume(row="1", other="1")
    snapshot = bench.snapshot(origin)
    clones = [bench.clone(snapshot) for _ in range(3)]
    bench.write(origin, {"row": "origin"})
    bench.write(clones[0], {"row": "first"})
    bench.drop(clones[0], "other")
    bench.write(clones[1], {"second": "2"})
    assert bench.files(origin) == {"row": "origin", "other": "1"}
    assert bench.files(clones[0]) == {"row": "first"}
    assert bench.files(clones[1]) == {"row": "1", "other": "1", "second": "2"}
    assert bench.files(clones[2]) == bench.files(bench.clone(snapshot)) == {"row": "1", "other": "1"}


def test_a_volume_is_frozen_where_it_stands_until_its_slots_are_used(bench: StoreBench) -> None:
    volume = bench.volume()
    taken: list[Snapshot] = []
    while bench.store.can_freeze_in_place([volume]):
        bench.write(volume, {f"row-{len(taken)}": "1", "last": str(len(taken))})
        taken.append(bench.snapshot(volume, in_place=True))
    assert len(taken) == (SLOTS if bench.in_place else 0)
    bench.write(volume, {"last": "copied"})
    with pytest.raises(LocalenvError) as raised:
        bench.snapshot(volume, in_place=True)
    assert raised.value.code_of_case == "layers"
    rows = {f"row-{number}": "1" for number in range(len(taken))}
    assert bench.files(volume) == bench.files(bench.clone(bench.snapshot(volume))) == {**rows, "last": "copied"}
    for last, snapshot in enumerate(taken):
        assert bench.files(bench.clone(snapshot))["last"] == str(last)


@pytest.mark.parametrize("bench", ["memory", REAL[0]], indirect=True)
def test_a_chain_of_snapshots_stays_short_and_loses_nothing(bench: StoreBench) -> None:
    volume = bench.volume(gone="1", replaced="1")
    rows: Files = {"gone": "1", "replaced": "1"}
    taken: list[tuple[Snapshot, Files]] = []
    while len(taken) < DEEPEST + 2:
        if taken and not bench.store.can_freeze_in_place([volume]):
            volume = bench.clone(taken[-1][0])
        if len(taken) == 1:
            bench.drop(volume, "gone", "replaced")
            rows = {"row-0": "3", "replaced/inside": "2"}
        rows = {**rows, f"row-{len(taken)}": "3"}
        bench.write(volume, rows)
        taken.append((bench.snapshot(volume, in_place=True), rows))
    deep = [len(snapshot.volumes[0].layers) for snapshot, _ in taken]
    assert max(deep) <= DEEPEST
    assert not bench.shares_layers or deep[-3:] == [DEEPEST, 1, 2]
    for snapshot, expected in taken[-3:]:
        assert bench.files(bench.clone(snapshot)) == expected


def test_a_volume_that_is_not_kept_here_is_copied_whole(bench: StoreBench) -> None:
    plain = bench.bench.volume(bench.name().rpartition("_")[2])
    bench.write(plain, {"row": "1"})
    assert not bench.store.can_freeze_in_place([plain])
    assert bench.files(bench.clone(bench.snapshot(plain))) == {"row": "1"}


def test_a_removed_volume_is_gone_and_what_it_stood_on_stays(bench: StoreBench) -> None:
    snapshot = bench.snapshot(bench.volume(row="1"))
    clone = bench.clone(snapshot)
    bench.write(clone, {"row": "2"})
    bench.store.remove([clone])
    bench.store.remove([clone])
    assert clone not in bench.store.stored()
    assert not bench.there(clone)
    bench.create(clone, snapshot)
    assert bench.files(clone) == {"row": "1"}
    bench.store.remove([clone])
    bench.create(clone)
    assert bench.files(clone) == {}


def test_sizes_tell_what_a_volume_holds_of_its_own(bench: StoreBench) -> None:
    origin = bench.volume(first="1" * 50_000, second="2" * 50_000)
    before = bench.store.used()
    snapshot = bench.snapshot(origin)
    assert snapshot.size >= 100_000
    assert bench.store.used() - before >= 100_000
    clone = bench.clone(snapshot)
    bench.write(clone, {"third": "3" * 70_000})
    sizes = bench.store.sizes([origin, clone, "nobody's"])
    assert sizes.keys() == {origin, clone}
    assert sizes[origin] >= 100_000
    assert 70_000 <= sizes[clone] < 100_000 or (not bench.shares_layers and sizes[clone] >= 170_000)


@pytest.mark.parametrize("bench", [REAL[1]], indirect=True)
def test_a_reflink_takes_no_room(bench: DiskBench) -> None:
    volume = bench.volume()
    bench.run(volume, "head -c 20000000 /dev/urandom > large")
    snapshot = bench.snapshot(volume)
    before = bench.free()
    clone = bench.clone(snapshot)
    assert before - bench.free() < 1_000_000
    assert bench.members(clone) == bench.members(volume)


def test_snapshots_are_listed_the_newest_first(bench: StoreBench) -> None:
    volume = bench.volume(row="1")
    taken = [bench.snapshot(volume) for _ in range(3)]
    mine = {each.id for each in taken}
    assert [each for each in bench.store.snapshots() if each.id in mine] == taken[::-1]
    bench.store.forget(taken[1:2])
    assert [each for each in bench.store.snapshots() if each.id in mine] == [taken[2], taken[0]]


def test_a_damaged_manifest_is_told_and_keeps_all_layers(bench: StoreBench) -> None:
    snapshot = bench.snapshot(bench.volume(row="1"))
    damage = {
        "empty": b"",
        "truncated": encode(snapshot)[:-100],
        "garbage": b"\x00\xff\xfe not a manifest",
        "another-kind": b'["a", "list"]',
        "newer": encode(snapshot).replace(b"{", b'{"format": 99,', 1),
    }
    for name, content in damage.items():
        bench.put_manifest(name, content)
    try:
        assert bench.store.damaged().keys() == damage.keys()
        assert all(bench.store.damaged().values())
        assert snapshot in bench.store.snapshots()
        assert bench.files(bench.clone(snapshot)) == {"row": "1"}
        bench.store.forget([snapshot])
        assert bench.collect().layers == {}
    finally:
        for name in damage:
            bench.put_manifest(name, None)
    assert bench.store.damaged() == {}


def test_only_layers_that_nothing_refers_to_go(bench: StoreBench) -> None:
    origin = bench.volume(row="1")
    first = bench.snapshot(origin)
    clone = bench.clone(first)
    bench.write(clone, {"next": "2"})
    second = bench.snapshot(clone, in_place=bench.in_place)
    third = bench.clone(second)
    both = {"row": "1", "next": "2"}
    bench.store.remove([origin])
    bench.store.forget([first])
    bench.collect()
    assert bench.files(clone) == bench.files(third) == bench.files(bench.clone(second)) == both
    bench.store.forget([second])
    bench.bench.engine.remove_volume(third)
    bench.collect()
    bench.create(third)
    assert bench.files(clone) == bench.files(third) == both


def test_what_nothing_refers_to_is_told_and_goes(bench: StoreBench) -> None:
    origin = bench.volume(row="1" * 5000)
    first = bench.snapshot(origin)
    clone = bench.clone(first)
    second = bench.snapshot(clone)
    assert not layers(first, second) & set(bench.garbage().layers)
    bench.store.remove([origin, clone])
    bench.store.forget([first])
    assert not layers(second) & set(bench.garbage().layers)
    bench.store.forget([second])
    told = bench.garbage()
    assert layers(first, second) <= set(told.layers)
    assert told.size >= sum(told.layers[layer] for layer in layers(first)) >= 5000
    assert layers(first, second) <= set(bench.collect().layers)
    assert not layers(first, second) & set(bench.garbage().layers)
    eventually(lambda: not bench.garbage().leftovers, "what was written to removed volumes goes as well")


def test_a_snapshot_that_is_unneeded_goes_once_nobody_stands_on_it(bench: StoreBench) -> None:
    volume = bench.volume(row="1")
    needed, unneeded = bench.snapshot(volume), bench.snapshot(volume)
    clone = bench.clone(unneeded)
    assert bench.collect(unneeded=[unneeded.id]).snapshots == ()
    assert unneeded in bench.store.snapshots()
    bench.store.remove([clone])
    assert bench.garbage(unneeded=[unneeded.id]).snapshots == (unneeded,)
    assert unneeded in bench.store.snapshots()
    told = bench.collect(unneeded=[unneeded.id])
    assert told.snapshots == (unneeded,)
    assert layers(unneeded) <= set(told.layers)
    assert unneeded not in bench.store.snapshots()
    assert bench.files(bench.clone(needed)) == {"row": "1"}


def test_what_is_being_made_for_a_busy_environment_is_left_alone(bench: StoreBench) -> None:
    volume = bench.volume(row="1")
    frozen = bench.store.copy(bench.environment, to_freeze(volume))
    (layer,) = frozen.layers.values()
    assert not [path for path in bench.collect(busy=[bench.environment]).leftovers if layer in path]
    snapshot = bench.seal(frozen)
    assert bench.files(bench.clone(snapshot)) == {"row": "1"}
    frozen = bench.store.copy(bench.environment, to_freeze(volume))
    (layer,) = frozen.layers.values()
    assert [path for path in bench.collect(busy=[OTHER]).leftovers if layer in path]
    assert not [path for path in bench.garbage().leftovers if layer in path]


@pytest.mark.parametrize("bench", [REAL[0]], indirect=True)
def test_a_chain_that_is_being_squashed_is_left_alone(bench: DiskBench) -> None:
    many = bench.seal(bench.store.copy(bench.environment, to_freeze(*(bench.volume() for _ in range(DEEPEST)))))
    chain = tuple(layer for volume in many.volumes for layer in volume.layers)
    deep = msgspec.structs.replace(many, id="deep", volumes=(msgspec.structs.replace(many.volumes[0], layers=chain),))
    bench.put_manifest("deep", encode(deep))
    frozen = bench.store.copy(bench.environment, to_freeze(bench.clone(deep)))
    eventually(lambda: not bench.collect(busy=[bench.environment]).leftovers, "nothing else is left over")
    with bench.dying(at=scripts.SEAL) as store, pytest.raises(Killed):
        store.seal(frozen, lambda volumes: msgspec.structs.replace(many, id="squashed", volumes=volumes))
    assert bench.collect(busy=[bench.environment]).leftovers == {}
    assert bench.collect().leftovers
    assert bench.garbage().leftovers == {}


def test_what_was_abandoned_leaves_nothing(bench: StoreBench) -> None:
    volume = bench.volume(row="1")
    frozen = bench.store.copy(bench.environment, to_freeze(volume))
    (layer,) = frozen.layers.values()
    bench.store.abandon(frozen)
    left = bench.garbage()
    assert not [path for path in (*left.layers, *left.leftovers) if layer in path]


@pytest.mark.parametrize("bench", ["memory", REAL[0]], indirect=True)
def test_what_was_frozen_in_place_and_abandoned_stays_in_the_volume(bench: StoreBench) -> None:
    volume = bench.volume(row="1")
    bench.store.abandon(bench.store.freeze(bench.environment, to_freeze(volume)))
    bench.write(volume, {"later": "2"})
    bench.collect()
    assert bench.files(volume) == bench.files(bench.clone(bench.snapshot(volume))) == {"row": "1", "later": "2"}


@pytest.mark.parametrize("named", [False, True], ids=["by its name", "with its snapshot"])
def test_a_volume_that_was_removed_by_hand_is_made_again_as_it_was(bench: StoreBench, named: bool) -> None:
    snapshot = bench.snapshot(bench.volume(row="1", gone="1"))
    clone = bench.clone(snapshot)
    bench.drop(clone, "gone")
    bench.write(clone, {"row": "2", "own": "2"})
    bench.bench.engine.remove_volume(clone)
    assert not bench.there(clone)
    assert clone in bench.store.stored()
    bench.collect()
    bench.create(clone, snapshot if named else None)
    assert bench.files(clone) == {"row": "2", "own": "2"}
    seen = next(each for each in bench.seen() if each.name == clone)
    assert seen.labels[label.SNAPSHOT] == snapshot.id


@pytest.mark.parametrize("bench", REAL[1:], indirect=True)
def test_a_copy_that_was_not_finished_is_made_when_the_volume_is(bench: DiskBench) -> None:
    snapshot = bench.snapshot(bench.volume(row="1"))
    name = bench.name()
    with bench.dying(at=scripts.FILL) as store, pytest.raises(Killed):
        store.create(name, bench.environment, bench.bench.labels, source=(snapshot, snapshot.volumes[0]))
    bench.store.forget([snapshot])
    bench.collect()
    bench.create(name)
    assert bench.files(name) == {"row": "1"}


@pytest.mark.engine
def test_a_copy_that_finds_no_room_takes_none_and_is_made_when_there_is(tmp_path: Path) -> None:
    with store_bench.small_bench(tmp_path) as bench:
        volume = bench.volume()
        bench.run(volume, "head -c 5000000 /dev/urandom > large")
        snapshot = bench.snapshot(volume)
        clone, name = bench.clone(snapshot), bench.name()
        before = bench.free()
        with pytest.raises(LocalenvError) as raised:
            bench.create(name, snapshot)
        assert raised.value.code_of_case == "disk-full"
        assert before - bench.free() < 100_000
        bench.store.remove([clone])
        eventually(lambda: bench.free() - before > 3_000_000, "the room of a removed clone")
        bench.create(name, snapshot)
        assert bench.members(name) == bench.members(volume)


def test_a_snapshot_that_was_removed_meanwhile_is_no_origin(bench: StoreBench) -> None:
    snapshot = bench.snapshot(bench.volume(row="1"))
    bench.store.forget([snapshot])
    name = bench.name()
    with pytest.raises(LocalenvError) as raised:
        bench.create(name, snapshot)
    assert raised.value.code_of_case == "no-snapshot"
    assert name not in bench.store.stored()
    assert not bench.there(name)


def test_somebody_elses_volume_of_that_name_is_left_alone(bench: StoreBench) -> None:
    name = bench.name()
    bench.bench.stranger.create_volume(VolumeSpec(name=name, labels=bench.bench.labels))
    bench.write(name, {"row": "a stranger's"}, by=bench.bench.stranger)
    with pytest.raises(LocalenvError) as raised:
        bench.create(name)
    assert raised.value.code_of_case == "foreign-object"
    bench.store.remove([name])
    assert name not in bench.store.stored()
    with pytest.raises(LocalenvError) as raised:
        bench.store.remove([name])
    assert raised.value.code_of_case == "foreign-object"
    assert bench.files(name) == {"row": "a stranger's"}


def furnished() -> bytes:
    """A tar archive with one of each kind of file."""
    members: list[tarfile.TarInfo] = []
    for name, kind, mode, link in (
        ("folder", tarfile.DIRTYPE, 0o2750, ""),
        ("folder/program", tarfile.REGTYPE, 0o4755, ""),
        ("folder/secret", tarfile.REGTYPE, 0o600, ""),
        ("one", tarfile.REGTYPE, 0o644, ""),
        ("two", tarfile.LNKTYPE, 0o644, "one"),
        ("link", tarfile.SYMTYPE, 0o777, "folder/secret"),
        ("dangling", tarfile.SYMTYPE, 0o777, "/nowhere/at all"),
        ("pipe", tarfile.FIFOTYPE, 0o640, ""),
        ("ping", tarfile.REGTYPE, 0o755, ""),
    ):
        member = tarfile.TarInfo(name)
        member.type, member.mode, member.linkname = kind, mode, link
        member.uid, member.gid, member.mtime = 1000 + len(members), 2000, 1_600_000_000 + len(members)
        members.append(member)
    members[-1].pax_headers = {"SCHILY.xattr.security.capability": CAPABILITY}
    return packed(*((member, f"of {member.name}".encode() if member.isreg() else b"") for member in members))
