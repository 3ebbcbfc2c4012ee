from __future__ import annotations

from collections.abc import Callable

import pytest

from localenv.core.redaction import is_secret_name, redactor
from localenv.core.wanted import InjectedFile, Wanted
from tests.unit.plan.planning import service, wanted


def masked(state: Wanted) -> Callable[[str], str]:
    return redactor(state.model, (file for service in state.services for file in service.injected))


@pytest.mark.parametrize("name", ["POSTGRES_PASSWORD", "db_pass", "API_KEY", "apikey", "KEY", "AUTH_TOKEN", "SENTRY_DSN"])
def test_a_name_that_tells_of_a_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["PORT", "KEYBOARD", "MONKEY_BARS", "HOST", "LOG_LEVEL"])
def test_a_name_that_tells_of_none(name: str) -> None:
    assert not is_secret_name(name)


def test_values_of_secret_variables_and_files_are_masked_wherever_they_stand() -> None:
    db = service("db", injected=(InjectedFile(target="/run/secrets/x", content=b"from-file\n"),))
    state = wanted(db, definitions={"db": {"environment": {"DB_PASSWORD": "hunter2", "NAME": "shop"}}})
    assert masked(state)("shop: hunter2 at from-file") == "shop: *** at ***"


def test_a_dollar_that_compose_escapes_is_one_dollar_in_what_is_printed() -> None:
    state = wanted(service("db"), definitions={"db": {"environment": {"DB_PASSWORD": "a$$b.c"}}})
    assert masked(state)("a$b.c aXbXc") == "*** aXbXc"


def test_the_longer_of_two_secrets_is_masked_whole() -> None:
    state = wanted(service("db"), definitions={"db": {"environment": {"A_TOKEN": "abcd", "B_TOKEN": "abcdefgh"}}})
    assert masked(state)("abcdefgh") == "***"


def test_a_value_of_a_few_characters_does_not_mask_every_line() -> None:
    state = wanted(service("db"), definitions={"db": {"environment": {"DB_PASSWORD": "a"}}})
    assert masked(state)("a banana") == "a banana"
