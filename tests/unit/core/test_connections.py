"""Tables as Linux writes them (proc(5)), from a container with nginx on port 80 and a pool to a database."""

from __future__ import annotations

from localenv.core.connections import held_connections

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
LISTENS = "   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5973018 1 0000 100\n"
LISTENS_6 = "   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000\n"


def row(local: str, remote: str, state: str = "01") -> str:
    return f"   1: {local} {remote} {state} 00000000:00000000 03:00001712 00000000     0        0 0 3 00000000\n"


def test_a_connection_to_a_port_that_is_listened_on_counts() -> None:
    assert held_connections(HEAD + LISTENS) == 0
    assert held_connections(HEAD + LISTENS + row("1400F60A:0050", "0100F60A:D431")) == 1


def test_what_the_container_opened_itself_does_not() -> None:
    assert held_connections(HEAD + LISTENS + row("1400F60A:A388", "1500F60A:1538")) == 0


def test_what_is_over_does_not() -> None:
    assert held_connections(HEAD + LISTENS + row("1400F60A:0050", "0100F60A:D431", "06")) == 0


def test_its_own_healthcheck_does_not() -> None:
    assert held_connections(HEAD + LISTENS + row("0100007F:0050", "0100007F:D431")) == 0
    local = "0000000000000000FFFF00000100007F"
    assert held_connections(HEAD + LISTENS_6 + row(f"{local}:0050", f"{local}:D431")) == 0
    own = "00000000000000000000000001000000"
    assert held_connections(HEAD + LISTENS_6 + row(f"{own}:0050", f"{own}:D431")) == 0


def test_a_caller_that_is_written_as_ipv6_counts() -> None:
    caller = "0000000000000000FFFF00000200F60A"
    assert held_connections(HEAD + LISTENS_6 + row("0000000000000000FFFF00001400F60A:0050", f"{caller}:D431")) == 1


def test_lines_of_anything_else_are_passed_over() -> None:
    assert held_connections("cat: /proc/net/tcp6: No such file or directory\n0: x y 01\n") == 0
