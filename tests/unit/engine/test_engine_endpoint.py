"""Which engine is meant, in the Docker client's own order."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from localenv.adapters.docker_engine.endpoint import EngineEndpoint, find_endpoint
from localenv.errors import InvalidInput


def context(home: Path, name: str, host: str, *, skip_verify: bool = False) -> None:
    folder = hashlib.sha256(name.encode()).hexdigest()
    meta = home / ".docker" / "contexts" / "meta" / folder
    meta.mkdir(parents=True)
    docker = {"Host": host, "SkipTLSVerify": skip_verify}
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": docker}}))


def current(home: Path, name: str) -> None:
    (home / ".docker").mkdir(exist_ok=True)
    (home / ".docker" / "config.json").write_text(json.dumps({"currentContext": name}))


def test_the_default_is_the_local_socket(tmp_path: Path) -> None:
    endpoint = find_endpoint({"HOME": str(tmp_path)})
    assert endpoint == EngineEndpoint(host="unix:///var/run/docker.sock", origin="default")
    assert endpoint.local_socket


def test_docker_host_wins_over_a_context(tmp_path: Path) -> None:
    context(tmp_path, "far", "tcp://far:2376")
    current(tmp_path, "far")
    endpoint = find_endpoint({"HOME": str(tmp_path), "DOCKER_HOST": "tcp://near:2375", "DOCKER_CONTEXT": "far"})
    assert (endpoint.host, endpoint.origin, endpoint.tls) == ("tcp://near:2375", "DOCKER_HOST", None)
    assert not endpoint.local_socket


def test_the_current_context_is_read_from_the_clients_configuration(tmp_path: Path) -> None:
    context(tmp_path, "desktop-linux", "unix:///home/me/.docker/desktop/docker.sock")
    current(tmp_path, "desktop-linux")
    assert find_endpoint({"HOME": str(tmp_path)}).host == "unix:///home/me/.docker/desktop/docker.sock"


def test_a_named_context_wins_over_the_current_one(tmp_path: Path) -> None:
    context(tmp_path, "one", "unix:///one.sock")
    context(tmp_path, "two", "unix:///two.sock")
    current(tmp_path, "one")
    assert find_endpoint({"HOME": str(tmp_path), "DOCKER_CONTEXT": "two"}).host == "unix:///two.sock"
    assert find_endpoint({"HOME": str(tmp_path), "DOCKER_CONTEXT": "default"}).origin == "default"


def test_another_configuration_directory_is_honoured(tmp_path: Path) -> None:
    context(tmp_path, "one", "unix:///one.sock")
    current(tmp_path, "one")
    assert find_endpoint({"HOME": "/nowhere", "DOCKER_CONFIG": str(tmp_path / ".docker")}).host == "unix:///one.sock"


def test_a_context_that_does_not_exist_is_an_error_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        find_endpoint({"HOME": str(tmp_path), "DOCKER_CONTEXT": "gone"})
    assert caught.value.code_of_case == "docker-context"
    assert "docker context ls" in caught.value.hints


def test_certificates_of_a_context_are_found(tmp_path: Path) -> None:
    context(tmp_path, "far", "tcp://far:2376", skip_verify=True)
    files = tmp_path / ".docker" / "contexts" / "tls" / hashlib.sha256(b"far").hexdigest() / "docker"
    files.mkdir(parents=True)
    (files / "ca.pem").touch()
    tls = find_endpoint({"HOME": str(tmp_path), "DOCKER_CONTEXT": "far"}).tls
    assert tls is not None
    assert (tls.authority, tls.certificate, tls.verify) == (str(files / "ca.pem"), None, False)


def test_certificates_of_variables_are_found(tmp_path: Path) -> None:
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (tmp_path / name).touch()
    variables = {"DOCKER_HOST": "tcp://far:2376", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)}
    tls = find_endpoint({"HOME": "/nowhere", **variables}).tls
    assert tls is not None
    assert (tls.key, tls.verify) == (str(tmp_path / "key.pem"), True)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"currentContext": 3}'])
def test_a_broken_configuration_means_the_default(tmp_path: Path, content: str) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text(content)
    assert find_endpoint({"HOME": str(tmp_path)}).origin == "default"
