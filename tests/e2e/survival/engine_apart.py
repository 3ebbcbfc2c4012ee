"""An engine of the test's own, in namespaces of its own: the only one that a test may stop or kill."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.scenario import eventually

__all__ = ["EngineApart", "engine_apart"]


@dataclass(slots=True)
class EngineApart:
    """A second engine. Its network is reached only by commands that carry ``prefix``."""

    root: Path
    holder: int
    """Process that keeps the namespaces while the engine is down."""
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> str:
        return f"unix://{self.root / 'docker.sock'}"

    @property
    def prefix(self) -> tuple[str, ...]:
        return ("nsenter", f"--target={self.holder}", "--net", "--")

    def docker(self, *arguments: str) -> list[str]:
        """Lines that a docker command prints; ``docker info`` prints an empty one when there is no engine."""
        words = ["docker", f"--host={self.socket}", *arguments]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        return [line for line in done.stdout.splitlines() if line]

    def start(self) -> None:
        """Start it and wait until it answers."""
        places = {"data-root": "data", "exec-root": "exec", "pidfile": "pid"}
        with (self.root / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *("nsenter", f"--target={self.holder}", "--net", "--mount", "--", "dockerd", "--config-file=/dev/null"),
                    *(f"--{name}={self.root / place}" for name, place in places.items()),
                    f"--host={self.socket}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        eventually(self._answers, what="the engine apart")

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.root / "log").read_text()[-2000:]
        return bool(self.docker("info", "--format", "{{.ServerVersion}}"))

    def end(self, by: signal.Signals) -> None:
        """Stop it orderly (SIGTERM) or kill it (SIGKILL)."""
        assert self.process is not None
        self.process.send_signal(by)
        self.process.wait(60)

    def take_images(self, *names: str) -> None:
        """Copy images from this machine's engine."""
        with subprocess.Popen(["docker", "save", "--", *names], stdout=subprocess.PIPE) as saving:
            words = ["docker", f"--host={self.socket}", "load", "--quiet"]
            subprocess.run(words, stdin=saving.stdout, stdout=subprocess.DEVNULL, check=True)


@contextlib.contextmanager
def engine_apart(root: Path) -> Iterator[EngineApart]:
    """Yield a running engine with no images; in the end nothing of it is left."""
    root.mkdir(parents=True)
    words = ["unshare", "--net", "--mount", "--propagation=private", "--", "sleep", "infinity"]
    holder = subprocess.Popen(words, start_new_session=True)
    engine = EngineApart(root, holder.pid)
    try:
        eventually(lambda: _has_namespace_of_its_own(holder.pid), what="the namespace")
        subprocess.run([*engine.prefix, "ip", "link", "set", "lo", "up"], check=True)
        engine.start()
        yield engine
    finally:
        if engine.process is not None and engine.process.poll() is None:
            if running := engine.docker("ps", "-q"):
                engine.docker("rm", "-fv", *running)
            engine.end(signal.SIGTERM)
        holder.kill()
        holder.wait()
        shutil.rmtree(root, ignore_errors=True)


def _has_namespace_of_its_own(pid: int) -> bool:
    return Path(f"/proc/{pid}/ns/net").stat().st_ino != Path("/proc/self/ns/net").stat().st_ino
