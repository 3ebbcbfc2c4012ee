from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localenv.core.routes.ports import PortWishes, choose_ports
from localenv.errors import Unavailable

NOTHING = PortWishes()


def held(by: Mapping[int, str]) -> Callable[[int], str | None]:
    return by.get


def test_the_usual_ports_when_they_are_free() -> None:
    chosen = choose_ports(NOTHING, NOTHING, held({}))
    assert (chosen.http, chosen.https, chosen.postgres, chosen.notes) == (80, 443, 5432, ())


def test_another_pair_says_who_is_in_the_way() -> None:
    chosen = choose_ports(NOTHING, NOTHING, held({443: "nginx (pid 812)", 5432: "postgres (pid 9)"}))
    assert (chosen.http, chosen.https, chosen.postgres) == (8080, 8443, 15432)
    assert chosen.notes == ("port 443 is held by nginx (pid 812): 8080 and 8443 are used and remembered",)


def test_what_was_chosen_before_stays_though_the_usual_ports_are_free_again() -> None:
    before = PortWishes(http=8080, https=8443, postgres=15432)
    chosen = choose_ports(NOTHING, before, held({}))
    assert (chosen.http, chosen.https, chosen.postgres, chosen.notes) == (8080, 8443, 15432, ())


def test_a_remembered_pair_that_was_lost_is_told() -> None:
    before = PortWishes(http=8080, https=8443, postgres=15432)
    chosen = choose_ports(NOTHING, before, held({8443: "java (pid 3)", 80: "nginx (pid 1)"}))
    assert (chosen.http, chosen.https) == (8081, 8444)
    assert chosen.notes[0] == "port 8443 is held by java (pid 3): 8081 and 8444 are used and remembered"


def test_a_wished_port_is_never_replaced() -> None:
    with pytest.raises(Unavailable, match=r"port 9443 is held by nginx \(pid 812\)"):
        choose_ports(PortWishes(https=9443), NOTHING, held({9443: "nginx (pid 812)"}))


def test_one_wished_port_keeps_the_other_of_the_pair() -> None:
    chosen = choose_ports(PortWishes(https=9443), NOTHING, held({}))
    assert (chosen.http, chosen.https) == (80, 9443)


def test_nothing_free_names_the_holders() -> None:
    with pytest.raises(Unavailable, match="nginx"):
        choose_ports(NOTHING, NOTHING, lambda _port: "nginx (pid 812)")


@given(st.sets(st.sampled_from([80, 443, 5432, 8080, 8443, 8081, 8444, 15432])))
def test_what_is_chosen_is_free(taken: set[int]) -> None:
    chosen = choose_ports(NOTHING, NOTHING, lambda port: "someone" if port in taken else None)
    assert not taken & {chosen.http, chosen.https, chosen.postgres}
    assert chosen.http != chosen.https
