"""What environments that somebody else's code made run from: their worktrees and built images, removed with them."""

from __future__ import annotations

from collections.abc import Collection

from localenv.core.names import EnvironmentId
from localenv.core.wanted import Model
from localenv.ports.built_images import BuiltImages
from localenv.ports.state import Ledger, Store
from localenv.ports.worktrees import WorktreeFolders

__all__ = ["DiscardSources"]


class DiscardSources:
    """Keeps what another environment uses."""

    def __init__(self, *, ledger: Ledger, store: Store, folders: WorktreeFolders, images: BuiltImages) -> None:
        self._ledger = ledger
        self._store = store
        self._folders = folders
        self._images = images

    def built(self, environment: EnvironmentId) -> frozenset[str]:
        """Tags of the images that were built for what it runs."""
        return _built(self._store.rendered(environment), environment.project)

    def built_for_it(self, environment: EnvironmentId) -> frozenset[str]:
        """The same of an environment that is no person's own, whose images are of no use to others; else none."""
        record = self._ledger.record(environment)
        return self.built(environment) if record is not None and record.kind else frozenset()

    def images(self, project: str, references: Collection[str]) -> None:
        """Remove those of these built images that no environment of the project runs, also none that is down."""
        if not references:
            return
        used: set[str] = set()
        for record in self._ledger.records():
            if record.id.project == project:
                used |= self.built(record.id)
        for reference in sorted(set(references) - used):
            self._images.remove(reference)

    def has_worktree(self, environment: EnvironmentId) -> bool:
        """Whether there are files of commits that it runs or ran from."""
        return self._folders.has_any(environment)

    def worktree(self, environment: EnvironmentId, *, but: str | None = None) -> None:
        """Remove the folders of the commits that it ran from, but for the one of the commit ``but``."""
        self._folders.remove(environment, but=but)


def _built(model: Model | None, project: str) -> frozenset[str]:
    services = ((model or {}).get("services") or {}).values()
    names = (str(service.get("image", "")) for service in services)
    return frozenset(name for name in names if name.startswith(f"localenv/{project}/"))
