"""What the Compose plugin says when it fails, in localenv's words: the one place that reads its sentences.

Its standard error quotes values, and with them secrets. So nothing of it is relayed but the names of services,
keys and variables, and only in sentences that are known here. Wordings are those of 2.20 to 5.6.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from localenv.errors import InvalidInput, LocalenvError
from localenv.errors.compose import ModelInvalid

__all__ = ["explained"]

_NAME: Final = r"[A-Za-z0-9_.@/-]{1,120}"
_PATH: Final = r"(?P<path>(?:services|networks|volumes|secrets|configs|include|name|models|version)[A-Za-z0-9_.\[\]@/-]{0,200})"
_KIND: Final = r"must be (?:a|an) (?:[a-z, ]{2,60})"
_CHOICES: Final = r"must be one of (?:the following: )?(?P<choices>[\"'][a-z_]{1,40}[\"'](?:, [\"'][a-z_]{1,40}[\"'])*)"
_QUIET_CHECK: Final = "to see Compose's own words, which may show values: docker compose config --quiet"

_WITHIN_A_SERVICE: Final = re.compile(r"(?:volumes|networks|secrets|configs)\[\d")
"""How 2.20 names a mount: of which service it does not say."""

_Explain = Callable[[re.Match[str]], LocalenvError]


def explained(stderr: str, exit_code: int) -> LocalenvError:
    """The error for a ``config`` that failed. Raises nothing; what is not recognised is said to be so."""
    text = " ".join(stderr.split())
    for pattern, explain in _SENTENCES:
        if (found := pattern.search(text)) is not None:
            return explain(found)
    return ModelInvalid(f"docker compose does not accept the project's files (exit code {exit_code})", hints=(_QUIET_CHECK,))


def _plain_path(path: str) -> str:
    """``services[web].healthcheck`` and ``services.web.healthcheck`` are one path; list indexes keep their brackets."""
    return re.sub(r"\[([^\]\d][^\]]*)\]", r".\1", path).rstrip(".")


def _at(words: str) -> _Explain:
    def explain(found: re.Match[str]) -> LocalenvError:
        path = _plain_path(found["path"])
        names = {key: value for key, value in found.groupdict().items() if key != "path"}
        said = f"{path} {words.format(**names)}".replace("must be a array", "must be a list")
        if _WITHIN_A_SERVICE.match(path):
            return ModelInvalid(f"a service's {said}")
        return ModelInvalid(said, path=path)

    return explain


def _undefined(found: re.Match[str]) -> LocalenvError:
    path = f"services.{found['service']}"
    hidden = ", or whose profile is not active" if found["what"] == "service" else ""
    return ModelInvalid(f"{path} uses the {found['what']} {found['name']}, which no file defines{hidden}", path=path)


def _of_service(words: str) -> _Explain:
    def explain(found: re.Match[str]) -> LocalenvError:
        path = f"services.{found['service']}"
        return ModelInvalid(f"{path} {words.format(**found.groupdict())}", path=path)

    return explain


def _unknown_key(found: re.Match[str]) -> LocalenvError:
    parent, _, key = _plain_path(found["path"]).rpartition(".")
    return ModelInvalid(f"{parent} has the key {key}, which Compose does not know here", path=f"{parent}.{key}")


def _one_of(found: re.Match[str]) -> LocalenvError:
    choices = re.findall(r"[a-z_]+", found["choices"])
    path = _plain_path(found["path"])
    return ModelInvalid(f"{path} must be one of {', '.join(choices)}", path=path)


def _not_both(found: re.Match[str]) -> LocalenvError:
    path = f"services.{found['service']}"
    return ModelInvalid(f"{path} has both {found['key']} and {found['other']}: only one can be", path=f"{path}.{found['key']}")


def _one_name(found: re.Match[str]) -> LocalenvError:
    path = f"services.{found['service']}"
    return ModelInvalid(
        f"{path} has a container_name and several replicas, which Compose does not take",
        path=f"{path}.container_name",
        hints=("take container_name away: other services find it by its service's name",),
    )


def _required_variable(found: re.Match[str]) -> LocalenvError:
    variable = found["variable"]
    return ModelInvalid(
        f"the variable {variable} must be set: the Compose file demands it",
        variable=variable,
        path=_plain_path(found["path"]) if found["path"] else None,
        hints=(f"put {variable}=... into .env, or set it in your shell",),
    )


def _env_line(found: re.Match[str]) -> LocalenvError:
    return InvalidInput(
        f"{found['file']} is no valid env file: line {found['line']} cannot be read",
        where=f"{found['file']}:{found['line']}",
        code="env-file-invalid",
    )


def _missing(found: re.Match[str]) -> LocalenvError:
    file = found["file"] or found["other"]
    return ModelInvalid(f"the file {file} is not there, and the project's files name it", file=file)


def _saying(words: str) -> _Explain:
    return lambda found: ModelInvalid(words.format(**found.groupdict()))


def _exhausted(_: re.Match[str]) -> LocalenvError:
    return ModelInvalid("the project's files grow past the memory that reading them may take")


_SENTENCES: Final[tuple[tuple[re.Pattern[str], _Explain], ...]] = tuple(
    (re.compile(pattern), explain)
    for pattern, explain in (
        (r"fatal error: (?:runtime: )?(?:cannot allocate|out of memory|failed to reserve)|out of memory", _exhausted),
        (
            rf"(?:while interpolating {_PATH}: )?required variable (?P<variable>\w{{1,120}}) is missing a value",
            _required_variable,
        ),
        (rf"invalid interpolation format for {_PATH}", _at("has a $ that begins no variable: write $$ for a plain $")),
        (rf"while interpolating {_PATH}", _at("is not of the right kind once its variables are filled in")),
        (
            rf"{_PATH}:? [Aa]dditional propert(?:y|ies) '?(?P<name>{_NAME}?)'? (?:is|are)?\s?not allowed",
            _at("has the key {name}, which Compose does not know here"),
        ),
        (rf"{_PATH} false schema", _unknown_key),
        (r"calling MarshalJSON for type types\.SSHKey", _saying("a build's ssh names a key file, which Compose cannot print")),
        (rf"can't set container_name and (?P<service>{_NAME}) as container name must be unique", _one_name),
        (
            rf"service \"?(?P<service>{_NAME}?)\"? declares mutually exclusive `(?P<key>[a-z_]+)` and `(?P<other>[a-z_]+)`",
            _not_both,
        ),
        (rf"Non-string key in {_PATH}", _at("has a key that is no text: put it in quotes")),
        (r"unsupported env_file format", _saying("an env_file has a format that this Compose does not know")),
        (r"empty compose file", _saying("the Compose file is empty")),
        (
            r"line (?P<line>\d+): mapping key \"<<\" already defined",
            _saying("line {line} has a second << in one mapping: write them as one list, <<: [*a, *b]"),
        ),
        (rf"'{_PATH}'", _at("has a value that Compose cannot use")),
        (rf"{_PATH}:? (?:value )?{_CHOICES}", _one_of),
        (rf"{_PATH}:? (?P<kind>{_KIND})(?= |$|:)", _at("{kind}")),
        (rf"{_PATH}:? (?P<kind>contains non-unique items|array items are not unique)", _at("has one entry twice")),
        (
            (
                rf"service \"?(?P<service>{_NAME}?)\"? (?:refers to|depends on) undefined "
                rf"(?P<what>\w+) \"?(?P<name>{_NAME}?)\"?(?=[: ]|$)"
            ),
            _undefined,
        ),
        (
            rf"service \"?(?P<service>{_NAME}?)\"? has neither an image nor a build context",
            _of_service("has neither an image nor a build"),
        ),
        (rf"dependency cycle detected: (?P<names>{_NAME}(?: -> {_NAME})*)", _saying("services wait for each other: {names}")),
        (
            rf"cannot extend service \"(?P<service>{_NAME})\" in (?P<file>\S{{1,300}}): service (?:\"{_NAME}\" )?not found",
            _of_service("extends a service of {file} that is not there"),
        ),
        (r"[Cc]ircular reference|include cycle", _saying("the project's files include or extend each other in a circle")),
        (
            rf"conflicts with imported resource|{_PATH} conflicts with",
            _saying("an included file defines something that is defined already"),
        ),
        (r"failed to read (?P<file>/\S{1,300}): line (?P<line>\d+)", _env_line),
        (r"env file (?P<file>/\S{1,300}) not found|(?:open|stat) (?P<other>/\S{1,300}): no such file", _missing),
        (
            r"[Ii]nvalid (?P<what>containerPort|hostPort|proto|ip address|IP address)",
            _saying("a service's ports hold an invalid {what}"),
        ),
        (
            r"Invalid ranges specified for container and host Ports",
            _saying("a service's ports pair two ranges of unequal lengths"),
        ),
        (rf"{_PATH}", _at("is not accepted by Compose")),
    )
)
