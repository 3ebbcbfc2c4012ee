"""What becomes of secrets and configs."""

from __future__ import annotations

from typing import Any

import pytest

from localenv.core.rewrite import SecretValues, rewrite
from localenv.core.wanted import InjectedFile
from localenv.errors import InvalidInput
from tests.unit.rewrite.given import STAGING, STATE, codes, context, file, model, service

SECRET = "hunter2-hunter2"
GIVEN = SecretValues({"TOKEN": SECRET})


def with_secret(**more: Any) -> dict[str, Any]:
    return model({"web": {"image": "a", "secrets": [{"source": "token"}], **more}}, secrets={"token": {"environment": "TOKEN"}})


def test_a_secret_from_a_variable_is_put_into_the_container_and_leaves_the_model() -> None:
    rewritten = rewrite(with_secret(), context(secrets=GIVEN))
    assert rewritten.injected == {"web": (InjectedFile(target="/run/secrets/token", content=SECRET.encode(), mode=0o444),)}
    assert "secrets" not in rewritten.model
    assert "secrets" not in service(rewritten)
    assert SECRET not in str(rewritten.model)


def test_no_repr_shows_a_secret() -> None:
    here = context(secrets=GIVEN, variables=SecretValues({"X": SECRET}))
    assert SECRET not in repr(here) + repr(rewrite(with_secret(), here)) + repr(rewrite(with_secret(read_only=True), here))


def test_what_is_generated_for_the_environment_wins_over_the_callers_variables() -> None:
    here = context(secrets=GIVEN, variables=SecretValues({"TOKEN": "other"}))
    assert rewrite(with_secret(), here).injected["web"][0].content == SECRET.encode()


def test_a_variable_without_a_value_is_an_error_with_its_cure() -> None:
    with pytest.raises(InvalidInput, match=r"secrets\.token takes its value from TOKEN") as caught:
        rewrite(with_secret(), context())
    assert caught.value.code_of_case == "secret-missing"


def test_every_variable_without_a_value_is_told_at_once() -> None:
    whole = model(
        {"web": {"image": "a", "secrets": [{"source": "one"}, {"source": "two"}], "configs": [{"source": "three"}]}},
        secrets={"one": {"environment": "ONE"}, "two": {"environment": "TWO"}, "idle": {"environment": "IDLE"}},
        configs={"three": {"environment": "THREE"}},
    )
    with pytest.raises(InvalidInput, match=r"secrets\.two takes its value from TWO") as caught:
        rewrite(whole, context(variables=SecretValues({"ONE": "1"})))
    assert caught.value.details == ("and configs.three from THREE",)
    assert caught.value.hints == (
        "set TWO, THREE in .env.development",
        "or let localenv make them: secrets: {TWO: {generate: hex}, THREE: {generate: hex}}",
    )


@pytest.mark.parametrize(
    ("entry", "target", "mode"),
    [
        ({}, "/app", 0o444),
        ({"target": "/etc/x", "mode": 0o440, "uid": "33", "gid": "44"}, "/etc/x", 0o440),
        ({"target": "rel", "mode": "0400"}, "/rel", 0o400),
    ],
)
def test_inline_content_has_the_place_and_mode_that_compose_gives(entry: dict[str, Any], target: str, mode: int) -> None:
    whole = model({"web": {"image": "a", "configs": [{"source": "app", **entry}]}}, configs={"app": {"content": "a=$$b"}})
    (found,) = rewrite(whole, context()).injected["web"]
    assert (found.target, found.mode, found.content) == (target, mode, b"a=$b")
    assert (found.uid, found.gid) == ((33, 44) if "uid" in entry else (0, 0))


@pytest.mark.parametrize(
    "covered",
    [{"read_only": True}, {"tmpfs": ["/run:size=1m"]}, {"volumes": [{"type": "tmpfs", "target": "/run/secrets"}]}],
)
def test_where_nothing_can_be_injected_it_is_a_read_only_bind_of_a_file_in_the_state_directory(covered: dict[str, Any]) -> None:
    rewritten = rewrite(with_secret(**covered), context(secrets=GIVEN))
    (copy,) = rewritten.copies
    assert rewritten.injected == {}
    assert copy.target.startswith(f"{STATE}/binds/")
    assert (copy.content, copy.mode) == (SECRET.encode(), 0o444)
    assert service(rewritten)["volumes"][-1] == {
        "type": "bind",
        "source": copy.target,
        "target": "/run/secrets/token",
        "read_only": True,
        "bind": {"create_host_path": False},
    }


def files(**more: Any) -> dict[str, Any]:
    path = more.pop("path", "/home/ada/shop/key")
    return model(
        {"web": {"image": "a", "secrets": [{"source": "key", "mode": 256, "uid": "1"}]}}, secrets={"key": {"file": path}}
    )


def test_a_file_stays_a_file_in_development_without_what_compose_ignores() -> None:
    rewritten = rewrite(files(), context(binds={"/home/ada/shop/key": file()}))
    assert rewritten.model["secrets"] == {"key": {"name": "shop_dev_key", "file": "/home/ada/shop/key"}}
    assert service(rewritten)["secrets"] == [{"source": "key"}]


def test_a_file_is_captured_where_the_tier_captures() -> None:
    rewritten = rewrite(files(), context(STAGING, binds={"/home/ada/shop/key": file("e" * 64)}))
    target = f"{STATE}/binds/eeeeeeeeeeee/key"
    assert rewritten.model["secrets"]["key"]["file"] == target
    assert [(copy.target, copy.source, copy.mode) for copy in rewritten.copies] == [(target, "/home/ada/shop/key", 0o444)]


def test_a_file_that_is_not_there_is_told() -> None:
    assert codes(rewrite(files(), context())) == ["file-missing"]


def test_what_no_service_uses_is_gone() -> None:
    assert "secrets" not in rewrite(model({"web": {"image": "a"}}, secrets={"x": {"environment": "X"}}), context()).model
