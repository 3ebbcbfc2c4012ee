from __future__ import annotations

import pytest

from localenv.core.configuration.tier import Guards, TierProfile
from localenv.core.guards import Answer, question_for
from localenv.core.names import EnvironmentId
from localenv.errors import LocalenvError

PRODUCTION = TierProfile(tier="production", purpose="live", guards=Guards(destroy="typed", exec="typed", reason=True))
STAGING = TierProfile(tier="staging", purpose="QA", guards=Guards(destroy="ask"))
DEVELOPMENT = TierProfile(tier="development", purpose="work")
SHOP = EnvironmentId(project="shop", name="production")


def test_an_unguarded_tier_asks_nothing() -> None:
    assert question_for("destroy", SHOP, DEVELOPMENT, Answer()) is None


def test_ask_is_answered_by_yes() -> None:
    assert question_for("destroy", SHOP, STAGING, Answer()) is not None
    assert question_for("destroy", SHOP, STAGING, Answer(yes=True)) is None


def test_yes_is_not_enough_where_the_name_must_be_typed() -> None:
    question = question_for("destroy", SHOP, PRODUCTION, Answer(yes=True))
    assert question is not None
    assert (question.typed, question.wants_reason) == ("production", True)


def test_a_typed_name_without_a_reason_asks_for_the_reason_alone() -> None:
    question = question_for("exec", SHOP, PRODUCTION, Answer(confirm="production"))
    assert question is not None
    assert (question.typed, question.wants_reason) == (None, True)


def test_name_and_reason_are_enough() -> None:
    assert question_for("destroy", SHOP, PRODUCTION, Answer(confirm="production", reason="moved")) is None


@pytest.mark.parametrize("tier", [PRODUCTION, STAGING, DEVELOPMENT])
def test_another_name_is_refused_in_every_tier(tier: TierProfile) -> None:
    with pytest.raises(LocalenvError) as raised:
        question_for("destroy", SHOP, tier, Answer(yes=True, confirm="staging", reason="x"))
    assert raised.value.code_of_case == "wrong-name"
