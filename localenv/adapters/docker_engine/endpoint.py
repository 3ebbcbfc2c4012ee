"""Which engine is meant: ``DOCKER_HOST``, ``DOCKER_CONTEXT`` or the current context, in the Docker client's own order."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from localenv.errors import InvalidInput
from localenv.values import dataclass

__all__ = ["EngineEndpoint", "TlsFiles", "find_endpoint"]

DEFAULT_HOST = "unix:///var/run/docker.sock"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """Certificates for a TCP engine; absent ones are ``None``."""

    authority: str | None = None
    certificate: str | None = None
    key: str | None = None
    verify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineEndpoint:
    """Address of an engine and where it was read."""

    host: str
    origin: str
    tls: TlsFiles | None = None

    @property
    def local_socket(self) -> bool:
        """Whether it is a socket of this machine."""
        return self.host.startswith("unix://")


def find_endpoint(environment: Mapping[str, str]) -> EngineEndpoint:
    """Return the engine that ``docker`` itself would speak to under these variables.

    Raises ``InvalidInput`` when a context is named that does not exist.
    """
    if host := environment.get("DOCKER_HOST"):
        return EngineEndpoint(host=host, origin="DOCKER_HOST", tls=_tls_from_variables(environment))
    directory = _client_directory(environment)
    name = environment.get("DOCKER_CONTEXT") or _current_context(directory)
    if name in {"", "default"}:
        return EngineEndpoint(host=DEFAULT_HOST, origin="default")
    return _context(directory, name)


def _client_directory(environment: Mapping[str, str]) -> Path:
    if configured := environment.get("DOCKER_CONFIG"):
        return Path(configured)
    home = environment.get("HOME") or environment.get("USERPROFILE")
    return (Path(home) if home else Path.home()) / ".docker"


def _current_context(directory: Path) -> str:
    name = _read_object(directory / "config.json").get("currentContext")
    return name if isinstance(name, str) else ""


def _context(directory: Path, name: str) -> EngineEndpoint:
    folder = hashlib.sha256(name.encode()).hexdigest()
    meta = _read_object(directory / "contexts" / "meta" / folder / "meta.json")
    docker = meta.get("Endpoints", {}).get("docker", {})
    host = docker.get("Host")
    if not isinstance(host, str) or not host:
        raise InvalidInput(
            f"the Docker context {name!r} does not exist",
            code="docker-context",
            hints=("docker context ls", "docker context use default"),
        )
    files = directory / "contexts" / "tls" / folder / "docker"
    tls = _tls_from_directory(files, verify=not docker.get("SkipTLSVerify", False)) if files.is_dir() else None
    return EngineEndpoint(host=host, origin=f"context {name}", tls=tls)


def _tls_from_variables(environment: Mapping[str, str]) -> TlsFiles | None:
    verify = bool(environment.get("DOCKER_TLS_VERIFY"))
    if not verify and not environment.get("DOCKER_TLS"):
        return None
    directory = environment.get("DOCKER_CERT_PATH")
    return _tls_from_directory(Path(directory) if directory else _client_directory(environment), verify=verify)


def _tls_from_directory(directory: Path, *, verify: bool) -> TlsFiles:
    def present(name: str) -> str | None:
        file = directory / name
        return str(file) if file.is_file() else None

    return TlsFiles(authority=present("ca.pem"), certificate=present("cert.pem"), key=present("key.pem"), verify=verify)


def _read_object(file: Path) -> dict[str, Any]:
    try:
        content = msgspec.json.decode(file.read_bytes())
    except (OSError, msgspec.DecodeError):
        return {}
    return content if isinstance(content, dict) else {}
