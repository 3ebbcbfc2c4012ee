from __future__ import annotations

from localenv.core.plan import RouteFacts, plan, plan_destroy
from localenv.core.plan.digest import digest
from localenv.core.plan.value import Plan
from localenv.core.wanted import Exposure
from tests.unit.plan.planning import NOTHING, STAGING, Simulator, service, volume, wanted

EXPOSURES = tuple(Exposure(service="web", port=port, host=f"w{port}.localhost") for port in (80, 81))
STATE = wanted(
    service("web", replicas=2), service("db", volumes=("shop_staging_db",)), volumes=(volume("db"),), exposures=EXPOSURES
)
ROUTER = RouteFacts(domain="localhost", published=None, revision="1")


def test_a_first_up_counts_what_it_makes() -> None:
    told = digest(plan(STATE, NOTHING, ROUTER))
    assert "1 network" in told
    assert "1 volume" in told
    assert "3 containers" in told
    assert "to start" not in told


def test_what_is_removed_is_counted_in_words() -> None:
    observed = Simulator(STATE).run(NOTHING, plan(STATE, NOTHING, ROUTER))
    told = digest(plan_destroy(STAGING, observed, published=True))
    assert told == "3 containers to remove, 1 network to remove, 1 volume to remove"


def test_nothing_is_told_as_nothing() -> None:
    assert digest(Plan(environment=STAGING)) == "nothing to do"
