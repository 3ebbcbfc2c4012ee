"""The load generator's arguments."""

from __future__ import annotations

from localenv.core.argv.load import h2load


def test_the_load_generator_asks_one_address_and_ends_by_itself() -> None:
    command = h2load(
        "https://web.staging.shop.localhost:8443/",
        address="127.0.0.1:8443",
        requests=500,
        rate=100,
        connections=3,
        streams=200,
        unanswered_seconds=10,
        limit_seconds=50,
        log="/tmp/requests",
    )
    assert command[:3] == ("timeout", "--kill-after=5", "50")
    assert command[3] == "h2load"
    assert set(command[4:-2]) == {
        "--requests=500",
        "--clients=3",
        "--max-concurrent-streams=200",
        "--rps=33.333333",
        "--connection-inactivity-timeout=10",
        "--connect-to=127.0.0.1:8443",
        "--log-file=/tmp/requests",
    }
    assert command[-2:] == ("--", "https://web.staging.shop.localhost:8443/")
