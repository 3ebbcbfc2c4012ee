"""The vocabulary of the end-to-end tests: run the command line on the real engine, look at what is there."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPSConnection
from pathlib import Path
from typing import IO, Any

__all__ = ["Answer", "Installation", "Result", "eventually", "free_port"]

DEADLINE = 60.0


@dataclass(frozen=True, slots=True)
class Result:
    """How one command ended."""

    exit_code: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)

    @property
    def said(self) -> str:
        return self.stdout + self.stderr


@dataclass(frozen=True, slots=True)
class Answer:
    """What a URL answered."""

    status: int
    body: str
    headers: dict[str, str]


@dataclass(slots=True)
class Installation:
    """A localenv of its own: state directory, owner label, router ports and address range apart from a user's."""

    home: Path
    pool: str
    http_port: int
    https_port: int
    variables: dict[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()
    """Words before every command: to run it in another network namespace."""

    @property
    def environment(self) -> dict[str, str]:
        # Without compiled modules every command would compile what it imports, which an installed localenv never does.
        dropped = ("LOCALENV_", "COMPOSE_", "PYTHONDONTWRITEBYTECODE")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        return kept | {
            "LOCALENV_HOME": str(self.home),
            "LOCALENV_HTTP_PORT": str(self.http_port),
            "LOCALENV_HTTPS_PORT": str(self.https_port),
            "LOCALENV_ADDRESS_POOL": self.pool,
            "NO_COLOR": "1",
            **self.variables,
        }

    def run(self, *arguments: str, cwd: Path, stdin: str = "", timeout: float = 240, **variables: str) -> Result:
        """Run ``localenv`` to its end."""
        began = time.monotonic()
        done = subprocess.run(
            [*self.prefix, sys.executable, "-m", "localenv", *arguments],
            cwd=cwd,
            env=self.environment | {"PYTHONPATH": str(Path(__file__).parents[2])} | variables,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr, time.monotonic() - began)

    def must(self, *arguments: str, cwd: Path, **options: Any) -> Result:
        """Run a command that has to succeed."""
        result = self.run(*arguments, cwd=cwd, **options)
        assert result.exit_code == 0, f"localenv {' '.join(arguments)} exited {result.exit_code}:\n{result.said}"
        return result

    def start(self, *arguments: str, cwd: Path, output: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
        """Start a command and return at once; what it prints goes to ``output``, or nowhere."""
        printed = subprocess.DEVNULL if output is None else output
        return subprocess.Popen(
            [*self.prefix, sys.executable, "-m", "localenv", *arguments],
            cwd=cwd,
            env=self.environment | {"PYTHONPATH": str(Path(__file__).parents[2])},
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
        )

    def exposure(self, environment: str, service: str, *, cwd: Path) -> dict[str, Any]:
        """One exposure of ``urls --output json``."""
        document = self.must("urls", environment, "--output", "json", cwd=cwd).json
        return next(item for item in document["exposures"] if item["service"] == service)

    def get(self, host: str, path: str = "/", *, verify: bool = True) -> Answer:
        """Ask the router for a hostname over HTTPS, trusting this installation's authority alone."""
        context = ssl.create_default_context(cafile=str(self.authority())) if verify else ssl._create_unverified_context()  # noqa: S323 - a host that no certificate is for
        with contextlib.closing(_Connection(host, self.https_port, context)) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            return Answer(response.status, response.read().decode("utf-8", "replace"), dict(response.getheaders()))

    def authority(self) -> Path:
        """Certificate of the authority for ``localhost``."""
        return self.home / "certificates" / "localhost" / "ca.crt"

    def owner(self) -> str:
        done = subprocess.run(
            [sys.executable, "-c", "from localenv.adapters.installation import installation; print(installation().owner)"],
            env=self.environment | {"PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def left_behind(self) -> dict[str, list[str]]:
        """Objects on the engine with this owner's label, but for the router, the keeper and what it keeps."""
        label = f"label=localenv.owner={self.owner()}"
        found = {
            "containers": docker("ps", "-a", "--filter", label, "--format", "{{.Names}}"),
            "networks": docker("network", "ls", "--filter", label, "--format", "{{.Name}}"),
            "volumes": docker("volume", "ls", "-q", "--filter", label),
        }
        own = ("localenv-router-", "0--localenv-router-", "localenv-keeper-", "localenv-layers-")
        return {kind: [name for name in names if not name.startswith(own)] for kind, names in found.items()}

    def kept(self) -> dict[str, list[str]]:
        """Names of what the keeper holds: layers, manifests, volumes' records and content, and what is being made."""
        folders = ("layers", "snapshots", "records", "volumes", "partial", "notes")
        places = [f"/vault/{folder}" for folder in folders]
        names = docker("exec", f"localenv-keeper-{self.owner()}", "find", *places, "-mindepth", "1", "-maxdepth", "1")
        found = [name.removeprefix("/vault/").partition("/") for name in names]
        return {folder: [name for place, _, name in found if place == folder] for folder in folders}

    def remove_everything(self) -> None:
        """Remove all that this installation made, without its own help."""
        label = f"label=localenv.owner={self.owner()}"
        for listing, removal in (
            (("ps", "-aq"), ("rm", "-fv")),
            (("network", "ls", "-q"), ("network", "rm")),
            (("volume", "ls", "-q"), ("volume", "rm", "-f")),
        ):
            if names := docker(*listing, "--filter", label):
                docker(*removal, *names)
        shutil.rmtree(self.home, ignore_errors=True)


class _Connection(HTTPSConnection):
    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=15, context=context)
        self._tls = context

    def connect(self) -> None:
        self.sock = self._tls.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 15), server_hostname=self.host)


def docker(*arguments: str) -> list[str]:
    """Lines that a docker command prints."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    return [line for line in done.stdout.splitlines() if line]


def free_port() -> int:
    """A TCP port of the loopback address that nothing listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def eventually(condition: Callable[[], bool], *, within: float = DEADLINE, what: str = "the condition") -> None:
    """Wait until ``condition`` holds; fail when it does not in time."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come within {within:.0f} s"
        time.sleep(0.05)


def installation(home: Path, pool: str) -> Iterator[Installation]:
    """An installation for the time of a test; everything of it is removed in the end, also after a failure."""
    own = Installation(home=home, pool=pool, http_port=free_port(), https_port=free_port())
    home.mkdir(parents=True, exist_ok=True)
    try:
        yield own
    finally:
        own.remove_everything()
