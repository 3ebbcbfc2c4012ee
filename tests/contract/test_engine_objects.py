"""What ``ports.engine`` promises about networks, volumes, images and who may change what."""

from __future__ import annotations

import ipaddress

import pytest

from localenv.core import labels as label
from localenv.errors import LocalenvError
from localenv.errors.engine import ForeignObject
from localenv.ports.engine import NetworkSpec, VolumeSpec
from tests.contract.engine_bench import IMAGE, Bench, Wanted


def test_the_engine_says_what_it_is(bench: Bench) -> None:
    info = bench.engine.info()
    assert int(info.version.split(".")[0]) >= 24
    assert info.cpus > 0
    assert info.memory > 1 << 20
    assert info.root_directory.startswith("/")


def test_an_image_is_told_by_reference_and_by_identifier(bench: Bench) -> None:
    image = bench.engine.image(IMAGE)
    assert image is not None
    assert image.id.startswith("sha256:")
    again = bench.engine.image(image.id)
    assert again is not None
    assert again.id == image.id


@pytest.mark.parametrize("reference", ["localenv-no-such-image:1", "localenv/no/such@sha256:" + "0" * 64])
def test_an_unknown_image_is_none(bench: Bench, reference: str) -> None:
    assert bench.engine.image(reference) is None


def test_a_network_is_created_with_its_subnet_and_labels(bench: Bench) -> None:
    block = bench.free_block()
    bench.network(subnet=block)
    (seen,) = bench.engine.observe("contract", bench.environment).networks
    assert (seen.name, seen.subnet) == (bench.name("default"), block)
    assert seen.labels.items() >= {**bench.labels, label.OWNER: bench.engine.owner}.items()
    assert block in bench.engine.networks_in_use()


def test_creating_a_network_twice_is_fine(bench: Bench) -> None:
    block = bench.free_block()
    bench.network(subnet=block)
    bench.network(subnet=block)
    assert len(bench.engine.observe("contract", bench.environment).networks) == 1


def test_a_network_that_is_there_with_another_subnet_is_a_conflict(bench: Bench) -> None:
    bench.network()
    with pytest.raises(LocalenvError) as caught:
        bench.network()
    assert caught.value.code_of_case == "address-conflict"


def test_an_overlapping_subnet_is_a_conflict(bench: Bench) -> None:
    block = ipaddress.IPv4Network(bench.free_block())
    bench.network(subnet=str(block))
    with pytest.raises(LocalenvError) as caught:
        bench.network("second", subnet=str(next(block.subnets())))
    assert caught.value.code_of_case == "address-conflict"


def test_the_engine_chooses_a_subnet_when_none_is_asked_for(bench: Bench) -> None:
    bench.network(subnet=None)
    (seen,) = bench.engine.observe("contract", bench.environment).networks
    assert seen.subnet is not None


def test_a_network_of_another_owner_is_never_taken_or_removed(bench: Bench) -> None:
    name = bench.network_of(bench.stranger, "default")
    with pytest.raises(ForeignObject):
        bench.engine.create_network(NetworkSpec(name=name, subnet=bench.free_block(), labels=bench.labels))
    with pytest.raises(ForeignObject):
        bench.engine.remove_network(name)
    assert [network.name for network in bench.stranger.observe("contract", bench.environment).networks] == [name]


def test_a_network_in_use_is_not_removed(bench: Bench) -> None:
    network = bench.network()
    bench.running(Wanted(network=network))
    with pytest.raises(LocalenvError) as caught:
        bench.engine.remove_network(network)
    assert caught.value.code_of_case == "busy"


def test_a_removed_network_is_gone(bench: Bench) -> None:
    bench.engine.remove_network(bench.network())
    assert bench.engine.observe("contract", bench.environment).networks == ()


def test_removing_what_is_gone_is_no_error(bench: Bench) -> None:
    bench.engine.remove_network(bench.name("nothing"))
    bench.engine.remove_volume(bench.name("nothing"))
    bench.engine.remove(bench.name("nothing"))
    bench.engine.remove_tool(bench.name("nothing"))
    bench.engine.stop(bench.name("nothing"), 0)


def test_a_volumes_labels_are_read_back(bench: Bench) -> None:
    bench.volume(**{label.CLASSIFICATION: "masked", label.PROFILE: "small"})
    (seen,) = bench.engine.observe("contract", bench.environment).volumes
    assert (seen.name, seen.classification, seen.profile) == (bench.name("data"), "masked", "small")


def test_creating_a_volume_twice_is_fine_though_the_time_differs(bench: Bench) -> None:
    bench.volume(**{label.CREATED: "2026-01-01T00:00:00Z"})
    bench.volume(**{label.CREATED: "2026-01-02T00:00:00Z"})
    (seen,) = bench.engine.observe("contract", bench.environment).volumes
    assert seen.labels[label.CREATED] == "2026-01-01T00:00:00Z"


def test_a_volume_that_is_there_with_another_class_is_refused(bench: Bench) -> None:
    bench.volume(**{label.CLASSIFICATION: "real"})
    with pytest.raises(LocalenvError) as caught:
        bench.volume(**{label.CLASSIFICATION: "synthetic"})
    assert caught.value.code_of_case == "object-differs"


def test_the_labels_of_anybodys_volume_can_be_read(bench: Bench) -> None:
    name = bench.name("data")
    assert bench.engine.volume_labels(name) is None
    bench.stranger.create_volume(VolumeSpec(name=name, labels={**bench.labels, label.CLASSIFICATION: "real"}))
    found = bench.engine.volume_labels(name) or {}
    assert (found[label.OWNER], found[label.CLASSIFICATION]) == (bench.stranger.owner, "real")


def test_a_volume_of_another_owner_is_never_taken_or_removed(bench: Bench) -> None:
    name = bench.name("data")
    bench.stranger.create_volume(VolumeSpec(name=name, labels=bench.labels))
    with pytest.raises(ForeignObject):
        bench.engine.create_volume(VolumeSpec(name=name, labels=bench.labels))
    with pytest.raises(ForeignObject):
        bench.engine.remove_volume(name)
    assert len(bench.stranger.observe("contract", bench.environment).volumes) == 1


def test_a_volume_in_use_is_not_removed(bench: Bench) -> None:
    volume = bench.volume()
    bench.container(Wanted(mounts={"/data": volume}))
    with pytest.raises(LocalenvError) as caught:
        bench.engine.remove_volume(volume)
    assert caught.value.code_of_case == "busy"


def test_a_volume_is_free_as_soon_as_its_container_is_removed(bench: Bench) -> None:
    volume = bench.volume()
    container = bench.running(Wanted(mounts={"/data": volume}))
    bench.engine.remove(container)
    bench.engine.remove_volume(volume)
    assert bench.engine.observe("contract", bench.environment).volumes == ()


def test_a_container_of_another_owner_is_never_changed(bench: Bench) -> None:
    network = bench.network()
    container = bench.container(Wanted(foreign=True))
    engine = bench.engine
    for change in (
        lambda: engine.start(container),
        lambda: engine.stop(container, 0),
        lambda: engine.remove(container),
        lambda: engine.set_restart(container, "always"),
        lambda: engine.connect(network, container, address=None),
        lambda: engine.disconnect(network, container),
        lambda: engine.put_files(container, "/", b""),
        lambda: engine.execute(container, ["true"]),
        lambda: engine.remove_tool(bench.name("web")),
    ):
        with pytest.raises(ForeignObject) as caught:
            change()
        assert caught.value.code == "foreign-object"
    assert bench.exists(container)
    assert engine.tool(bench.name("web")) is None


def test_only_the_named_environment_is_observed(bench: Bench) -> None:
    bench.network()
    bench.volume()
    container = bench.container(Wanted())
    everything = bench.engine.observe()
    assert everything == bench.engine.observe("contract") == bench.engine.observe("contract", bench.environment)
    assert [seen.id for seen in everything.containers] == [container]
    elsewhere = bench.engine.observe("contract", "elsewhere")
    assert (elsewhere.containers, elsewhere.networks, elsewhere.volumes) == ((), (), ())
    assert bench.engine.observe("contrac", bench.environment).containers == ()


def test_what_is_used_is_told_in_bytes(bench: Bench) -> None:
    usage = bench.engine.system_usage()()
    assert set(usage) == {"images", "containers", "volumes", "build_cache"}
    assert all(size >= 0 for size in usage.values())
