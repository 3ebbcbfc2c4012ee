"""A data profile: files that fill the volumes of a new environment (design page data.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from localenv.core.configuration.decode import find_problems
from localenv.core.configuration.problems import Problem, raise_problems
from localenv.core.configuration.tables import InferRows, TableData, table_problems
from localenv.core.configuration.tier import Classification
from localenv.core.documents import Document, Path, dotted
from localenv.core.typed import from_plain

__all__ = ["DataProfile", "ServiceData", "VolumeData", "decode_data_profile"]


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class ServiceData(_Strict, frozen=True, kw_only=True):
    """What is loaded into one data service (``services.<service>``)."""

    files: tuple[str, ...] = ()
    """Relative to the project, loaded in this order by the engine's own client; ``.gz`` and ``.zst`` too."""
    tables: dict[str, TableData] = msgspec.field(default_factory=dict)
    """Tables that rows are generated for, after the files."""
    verify: tuple[str, ...] = ()
    """Statements whose first value must be true afterwards."""


class VolumeData(_Strict, frozen=True, kw_only=True):
    """What is copied into one volume (``volumes.<volume>``)."""

    files: str | tuple[str, ...]
    """Files or folders relative to the project; of a folder, its content."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The files as a tuple, however they are written."""
        return (self.files,) if isinstance(self.files, str) else self.files


class DataProfile(_Strict, frozen=True, kw_only=True):
    """What a new environment's volumes hold, and of which class it is."""

    profile: str
    """Its name: the file's, without the ending."""
    classification: Classification
    """Class of everything in it."""
    seed: int = 0
    """Number that generated values depend on."""
    locale: str = "en_US"
    """Language and country of generated names and places."""
    infer: InferRows | None = None
    """Fills tables of every data service that are empty after the migrations and that the profile does not mention."""
    services: dict[str, ServiceData] = msgspec.field(default_factory=dict)
    """Data services by their names in the Compose file."""
    volumes: dict[str, VolumeData] = msgspec.field(default_factory=dict)
    """Volumes by their names in the Compose file."""
    personalise: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    """Statements by service, run in each new environment before it serves. Jinja2: project, environment, tier, urls."""


def decode_data_profile(document: Document, name: str) -> DataProfile:
    """The profile in ``document``, whose file is called ``name``.

    Raises ``InvalidInput`` that names every problem.
    """
    value = {} if document.value is None else document.value
    problems = find_problems(value, DataProfile, document.where)
    if isinstance(value, Mapping) and isinstance(said := value.get("profile"), str) and said != name:
        where = document.where(("profile",))
        problems.append(Problem(where=where, path="profile", message=f"{said!a} is not the file's name", hint=f"write {name}"))
    problems += [*_path_problems(value, document), *table_problems(value, document)]
    raise_problems(sorted(problems, key=lambda each: _place(each.where)), what=document.file)
    return from_plain(value, DataProfile)


def _path_problems(value: Any, document: Document) -> Iterator[Problem]:
    for path, text in _file_paths(value):
        if not text or "\0" in text or text.startswith(("/", "~")) or ".." in text.split("/"):
            yield Problem(
                where=document.where(path),
                path=dotted(path),
                message=f"{text[:80]!a} is not a path inside the project",
                hint="write: a path relative to the project's directory, without ..",
            )


def _file_paths(value: Any) -> Iterator[tuple[Path, str]]:
    for group in ("services", "volumes"):
        members = value.get(group) if isinstance(value, Mapping) else None
        for name, each in members.items() if isinstance(members, Mapping) else ():
            files = each.get("files") if isinstance(each, Mapping) else None
            if isinstance(files, str) and group == "volumes":
                yield (group, name, "files"), files
            for index, text in enumerate(files if isinstance(files, list) else ()):
                if isinstance(text, str):
                    yield (group, name, "files", index), text


def _place(where: str) -> tuple[int, ...]:
    return tuple(int(part) for part in where.rsplit(":", 2)[1:] if part.isdigit())
