"""A small project that is delivered: a built web server that tells its version, a cache with data, a migration."""

from __future__ import annotations

import subprocess
from pathlib import Path
from uuid import uuid4

from tests.e2e.scenario import Installation, docker

__all__ = ["Shop"]

_COMPOSE = """
services:
  web:
    build: ./web
    ports: ["80"]
    volumes: ["./site:/site:ro"]
    depends_on:
      migrate: {condition: service_completed_successfully}
    environment: {GREETING: "${GREETING:-hello}"}
    healthcheck: {test: ["CMD", "test", "-f", "/usr/share/nginx/html/version"], interval: 2s, start_period: 30s}
  cache:
    image: redis:7
    command: ["redis-server", "--appendonly", "yes", "--appendfsync", "always"]
    environment: {CACHE_TOKEN: told-to-nobody}
    volumes: ["keys:/data"]
    healthcheck: {test: ["CMD", "redis-cli", "ping"], interval: 2s, start_period: 30s}
  migrate:
    build: ./migrate
    command: ["redis-cli", "-h", "cache", "INCR", "migrations"]
    depends_on: {cache: {condition: service_healthy}}
volumes: {keys: {}}
"""
_SETTINGS = """
project: shop
checks:
  answers: {service: cache, command: [redis-cli, -h, cache, GET, migrations]}
"""


class Shop:
    """The project's files, and what is seen of its environments. Its images are those of no other run on this engine."""

    def __init__(self, own: Installation, directory: Path) -> None:
        self.own = own
        self.directory = directory
        self._run = uuid4().hex
        for folder in ("web", "migrate", "site"):
            (directory / folder).mkdir()
        (directory / "compose.yaml").write_text(_COMPOSE)
        (directory / "localenv.yaml").write_text(_SETTINGS)
        (directory / "migrate" / "Dockerfile").write_text("FROM redis:7\n")
        (directory / "site" / "motto").write_text("one\n")
        self.version("1")
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("first")

    def version(self, text: str, *, healthy: bool = True) -> None:
        """What ``web`` answers from now on; where it is not ``healthy`` the file that the healthcheck wants is not there."""
        name = "version" if healthy else "other"
        (self.directory / "web" / "version").write_text(f"{text}\n")
        (self.directory / "web" / "Dockerfile").write_text(
            f"FROM nginx:1.27\nLABEL run={self._run}\nCOPY version /usr/share/nginx/html/{name}\n"
        )

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
        done = subprocess.run(["git", *identity, *arguments], cwd=self.directory, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", f"--message={message}")
        return self.git("rev-parse", "HEAD")

    def must(self, *arguments: str) -> str:
        return self.own.must(*arguments, cwd=self.directory).stdout

    def refused(self, *arguments: str) -> str:
        """What is said by a command that has to fail as expected."""
        result = self.own.run(*arguments, cwd=self.directory)
        assert result.exit_code == 1, result.said
        return result.said

    def answer(self, environment: str) -> str:
        """The version that an environment's URL tells."""
        found = self.own.get(f"{environment}.shop.localhost", "/version")
        assert found.status == 200, found
        return found.body.strip()

    def image_ids(self, environment: str) -> dict[str, set[str]]:
        """IDs of the images that run, by service."""
        found: dict[str, set[str]] = {}
        label = f"label=com.docker.compose.project=shop_{environment}"
        for container in docker("ps", "-aq", "--filter", label):
            (line,) = docker("inspect", "--format", '{{index .Config.Labels "com.docker.compose.service"}} {{.Image}}', container)
            service, image = line.split()
            found.setdefault(service, set()).add(image)
        return found

    def containers(self, environment: str) -> list[str]:
        return sorted(
            docker("ps", "-a", "--filter", f"label=com.docker.compose.project=shop_{environment}", "--format", "{{.Names}}")
        )

    def ask_cache(self, environment: str, *words: str) -> list[str]:
        return docker("exec", f"shop_{environment}-cache-1", "redis-cli", *words)
