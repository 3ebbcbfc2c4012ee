"""Building a project's own images: once per content of their sources, whoever asks and however often."""

from __future__ import annotations

import hashlib
import json
import posixpath
import threading
from collections.abc import Callable, Mapping
from typing import Any

from localenv.actions.images import EnsureImages
from localenv.core.names import EnvironmentId
from localenv.core.paths import inside
from localenv.core.wanted import Model
from localenv.errors import LocalenvError
from localenv.errors.compose import BuildFailed
from localenv.ports.compose import Compose
from localenv.ports.engine import Engine
from localenv.ports.files import ProjectFiles
from localenv.ports.progress import Message, Progress
from localenv.ports.state import Store
from localenv.values import dataclass

__all__ = ["BuildRequest", "Builds"]

_LIMIT = 1024 * 1024
_ALWAYS_IGNORED = ".git"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """The rewritten model of an environment whose images are to be there."""

    environment: EnvironmentId
    directory: str
    model: Model
    again: bool = False
    """Build also what is there."""


class Builds:
    """Knows what each built service is made from, and builds what is missing, one build of a tag at a time."""

    def __init__(
        self,
        *,
        engine: Engine,
        compose: Compose,
        store: Store,
        files: ProjectFiles,
        images: EnsureImages,
        progress: Progress,
    ) -> None:
        self._engine = engine
        self._compose = compose
        self._store = store
        self._files = files
        self._images = images
        self._progress = progress
        self._one_at_a_time = threading.Lock()

    def digests(self, model: Model, directory: str) -> Mapping[str, str]:
        """Digest of the sources of each service that is built; a context that is too large to be hashed has none.

        Equal sources have equal digests wherever ``directory``, the project's, is: in a branch's worktree too.
        """
        found: dict[str, str] = {}
        for name, service in (model.get("services") or {}).items():
            if build := service.get("build"):
                try:
                    found[name] = self._digest(build, service.get("platform"), directory)
                except LocalenvError:
                    continue
        return found

    def missing(self, model: Model) -> tuple[str, ...]:
        """Services of a rewritten model whose image is not in the engine and can be built."""
        services = model.get("services") or {}
        return tuple(
            name
            for name in sorted(services)
            if services[name].get("build") and self._engine.image(services[name]["image"]) is None
        )

    def __call__(self, request: BuildRequest) -> tuple[str, ...]:
        """Build what is missing and return the services that were built. Raises ``LocalenvError`` (code ``build``)."""
        services = request.model.get("services") or {}
        with self._one_at_a_time:
            wanted = (
                tuple(sorted(name for name in services if services[name].get("build")))
                if request.again
                else self.missing(request.model)
            )
            if wanted:
                self._build(request, {name: services[name] for name in wanted})
        return wanted

    def _build(self, request: BuildRequest, services: Mapping[str, Mapping[str, Any]]) -> None:
        environment = request.environment.name
        bases = [base for service in services.values() for base in self._bases(service["build"])]
        self._images(bases, self._progress)
        model: Model = {
            "name": request.environment.compose_project,
            "services": {
                name: {key: service[key] for key in ("image", "build", "platform") if key in service}
                for name, service in services.items()
            },
            **({"secrets": secrets} if (secrets := request.model.get("secrets")) else {}),
        }
        self._progress.emit(Message(stage="build", text=", ".join(services), environment=environment))
        try:
            self._run(request, model)
        except BuildFailed as failure:
            plain = self._read_by_the_engine(model) if failure.code_of_case == "build-reader" else None
            if plain is None:
                raise
            text = "the reader that # syntax names cannot be had: the engine's own reads the Dockerfile"
            self._progress.emit(Message(stage="build", text=text, environment=environment))
            self._run(request, plain)

    def _run(self, request: BuildRequest, model: Model) -> None:
        services = tuple(model["services"])
        self._compose.build(
            file=self._store.write_build(request.environment, model),
            project_name=request.environment.compose_project,
            directory=request.directory,
            services=services,
            on_line=self._steps(", ".join(services), request.environment.name),
        )

    def _read_by_the_engine(self, model: Model) -> Model | None:
        """Return the model with Dockerfiles given inline, without ``# syntax``; None where one cannot be or none has it."""
        from localenv.core.dockerfiles import without_reader

        services: dict[str, Any] = {}
        for name, service in model["services"].items():
            build = service["build"]
            dockerfile = self._dockerfile(build)
            inline = build.get("dockerfile_inline")
            plain = without_reader(inline if inline is not None else self._read(dockerfile))
            if plain is None:
                services[name] = service
                continue
            if inline is None and self._read(f"{dockerfile}.dockerignore"):
                return None
            kept = {key: value for key, value in build.items() if key != "dockerfile"}
            text = plain if inline is not None else plain.replace("$", "$$")
            services[name] = {**service, "build": {**kept, "dockerfile_inline": text}}
        return {**model, "services": services} if services != model["services"] else None

    def _steps(self, names: str, environment: str) -> Callable[[str], None]:
        """Takes the builder's lines and tells each step once: two services of one Dockerfile have the same steps."""
        from localenv.core.build_lines import build_step

        told: set[str] = set()

        def take(line: str) -> None:
            step = build_step(line)
            if step is not None and step not in told:
                told.add(step)
                self._progress.emit(Message(stage="build", text=f"{names}  {step}", environment=environment))

        return take

    def _bases(self, build: Mapping[str, Any]) -> tuple[str, ...]:
        from localenv.core.dockerfiles import dockerfile_bases

        text = build.get("dockerfile_inline") or self._read(self._dockerfile(build))
        arguments = {key: str(value) for key, value in (build.get("args") or {}).items() if value is not None}
        bases = dockerfile_bases(text, arguments, target=build.get("target"))
        return tuple(base for base in bases if "/dockerfile:" not in base)

    def _digest(self, build: Mapping[str, Any], platform: str | None, directory: str) -> str:
        from localenv.core.dockerignore import ignored_by

        context = str(build.get("context") or ".")
        dockerfile = self._dockerfile(build)
        rules = self._read(f"{dockerfile}.dockerignore") or self._read(posixpath.join(context, ".dockerignore"))
        left_out = ignored_by(rules)
        parts = [
            json.dumps([_placed(build, directory), platform], sort_keys=True, default=str),
            self._files.digest(context, ignore=lambda path: path == _ALWAYS_IGNORED or left_out(path)),
            self._files.digest(dockerfile),
            *(
                self._files.digest(str(other))
                for other in (build.get("additional_contexts") or {}).values()
                if str(other).startswith("/")
            ),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def _dockerfile(self, build: Mapping[str, Any]) -> str:
        return posixpath.normpath(posixpath.join(str(build.get("context") or "."), str(build.get("dockerfile") or "Dockerfile")))

    def _read(self, path: str) -> str:
        if self._files.facts(path).kind != "file":
            return ""
        return self._files.read(path, limit=_LIMIT).decode("utf-8", "replace")


def _placed(build: Mapping[str, Any], directory: str) -> Mapping[str, Any]:
    """The build with its context as seen from the project, where it is inside."""
    context = str(build.get("context") or ".")
    return {**build, "context": posixpath.relpath(context, directory)} if inside(context, directory) else build
