"""Which project a directory is: two directories of one name are two projects, a moved one stays the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from localenv.actions.configuration import Loaded
from localenv.core.names import EnvironmentId, checked_slug, slugify
from localenv.errors import InvalidInput
from localenv.ports.files import ProjectFiles
from localenv.ports.state import Ledger

__all__ = ["ProjectIdentity", "parse_environment", "with_project_name"]


class ProjectIdentity:
    """Gives a directory its project name, unique on this installation."""

    def __init__(self, ledger: Ledger, files: ProjectFiles, is_worktree: Callable[[str], bool] = lambda _: False) -> None:
        """``is_worktree``: whether a directory is a worktree of localenv's own, which is no project by itself."""
        self._ledger = ledger
        self._files = files
        self._is_worktree = is_worktree

    def __call__(self, name: str, directory: str, *, chosen: bool) -> str:
        """Return ``name``, or a name of its own when another directory that still exists has it.

        A name of its own stays, also when the other directory goes: environments have it by then.
        ``chosen``: a person wrote the name down, so it is not changed: ``InvalidInput`` (code ``project-taken``).
        """
        records = self._ledger.records()
        own = _own_name(name, directory)
        places = [(record.id.project, record.origin or record.directory) for record in records]
        if not chosen and (own, directory) in places:
            return own
        others = {place for project, place in places if project == name} - {directory, ""}
        others = {place for place in others if not self._is_worktree(place)}
        holder = next((other for other in sorted(others) if self._is_another(other, directory)), None)
        if holder is None:
            return name
        if chosen:
            raise InvalidInput(
                f"the project name {name} is used by {holder}",
                hints=("give one of the two another `project:` in its localenv.yaml",),
                code="project-taken",
            )
        return own

    def _is_another(self, other: str, directory: str) -> bool:
        """Whether ``other`` is there and not this directory by another path: through a link it is the same project."""
        facts = self._files.facts(other)
        return facts.kind == "directory" and facts.real != self._files.facts(directory).real


def _own_name(name: str, directory: str) -> str:
    suffix = slugify(directory, unique=True).rpartition("-")[2]
    return f"{name[:32].rstrip('-')}-{suffix}"


def with_project_name(loaded: Loaded, name: str) -> Loaded:
    """The same configuration under another project name."""
    if loaded.settings.project == name:
        return loaded
    return loaded.with_settings(msgspec.structs.replace(loaded.settings, project=name))


@dataclass(frozen=True, slots=True)
class _Parts:
    project: str | None
    name: str


def parse_environment(text: str, project: str | None) -> EnvironmentId:
    """Read ``ENV`` of the project here, or ``PROJECT/ENV`` from anywhere.

    Raises ``InvalidInput`` when there is no project to take, or for what cannot be a name.
    """
    head, slash, tail = text.partition("/")
    parts = _Parts(head, tail) if slash else _Parts(project, head)
    if parts.project is None:
        raise InvalidInput(
            f"{text} of which project? There is no Compose file here or above",
            hints=(f"name it: PROJECT/{text} (localenv ls --all lists them)", "or go to the project's directory"),
            code="no-project",
        )
    return EnvironmentId(
        project=checked_slug(parts.project, what="a project"), name=checked_slug(parts.name, what="an environment")
    )
