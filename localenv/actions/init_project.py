"""``localenv init``: a commented localenv.yaml from what the Compose file says."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from localenv.actions.configuration import COMPOSE_NAMES, SETTINGS_NAME, Loaded, LoadSettings
from localenv.core.init_text import Inferred, infer, settings_text
from localenv.core.names import EnvironmentId
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.ports import rewrite_ports
from localenv.core.wanted import Exposure, Model, Rewritten
from localenv.errors import InvalidInput
from localenv.ports.files import ProjectFiles
from localenv.values import dataclass

__all__ = ["InitProject", "InitResult"]

Resolve = Callable[[Loaded], Model]
"""The resolved Compose model of a loaded project."""
Write = Callable[[str, str], None]
"""Writes text to a path, whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InitResult:
    """What was inferred, and the file that says it."""

    file: str
    """Absolute path of localenv.yaml."""
    text: str
    inferred: Inferred
    written: bool
    """``False`` when this was a dry run."""


class InitProject:
    """Writes localenv.yaml once; an existing one stays unless ``force`` is given."""

    def __init__(self, load: LoadSettings, resolve: Resolve, files: ProjectFiles, write: Write) -> None:
        self._load = load
        self._resolve = resolve
        self._files = files
        self._write = write

    def __call__(self, directory: str, *, force: bool = False, dry_run: bool = False) -> InitResult:
        """Infer and write. Raises ``InvalidInput`` (code ``exists``) for an existing file, before anything is resolved."""
        root = self._load.find_root(directory)
        path = posixpath.join(root, SETTINGS_NAME)
        if not force and not dry_run and self._files.facts(path).kind != "missing":
            raise InvalidInput(
                f"{SETTINGS_NAME} is there already",
                hints=("localenv init --dry-run   (prints what it would write)", "localenv init --force   (replaces it)"),
                code="exists",
            )
        loaded = self._load.without_settings(root)
        model = self._resolve(loaded)
        inferred = infer(
            model,
            _exposures(loaded, model),
            project=loaded.settings.project,
            project_source=loaded.origins["project",].text,
        )
        text = settings_text(inferred, compose_file=self._compose_file(root), tiers=tuple(loaded.settings.tiers))
        self._load.with_settings(root, text)
        if not dry_run:
            self._write(path, text)
        return InitResult(file=path, text=text, inferred=inferred, written=not dry_run)

    def _compose_file(self, root: str) -> str:
        found = (name for name in COMPOSE_NAMES if self._files.facts(posixpath.join(root, name)).kind == "file")
        return next(found, COMPOSE_NAMES[0])


def _exposures(loaded: Loaded, model: Model) -> tuple[Exposure, ...]:
    """What becomes of the ports, told by the same code that ``up`` runs."""
    settings = loaded.settings
    context = RewriteContext(
        id=EnvironmentId(project=settings.project, name="development"),
        tier=next(iter(settings.tiers.values())),
        settings=settings,
        owner="",
        directory=loaded.directory,
        state_directory=loaded.directory,
    )
    return rewrite_ports(Rewritten(model=model), context).exposures
