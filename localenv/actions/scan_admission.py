"""Which files Compose may be led to, decided before anything is opened, and the only reading of them."""

from __future__ import annotations

import hashlib
from typing import Final

from localenv.core.configuration.settings import Grant
from localenv.core.documents import Document, dotted
from localenv.core.findings import Refusal
from localenv.core.grants import apply_grants
from localenv.core.interpolation import Filled, Lookup, fill
from localenv.core.paths import PathFacts, absolute, grantable, inside, shown
from localenv.core.scan.references import Reference, is_remote
from localenv.errors import InvalidInput, NotFound
from localenv.ports.files import ProjectFiles

__all__ = ["Admission"]

_FILE_LIMIT: Final = 1024 * 1024
_TOTAL_LIMIT: Final = 10 * 1024 * 1024
_COUNT_LIMIT: Final = 300
"""Files of all kinds. The largest real project known to us reads 45."""
_PATH_LIMIT: Final = 4096
_DOES: Final = {"include": "includes", "extends": "extends"}


class Admission:
    """Admits regular files inside the project; notes a refusal for everything else."""

    def __init__(self, files: ProjectFiles, *, root: str, directory: str, home: str = "", grants: tuple[Grant, ...] = ()) -> None:
        self._files = files
        self._root = root
        self._directory = directory
        self._home = home
        self._grants = grants
        self._bytes = 0
        self.refusals: dict[Refusal, None] = {}
        self.used: list[Grant] = []
        self.read: dict[str, str] = {}
        """SHA-256 by path; empty for a file that is not there."""
        self.missing: dict[str, str] = {}
        """Where a file that is not there is named."""

    def admitted(self, reference: Reference, document: Document, base: str, lookup: Lookup) -> str | None:
        """The path that is meant, when it may be read and is there; otherwise a refusal is noted.

        Raises ``NotFound`` for a missing file that Compose cannot do without.
        """
        text = self.clear(reference, document, lookup)
        path = absolute(text, base, self._home) if text else None
        return path if path is not None and self._usable(path, reference, document) else None

    def clear(self, reference: Reference, document: Document, lookup: Lookup) -> str | None:
        """The text of a path with its variables filled in, when it is beyond doubt and on this machine."""
        try:
            filled = fill(reference.text, lookup, limit=_PATH_LIMIT)
        except OverflowError:
            filled = Filled(reference.text, opaque=True)
        if reference.kind in _DOES and is_remote(filled.text):
            self._refuse(reference, document, "remote-file", "comes from another machine; copy it into the project")
            return None
        if filled.opaque:
            message = "hangs on a variable whose value is written in an unusual way; write the path out"
            self._refuse(reference, document, "path-unclear", message)
            return None
        return filled.text

    def admit_own(self, path: str, *, optional: bool = False) -> bool:
        """Whether a file that nobody named but everybody expects may be read. Raises ``NotFound`` unless optional."""
        facts = self._files.facts(path)
        name = shown(path, self._root)
        if facts.kind == "missing":
            self.read[path] = ""
            if optional:
                return False
            raise NotFound(f"{name} is not there", where=name)
        problem = self._problem(facts, path)
        if problem is None:
            return True
        code, message = problem
        granting = grantable(path, self._directory) if code == "file-outside-project" else None
        key = "env_file" if granting else None
        refusal = Refusal(
            code=code, path=name, message=f"is a file that {message}", file=name, grant_key=key, grant_value=granting
        )
        return self._granted(refusal)

    def content(self, path: str) -> bytes:
        """Read an admitted file. Raises ``InvalidInput`` past the bounds of one file, of all of them, or of their number."""
        data = self._files.read(path, limit=_FILE_LIMIT)
        self._bytes += len(data) if not self.read.get(path) else 0
        self.read[path] = hashlib.sha256(data).hexdigest()
        if len(self.read) > _COUNT_LIMIT or self._bytes > _TOTAL_LIMIT:
            raise InvalidInput(
                f"the project makes Compose read more than {_COUNT_LIMIT} files or {_TOTAL_LIMIT:,} bytes",
                where=shown(path, self._root),
                code="too-many-files",
            )
        return data

    def _usable(self, path: str, reference: Reference, document: Document) -> bool:
        facts = self._files.facts(path)
        if facts.kind == "missing":
            self.read[path] = ""
            self.missing.setdefault(path, document.where(reference.path))
            if reference.kind in _DOES:
                raise NotFound(
                    f"{document.file} {_DOES[reference.kind]} {shown(path, self._root)}, which is not there",
                    where=document.where(reference.path),
                )
            return False
        problem = self._problem(facts, path)
        if problem is None:
            return True
        code, message = problem
        granting = grantable(path, self._directory) if code == "file-outside-project" else None
        return self._refuse(reference, document, code, f"{_DOES.get(reference.kind, 'reads')} a file that {message}", granting)

    def _problem(self, facts: PathFacts, path: str) -> tuple[str, str] | None:
        if not inside(facts.real, self._root):
            leads = f" ({facts.real})" if facts.real != path else ""
            return "file-outside-project", f"lies outside the project{leads}"
        return None if facts.kind == "file" else ("not-a-file", f"is no regular file but a {facts.kind}")

    def _refuse(self, reference: Reference, document: Document, code: str, message: str, granting: str | None = None) -> bool:
        place = document.position(reference.path)
        key = "include" if reference.service is None else reference.kind
        return self._granted(
            Refusal(
                code=code,
                path=dotted(reference.path),
                service=reference.service,
                value=reference.text,
                message=message,
                file=document.file,
                line=place.line if place else None,
                grant_key=key if granting else None,
                grant_value=granting,
            )
        )

    def _granted(self, refusal: Refusal) -> bool:
        """Note a refusal, unless a grant allows the file; what is no regular file is beyond grants."""
        after = apply_grants((refusal,), self._grants, self._directory, self._home)
        self.used.extend(grant for grant in after.used if grant not in self.used)
        self.refusals.update(dict.fromkeys(after.refusals))
        return not after.refusals
