"""The folder of each environment under the state directory: rendered model, secrets, copies of files, journal."""

from __future__ import annotations

import base64
import json
import secrets
import shutil
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from localenv.adapters.atomic_files import private_directory, write_whole
from localenv.core.names import EnvironmentId, slugify
from localenv.core.typed import from_json
from localenv.core.wanted import FileCopy, Model, ServiceWanted
from localenv.errors import LocalenvError

__all__ = ["StateStore"]

_PASSWORD = string.ascii_letters + string.digits
_JOURNAL_LIMIT = 4 * 1024 * 1024
_READABLE = 0o444


class StateStore:
    """Implements ``ports.state.Store``. ``dump`` and ``load`` turn a model into YAML text and back."""

    def __init__(self, home: Path, *, dump: Callable[[object], str], load: Callable[[bytes, str], object]) -> None:
        self._root = home / "environments"
        self._dump = dump
        self._load = load

    def directory(self, environment: EnvironmentId) -> str:
        """Absolute path of the environment's folder, made when missing."""
        return str(private_directory(self._path(environment)))

    def path(self, environment: EnvironmentId) -> str:
        """Absolute path of the folder, whether or not it is there."""
        return str(self._path(environment))

    def write_rendered(self, environment: EnvironmentId, model: Model) -> str:
        """Write the rendered model as ``compose.yaml``, only when it differs; return its path."""
        return self._write(environment, "compose.yaml", model)

    def write_build(self, environment: EnvironmentId, model: Model) -> str:
        """Write the part of the model that is built, ``build.yaml``; return its path."""
        return self._write(environment, "build.yaml", model)

    def rendered(self, environment: EnvironmentId) -> Model | None:
        """Return the model that ran last, or ``None`` when there is none or it is damaged."""
        path = self._path(environment) / "compose.yaml"
        try:
            value = self._load(path.read_bytes(), str(path))
        except (OSError, LocalenvError):
            return None
        return value if isinstance(value, dict) else None

    def save_services(self, environment: EnvironmentId, services: Sequence[ServiceWanted]) -> None:
        """Write ``services.json``; what is injected into containers is left out, it is in the engine by then."""
        kept = [replace(service, injected=()) for service in services]
        path = Path(self.directory(environment)) / "services.json"
        content = msgspec.json.encode(kept)
        if not path.is_file() or path.read_bytes() != content:
            write_whole(path, content)

    def services(self, environment: EnvironmentId) -> tuple[ServiceWanted, ...]:
        """Read ``services.json``; one that is missing or damaged is none."""
        try:
            return from_json((self._path(environment) / "services.json").read_bytes(), tuple[ServiceWanted, ...])
        except (OSError, msgspec.MsgspecError):
            return ()

    def copy(self, wanted: FileCopy) -> None:
        """Put a file or folder of the project, or given content, at its target under the state directory, once."""
        target = Path(wanted.target)
        if target.exists():
            return
        private_directory(target.parent)
        if wanted.source is None:
            write_whole(target, wanted.content or b"", mode=wanted.mode or _READABLE)
            return
        scratch = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        source = Path(wanted.source)
        if source.is_dir():
            shutil.copytree(source, scratch, symlinks=True)
        else:
            shutil.copy2(source, scratch)
            if wanted.mode is not None:
                scratch.chmod(wanted.mode)
        scratch.rename(target)

    def journal(self, environment: EnvironmentId, line: str) -> None:
        """Append one line; a journal that has grown past its bound starts anew."""
        path = Path(self.directory(environment)) / "journal"
        fresh = path.is_file() and path.stat().st_size > _JOURNAL_LIMIT
        with path.open("w" if fresh else "a", encoding="utf-8") as file:
            file.write(line.rstrip("\n") + "\n")

    def journal_lines(self, environment: EnvironmentId) -> Iterator[str]:
        """Lines of the journal, oldest first; a torn last line is left out."""
        path = self._path(environment) / "journal"
        if not path.is_file():
            return
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True):
            if line.endswith("\n"):
                yield line.rstrip("\n")

    def secrets(self, environment: EnvironmentId, wanted: Mapping[str, tuple[str, int]]) -> Mapping[str, str]:
        """Values by name, stable for the environment's life; missing ones are generated."""
        if not wanted:
            return {}
        path = Path(self.directory(environment)) / "secrets.json"
        kept: dict[str, str] = _read_json(path)
        made = {name: kept.get(name) or _generate(kind, length) for name, (kind, length) in wanted.items()}
        if made != kept:
            write_whole(path, json.dumps({**kept, **made}).encode())
        return made

    def adopt_secrets(self, environment: EnvironmentId, values: Mapping[str, str]) -> bool:
        """Take values over that cloned data hangs on; whether that changed any."""
        kept = self.kept_secrets(environment)
        if all(kept.get(name) == value for name, value in values.items()):
            return False
        write_whole(Path(self.directory(environment)) / "secrets.json", json.dumps({**kept, **values}).encode())
        return True

    def kept_secrets(self, environment: EnvironmentId) -> Mapping[str, str]:
        """Generated values that are there; nothing is made."""
        return _read_json(self._path(environment) / "secrets.json")

    def write_run(self, environment: EnvironmentId, service: str, model: Model) -> str:
        """Write the file that ``run`` makes a container of one service from; return its path."""
        return self._write(environment, f"run-{slugify(service)}.yaml", model)

    def folders(self) -> tuple[str, ...]:
        """Names of all environments' folders (``project_environment``)."""
        return tuple(sorted(path.name for path in self._root.glob("*_*") if path.is_dir()))

    def remove(self, environment: EnvironmentId) -> None:
        """Remove the folder with everything in it."""
        shutil.rmtree(self._path(environment), ignore_errors=True)

    def _write(self, environment: EnvironmentId, name: str, model: Model) -> str:
        path = Path(self.directory(environment)) / name
        content = self._dump(model).encode()
        if not path.is_file() or path.read_bytes() != content:
            write_whole(path, content)
        return str(path)

    def _path(self, environment: EnvironmentId) -> Path:
        return self._root / environment.compose_project


def _read_json(path: Path) -> dict[str, str]:
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise LocalenvError(
            "the generated secrets of this environment are damaged",
            where=str(path),
            hints=("restore the file, or destroy the environment and bring it up again",),
            code="damaged-state",
        ) from error
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, dict) else {}


def _generate(kind: str, length: int) -> str:
    if kind == "hex":
        return secrets.token_hex((length + 1) // 2)[:length]
    if kind == "base64":
        return base64.b64encode(secrets.token_bytes(length)).decode()[:length]
    return "".join(secrets.choice(_PASSWORD) for _ in range(length))
