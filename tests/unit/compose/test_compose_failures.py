from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localenv.adapters.compose_failures import explained
from localenv.errors.compose import ModelInvalid

SECRET = "hunter2-Zx9"


@pytest.mark.parametrize(
    ("stderr", "message"),
    [
        (
            "validating /p/compose.yaml: services.a Additional property imagee is not allowed",
            "services.a has the key imagee, which Compose does not know here",
        ),
        (
            "validating /p/compose.yaml: services.a additional properties 'imagee' not allowed",
            "services.a has the key imagee, which Compose does not know here",
        ),
        (
            "validating /p/compose.yaml: services.a.imagee false schema",
            "services.a has the key imagee, which Compose does not know here",
        ),
        (
            f"decoding failed:\n\n'services[a].healthcheck.interval' time: \"{SECRET}\"",
            "services.a.healthcheck.interval has a value",
        ),
        ('cannot extend service "b" in /p/c.yaml: service "q" not found', "services.b extends a service of /p/c.yaml"),
        ('cannot extend service "q" in /p/c.yaml: service not found', "services.q extends a service of /p/c.yaml"),
        ("1 error(s) decoding:\n\n* error decoding 'volumes[0]': invalid spec: :/data: x", "a service's volumes[0] has a value"),
        ("open /p/zz.yaml: no such file or directory", "the file /p/zz.yaml is not there"),
        ("validating /p/compose.yaml: services.a.ports must be a array", "services.a.ports must be a list"),
        ("validating /p/compose.yaml: services.a.ports must be a list", "services.a.ports must be a list"),
        (
            f'error while interpolating services.a.image: required variable X is missing a value: "{SECRET}"',
            "the variable X must be set: the Compose file demands it",
        ),
        (
            f"invalid interpolation format for services.a.image.\nYou may need to escape any $ with another $.\n${{{SECRET}",
            "services.a.image has a $ that begins no variable: write $$ for a plain $",
        ),
        (
            f'error while interpolating services.a.deploy.replicas: failed to cast to expected type: parsing "{SECRET}"',
            "services.a.deploy.replicas is not of the right kind once its variables are filled in",
        ),
        (
            f"decoding failed due to the following error(s):\n\nerror decoding 'services[a].healthcheck.interval': \"{SECRET}\"",
            "services.a.healthcheck.interval has a value that Compose cannot use",
        ),
        (
            'service "a" refers to undefined network q: invalid compose project',
            "services.a uses the network q, which no file defines",
        ),
        (
            'service "a" depends on undefined service "db": invalid',
            "services.a uses the service db, which no file defines, or whose profile is not active",
        ),
        (
            'validating /p/compose.yaml: services.a.restart services.a.restart must be one of the following: "a", "b_c"',
            "services.a.restart must be one of a, b_c",
        ),
        (
            "validating /p/compose.yaml: services.a.depends_on.b.condition value must be one of 'service_started', 'x'",
            "services.a.depends_on.b.condition must be one of service_started, x",
        ),
        (
            "validating /p/compose.yaml: services.a.environment.A must be a string, number, boolean or null",
            "services.a.environment.A must be a string, number, boolean or null",
        ),
        (
            "services.deploy.replicas: can't set container_name and a as container name must be unique: invalid compose project",
            "services.a has a container_name and several replicas",
        ),
        (
            "service a declares mutually exclusive `network_mode` and `networks`: invalid compose project",
            "services.a has both network_mode and networks: only one can be",
        ),
        ("Non-string key in services: 1", "services has a key that is no text"),
        ('unsupported env_file format "raw"', "an env_file has a format that this Compose does not know"),
        ("empty compose file", "the Compose file is empty"),
        (
            'yaml: unmarshal errors:\n  line 6: mapping key "<<" already defined at line 6',
            "line 6 has a second << in one mapping",
        ),
        ("json: error calling MarshalJSON for type types.SSHKey: invalid character", "a build's ssh names a key file"),
        ("Invalid ranges specified for container and host Ports: 80-85 and 8000-8010", "a service's ports pair two ranges"),
        ('service "a" has neither an image nor a build context specified', "services.a has neither an image nor a build"),
        (
            f'failed to read /p/.env: line 3: unterminated quoted value "{SECRET}',
            "/p/.env is no valid env file: line 3 cannot be read",
        ),
        ("env file /p/nope.env not found: stat /p/nope.env: no such file", "the file /p/nope.env is not there"),
        ("dependency cycle detected: a -> b -> a", "services wait for each other: a -> b -> a"),
        ("fatal error: runtime: out of memory", "the project's files grow past the memory"),
        ("Invalid containerPort: b", "a service's ports hold an invalid containerPort"),
        (f"something new about {SECRET}", "docker compose does not accept the project's files (exit code 15)"),
    ],
)
def test_sentences_of_compose_become_ours(stderr: str, message: str) -> None:
    error = explained(stderr, 15)
    assert error.message.startswith(message)
    assert SECRET not in f"{error.message} {error.where} {error.details} {error.hints}"


def test_the_path_and_the_variable_are_data() -> None:
    error = explained('error while interpolating services.web.image: required variable TAG is missing a value: "x"', 1)
    assert isinstance(error, ModelInvalid)
    assert (error.path, error.variable) == ("services.web.image", "TAG")


def test_an_env_files_line_is_the_place() -> None:
    assert explained("failed to read /p/.env: line 12: unexpected character", 1).where == "/p/.env:12"


@given(st.text(max_size=200), st.text(alphabet="QZXqzx", min_size=12, max_size=20))
def test_nothing_quoted_ever_comes_through(noise: str, secret: str) -> None:
    for frame in ('services.web.environment: "{}"', "invalid value '{}' in services.a", 'parsing "{}": bad', "{} = {}"):
        error = explained(noise + frame.replace("{}", f"${secret}$"), 1)
        assert secret not in f"{error.message} {error.where} {error.details} {error.hints}"
