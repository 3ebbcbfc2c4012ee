"""What an environment's containers say, without its secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from localenv.core.redaction import redactor, secret_files
from localenv.core.wanted import InjectedFile, Model
from localenv.errors import LocalenvError
from localenv.ports.files import ProjectFiles

__all__ = ["Masking"]

_SECRET_LIMIT = 64 * 1024
"""Bytes of a secret's file that are looked for in what containers say; a larger one is no password."""


class Masking:
    """Reads the secrets of a model, and masks them in a text."""

    def __init__(self, files: ProjectFiles) -> None:
        self._files = files

    def __call__(self, model: Model, injected: Iterable[InjectedFile]) -> Callable[[str], str]:
        """Return a function that masks the secret values of these services, variables and files."""
        return redactor(model, injected, self._contents(model))

    def _contents(self, model: Model) -> Iterator[bytes]:
        for path in secret_files(model):
            try:
                yield self._files.read(path, limit=_SECRET_LIMIT)
            except LocalenvError:
                continue
