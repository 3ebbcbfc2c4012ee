"""A reader who types what a page says, in throwaway projects, with an installation of their own."""

from __future__ import annotations

import re
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.pages import ROOT, Block
from tests.e2e.scenario import Installation

__all__ = ["Reader"]

_WILDCARD = "…"
_SECONDS = 400.0


@dataclass(slots=True, kw_only=True)
class Reader:
    """Types blocks one after the other; projects stay between the blocks of a page."""

    own: Installation
    room: Path
    """Where the projects are."""
    names: dict[str, str] = field(default_factory=dict)
    """What each project of the page is called here: somebody may run one of its own name on the same engine."""

    def prepare(self) -> None:
        """Put ``localenv`` on the path, and let curl find the router on its throwaway port."""
        programs = self.room / "programs"
        programs.mkdir(parents=True)
        command = programs / "localenv"
        command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m localenv "$@"\n')
        command.chmod(0o755)
        (self.room / ".curlrc").write_text(f'connect-to = ":443:127.0.0.1:{self.own.https_port}"\n')

    def follow(self, block: Block) -> None:
        """Do what the block asks for, and hold its printed output to what comes out."""
        project = self._project(block.directory)
        if block.role == "file":
            target = project / block.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(self._here(block.text) + "\n")
        elif block.language == "console":
            for command, expected in _typed(block):
                self._same(block, command, expected, self._run(block, command, project))
        else:
            self._run(block, block.text, project)

    def _project(self, name: str) -> Path:
        self.names.setdefault(name, f"{name}-{uuid.uuid4().hex[:6]}")
        project = self.room / self.names[name]
        project.mkdir(exist_ok=True)
        return project

    def _here(self, text: str) -> str:
        for name, here in self.names.items():
            text = re.sub(rf"(?<![A-Za-z]){name}(?![A-Za-z])", here, text)
        return text

    def _run(self, block: Block, script: str, project: Path) -> str:
        environment = self.own.environment
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self._here(script)],
            cwd=project,
            env=environment | {"PATH": f"{self.room / 'programs'}:{environment['PATH']}", "CURL_HOME": str(self.room)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        expected = "any" if block.exit_code is None else block.exit_code
        assert expected in {"any", done.returncode}, f"{block.where}: exit {done.returncode} of\n{script}\n{done.stdout}"
        return done.stdout

    def _same(self, block: Block, command: str, expected: list[str], output: str) -> None:
        said = [self._plain(line) for line in output.splitlines()]
        at = 0
        for line in expected:
            pattern = re.compile(".*".join(re.escape(_squeezed(part)) for part in line.split(_WILDCARD)))
            found = next((number for number in range(at, len(said)) if pattern.fullmatch(said[number])), None)
            assert found is not None, f"{block.where}: `{command}` does not say\n{line}\nbut\n{output}"
            at = found + 1

    def _plain(self, line: str) -> str:
        """As the page shows it: on the usual port, in a folder of one's own."""
        shown = line.replace(f":{self.own.https_port}", "").replace(str(self.room.resolve()), "~")
        for name, here in self.names.items():
            shown = shown.replace(here, name)
        return _squeezed(shown)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip() if text.strip() else ""


def _typed(block: Block) -> list[tuple[str, list[str]]]:
    """Commands after ``$``, each with the lines below it that it has to print; ``…`` stands for anything."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.strip() and line.strip() != _WILDCARD:
            found[-1][1].append(line)
    return found
