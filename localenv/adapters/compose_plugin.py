"""Runs the Compose plugin. Implements ``ports.compose.Compose``."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from localenv.core.argv import compose as argv
from localenv.core.wanted import Model
from localenv.errors import LocalenvError, Unavailable
from localenv.errors.compose import BuildFailed, CreateFailed, ModelInvalid
from localenv.ports.compose import ResolveRequest
from localenv.ports.process import Completed, Processes

__all__ = ["OLDEST", "ComposePlugin"]

OLDEST: Final = (2, 20)
"""Oldest version that is supported, major and minor."""

_THROUGH_DOCKER: Final = ("docker", "compose")
_SYSTEM_FOLDERS: Final = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)
_RUN_SECONDS: Final = 3600.0
_CONFIG_SECONDS: Final = 60.0
_CONFIG_MEMORY: Final = 2 * 1024**3
"""Bytes. An ordinary project takes 60 MB; an alias bomb took 6 GB."""
_CREATE_SECONDS: Final = 600.0
_BUILD_SECONDS: Final = 7200.0
_TOLD_LINES: Final = 15
_STEERING: Final[Mapping[str, str]] = {
    "COMPOSE_PROFILES": "",
    "COMPOSE_DISABLE_ENV_FILE": "",
    "COMPOSE_EXPERIMENTAL_GIT_REMOTE": "0",
    "COMPOSE_EXPERIMENTAL_OCI_REMOTE": "0",
    "COMPOSE_IGNORE_ORPHANS": "1",
}
"""Set in Compose's environment, so that an env file cannot set them; profiles are given as options."""


class ComposePlugin:
    """The plugin that ``docker compose`` would run, started by itself: that spares the docker client's 50 ms."""

    def __init__(self, processes: Processes, variables: Mapping[str, str], *, memory: str | None = None) -> None:
        """``variables``: the caller's environment, where plugins are looked for. ``memory``: a directory, see ``version``."""
        self._processes = processes
        self._program = _find(variables) or _THROUGH_DOCKER
        self._memory = Path(memory) if memory else None
        self._version: str | None = None

    def identity(self) -> str:
        """Tells one installed plugin from another without running it."""
        try:
            found = Path(self._program[-1]).stat()
        except OSError:
            return f"{self._program} {self.version()}"
        return f"{self._program[-1]} {found.st_ino} {found.st_size} {found.st_mtime_ns}"

    def version(self) -> str:
        """Version as ``2.26.1``; asked once for each installed plugin and remembered.

        Raises ``Unavailable``: code ``compose-missing``, or ``compose-too-old`` before 2.20.
        """
        if self._version is None:
            self._version = self._remembered_version()
        return self._version

    def resolve(self, request: ResolveRequest) -> Model:
        """See ``Compose.resolve``. ``where`` of the error is filled by who knows the lines."""
        self.version()
        done = self._processes.run(
            argv.config(
                self._program,
                directory=request.directory,
                project_name=request.project_name,
                files=request.files,
                env_files=request.env_files,
                profiles=request.profiles,
            ),
            environment={**request.variables, **_STEERING},
            directory=request.directory,
            timeout=_CONFIG_SECONDS,
            memory=_CONFIG_MEMORY,
        )
        if done.exit_code != 0:
            from localenv.adapters.compose_failures import explained

            raise explained(done.stderr.decode("utf-8", "replace"), done.exit_code)
        try:
            model = json.loads(done.stdout)
        except (ValueError, RecursionError):
            raise ModelInvalid("docker compose printed something that is no JSON") from None
        if not isinstance(model, dict):
            raise ModelInvalid("docker compose printed no model")
        return model

    def create(self, *, file: str, project_name: str, directory: str, scale: Mapping[str, int], no_recreate: bool = True) -> None:
        """See ``Compose.create``. Raises ``CreateFailed`` with Compose's last lines."""
        done = self._processes.run(
            argv.create(
                self._program,
                directory=directory,
                project_name=project_name,
                file=file,
                scale=scale,
                no_recreate=no_recreate,
            ),
            environment=_STEERING,
            directory=directory,
            timeout=_CREATE_SECONDS,
        )
        if done.exit_code != 0:
            raise CreateFailed(f"the containers of {project_name} could not be created", details=_last_errors(done))

    def build(
        self,
        *,
        file: str,
        project_name: str,
        directory: str,
        services: Sequence[str],
        on_line: Callable[[str], None] | None = None,
    ) -> None:
        """See ``Compose.build``. Raises ``BuildFailed``."""
        lines: list[str] = []

        def take(line: str) -> None:
            lines.append(line)
            if on_line is not None:
                on_line(line)

        done = self._processes.run(
            argv.build(self._program, directory=directory, project_name=project_name, file=file, services=services),
            environment={**_STEERING, "BUILDKIT_PROGRESS": "plain"},
            directory=directory,
            timeout=_BUILD_SECONDS,
            on_line=take,
            on_output=take,
        )
        if done.exit_code != 0:
            told = tuple(line.rstrip() for line in lines if line.strip())[-_TOLD_LINES:]
            text = "\n".join(lines)
            raise BuildFailed(
                f"{', '.join(services)} could not be built",
                code="build-reader" if _reader_is_missing(text) else None,
                details=told,
                hints=_build_hints(text),
            )

    def attach(self, *, file: str, project_name: str, directory: str, arguments: Sequence[str]) -> int:
        """See ``Compose.attach``."""
        return self._processes.attach(
            argv.hand_over(_THROUGH_DOCKER, directory=directory, project_name=project_name, file=file, arguments=arguments),
            environment=_STEERING,
            directory=directory,
        )

    def collect(
        self, *, file: str, project_name: str, directory: str, arguments: Sequence[str], on_line: Callable[[str], None]
    ) -> int:
        """See ``Compose.collect``."""
        done = self._processes.run(
            argv.hand_over(_THROUGH_DOCKER, directory=directory, project_name=project_name, file=file, arguments=arguments),
            environment=_STEERING,
            directory=directory,
            timeout=_RUN_SECONDS,
            on_line=on_line,
            on_output=on_line,
        )
        return done.exit_code

    def _remembered_version(self) -> str:
        place = self._memory / "compose-version.json" if self._memory else None
        identity = self.identity() if len(self._program) == 1 else None
        if place is not None and identity is not None:
            try:
                known = json.loads(place.read_bytes())
                if known["identity"] == identity:
                    return _supported(str(known["version"]))
            except (OSError, ValueError, KeyError, TypeError):
                pass
        version = self._asked_version()
        if place is not None and identity is not None:
            _remember(place, {"identity": identity, "version": version})
        return version

    def _asked_version(self) -> str:
        try:
            done = self._processes.run(argv.version(self._program), timeout=30.0)
        except LocalenvError as error:
            raise _missing() from error
        if done.exit_code != 0:
            raise _missing()
        return _supported(done.stdout.decode("utf-8", "replace").strip().removeprefix("v"))


def _find(variables: Mapping[str, str]) -> tuple[str, ...] | None:
    """The plugin where the docker client looks for it, in its order (docker/cli, plugin manager)."""
    home = variables.get("HOME", "")
    config = variables.get("DOCKER_CONFIG") or (f"{home}/.docker" if home else "")
    folders = [f"{config}/cli-plugins"] if config else []
    if config:
        folders += _extra_folders(Path(config) / "config.json")
    for folder in (*folders, *_SYSTEM_FOLDERS):
        program = f"{folder}/docker-compose"
        if os.access(program, os.X_OK) and Path(program).is_file():
            return (program,)
    return None


def _extra_folders(config: Path) -> list[str]:
    try:
        extra = json.loads(config.read_bytes()).get("cliPluginsExtraDirs", [])
    except (OSError, ValueError, AttributeError):
        return []
    return [folder for folder in extra if isinstance(folder, str)] if isinstance(extra, list) else []


def _supported(version: str) -> str:
    found = re.match(r"(\d+)\.(\d+)", version)
    if found is not None and (int(found[1]), int(found[2])) < OLDEST:
        raise Unavailable(
            f"Docker Compose {version} is too old: 2.20 or later is needed",
            code="compose-too-old",
            hints=("install a newer plugin: https://docs.docker.com/compose/install/linux/",),
        )
    return version


def _missing() -> Unavailable:
    return Unavailable(
        "the Docker Compose plugin is not installed",
        code="compose-missing",
        hints=("install it, 2.20 or later: https://docs.docker.com/compose/install/linux/",),
    )


def _remember(place: Path, value: Mapping[str, str]) -> None:
    temporary = place.with_name(f"{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary.write_text(json.dumps(value))
        temporary.replace(place)
    except OSError:
        return


def _last_errors(done: Completed) -> tuple[str, ...]:
    """The lines that tell what failed; progress of the containers that were created is left out."""
    lines = [line.strip() for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"(?i)error|fail|cannot|no such|not found|conflict|denied|invalid", line)]
    return tuple((telling or lines)[-_TOLD_LINES:])


def _reader_is_missing(text: str) -> bool:
    """Whether the build ended because the image of a ``# syntax`` line could not be had."""
    return re.search(r"failed to (resolve|solve)\S* .*docker/dockerfile\S*: failed to (do request|resolve)", text) is not None


def _build_hints(text: str) -> tuple[str, ...]:
    if _reader_is_missing(text):
        return ("the Dockerfile's first line (# syntax=...) asks a registry for its own reader: offline, remove that line",)
    if "compose build requires buildx" in text or "buildx isn't installed" in text:
        return ("install a newer buildx plugin: this Compose needs it",)
    return ()
