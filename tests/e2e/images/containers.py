"""A running container as the tests of stand-ins see it."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from dataclasses import dataclass

SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """By its name; every wait has a deadline."""

    name: str

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["docker", "exec", self.name, *command], check=False, capture_output=True, text=True)

    def says(self, *command: str) -> str:
        """What a command prints once it succeeds."""
        end = time.monotonic() + SECONDS
        while (result := self.run(*command)).returncode != 0:
            assert time.monotonic() < end, f"{command}: {result.stderr}\n{self.logs()}"
            threading.Event().wait(0.05)
        return result.stdout.strip()

    def logs(self) -> str:
        result = subprocess.run(["docker", "logs", self.name], check=True, capture_output=True, text=True)
        return result.stdout + result.stderr

    def state(self) -> dict[str, object]:
        result = subprocess.run(["docker", "inspect", "--", self.name], check=True, capture_output=True, text=True)
        state: dict[str, object] = json.loads(result.stdout)[0]["State"]
        return state

    def exit_code(self) -> int:
        """Waits until it has ended by itself."""
        result = subprocess.run(["docker", "wait", self.name], check=True, capture_output=True, text=True, timeout=SECONDS)
        return int(result.stdout)

    def stop(self) -> int:
        """Asks it to end, within a time in which nothing is killed; gives its exit code."""
        subprocess.run(["docker", "stop", "--time=20", self.name], check=True, capture_output=True)
        return int(str(self.state()["ExitCode"]))

    def start(self) -> None:
        subprocess.run(["docker", "start", self.name], check=True, capture_output=True)
