"""Choosing address blocks and loopback ports."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localenv.core.addresses import DEFAULT_POOL, AddressRangeExhausted, block, choose_ports, choose_subnets, prefix_for

NAMES = st.dictionaries(st.from_regex(r"[a-z]{1,6}_[a-z]{1,6}", fullmatch=True), st.integers(22, 27), max_size=12)
BLOCKS = st.lists(
    st.builds(
        lambda address, prefix: str(IPv4Network((address, prefix), strict=False)),
        st.integers(int(IPv4Address("10.231.0.0")), int(IPv4Address("10.231.255.255"))),
        st.integers(20, 30),
    ),
    max_size=12,
)


@given(NAMES, BLOCKS)
def test_no_two_blocks_overlap_and_none_overlaps_what_is_used(wanted: dict[str, int], used: list[str]) -> None:
    try:
        chosen = choose_subnets(wanted, used=used)
    except AddressRangeExhausted:
        return
    networks = [IPv4Network(cidr) for cidr in chosen.values()]
    assert all(network.subnet_of(IPv4Network(DEFAULT_POOL)) for network in networks)
    assert {name: IPv4Network(cidr).prefixlen for name, cidr in chosen.items()} == wanted
    others = [IPv4Network(cidr) for cidr in used]
    assert not any(a.overlaps(b) for i, a in enumerate(networks) for b in (*networks[:i], *others))


@given(NAMES, BLOCKS)
def test_the_same_question_has_the_same_answer_and_what_is_held_stays(wanted: dict[str, int], used: list[str]) -> None:
    try:
        chosen = choose_subnets(wanted, used=used)
    except AddressRangeExhausted:
        return
    assert choose_subnets(dict(reversed(wanted.items())), used=used) == chosen
    assert choose_subnets(wanted, held=chosen, used=(*used, *chosen.values())) == chosen


def test_a_block_that_became_too_small_is_replaced() -> None:
    chosen = choose_subnets({"a": 25}, held={"a": "10.231.0.0/27"}, used=("10.231.0.0/27",))
    assert chosen == {"a": "10.231.0.128/25"}


def test_six_as_well_as_four_may_be_in_use() -> None:
    assert choose_subnets({"a": 27}, used=("fd00::/8", "::1/128", "10.231.0.1/16", "0.0.0.0/32"), pool="10.232.0.0/24") == {
        "a": "10.232.0.0/27"
    }


def test_a_full_range_says_what_to_do() -> None:
    with pytest.raises(AddressRangeExhausted, match=r"no /27 block is free in 10\.1\.0\.0/26 for network b") as caught:
        choose_subnets({"a": 27, "b": 27, "c": 27}, used=("10.1.0.0/27",), pool="10.1.0.0/26")
    assert caught.value.hints


def test_more_than_a_thousand_environments_have_room() -> None:
    assert len(set(choose_subnets({f"n{number}": 26 for number in range(1024)}).values())) == 1024


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_block_has_room_for_everyone_in_both_halves(dynamic: int, static: int) -> None:
    found = block(str(IPv4Network(("10.231.0.0", prefix_for(dynamic + static, static)))))
    lower = IPv4Network(found.ip_range)
    assert lower.num_addresses - 2 >= dynamic + 4
    assert len(found.static) >= static + 4
    assert IPv4Address(found.gateway) in lower
    assert not any(IPv4Address(address) in lower for address in found.static)
    assert str(IPv4Network(found.subnet).broadcast_address) not in found.static


def test_a_small_network_gets_a_small_block() -> None:
    assert (prefix_for(2, 1), prefix_for(24, 12), prefix_for(60, 20)) == (27, 26, 25)


KEYS = st.sets(st.from_regex(r"[a-z]{1,4}:[0-9]{1,3}/(tcp|udp)", fullmatch=True), max_size=20)


@given(KEYS, KEYS, st.sets(st.integers(41000, 41040)))
def test_ports_are_distinct_free_and_stay(keys: set[str], more: set[str], used: set[int]) -> None:
    chosen = choose_ports(keys, used=used)
    assert set(chosen) == keys
    assert len(set(chosen.values())) == len(keys)
    assert not used & set(chosen.values())
    later = choose_ports(keys | more, held=chosen, used=used)
    assert {key: later[key] for key in keys} == chosen
    assert choose_ports((), held=chosen) == {}


def test_no_free_port_is_an_error() -> None:
    with pytest.raises(AddressRangeExhausted, match="between 41000 and 41001 for c"):
        choose_ports(("a", "b", "c"), first=41000, last=41001)
