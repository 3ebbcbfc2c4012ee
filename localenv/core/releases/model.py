"""A release's manifest: image IDs, the resolved models and the files that they hang on (design page README.md, words)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import msgspec

from localenv.core.configuration.settings import Grant
from localenv.core.names import slugify
from localenv.core.typed import from_json
from localenv.errors import InvalidInput, LocalenvError

__all__ = [
    "CapturedFile",
    "Release",
    "ReleaseImage",
    "captured_variables",
    "decode_release",
    "encode_release",
    "kept_reference",
    "next_name",
    "same_content",
    "variables_of",
]

FORMAT: Final = 1
"""Of manifests; a newer one than this is refused, not guessed at."""
_NUMBERED = re.compile(r"r([1-9][0-9]{0,8})")
_ID_SHOWN = 12
_OF_THE_MACHINE = frozenset({"PATH", "HOME", "PWD", "TMPDIR", "LANG", "TZ", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"})
_OF_PROGRAMS = ("DOCKER_", "LC_")


class _Value(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class ReleaseImage(_Value, frozen=True, kw_only=True):
    """One image, by the name that the Compose model gives it."""

    reference: str
    id: str
    """``sha256:...``: what runs in every tier."""
    kept: str
    """Tag that keeps it in the engine, and by which it runs where ``reference`` means another image by now."""
    services: tuple[str, ...] = ()
    built: bool = False
    """Whether it was built from the project's own files."""


class CapturedFile(_Value, frozen=True, kw_only=True):
    """One file of the project as it was: its path in the project and what it held."""

    path: str
    digest: str
    """SHA-256 of the content, hexadecimal; of a link its target."""
    kind: Literal["file", "program", "link"] = "file"


class Release(_Value, frozen=True, kw_only=True):
    """Immutable: made once, promoted from tier to tier."""

    name: str
    """``r1``, ``r2``... in the order in which a project's releases were made."""
    project: str
    created: str
    """RFC 3339, UTC."""
    by: str
    """Who made it."""
    images: tuple[ReleaseImage, ...]
    builds: Mapping[str, str] = {}
    """Digest by service of the sources that its image was built from."""
    files: tuple[CapturedFile, ...] = ()
    grants: tuple[Grant, ...] = ()
    """What a person had allowed when it was made."""
    variables: Mapping[str, str] = {}
    """Values that the maker's shell gave to variables of the Compose files. May be secret: never shown."""
    models: Mapping[str, Mapping[str, Any]] = {}
    """The model by tier as it was resolved, before it is rewritten for an environment. May hold secrets: never shown."""
    commit: str | None = None
    """Git commit of the files; ``None`` where there is no repository."""
    branch: str | None = None
    dirty: bool = False
    """Whether the files differed from that commit."""
    note: str = ""
    format: int = FORMAT

    def image(self, reference: str) -> ReleaseImage | None:
        """What the release has under a name of the model."""
        return next((image for image in self.images if image.reference == reference), None)

    @property
    def source(self) -> str:
        """Where it came from, in a word: ``main 1a2b3c4d (dirty)``."""
        if self.commit is None:
            return "working tree"
        told = f"{self.branch} {self.commit[:8]}" if self.branch else self.commit[:8]
        return f"{told} (dirty)" if self.dirty else told


def kept_reference(project: str, service: str, image_id: str) -> str:
    """The tag that keeps an image: equal images of all releases have one."""
    return f"localenv/{project}/{slugify(service)}:{image_id.rpartition(':')[2][:_ID_SHOWN]}"


def variables_of(release: Release, machine: Mapping[str, str]) -> dict[str, str]:
    """The environment that a release's files are resolved in: the maker's values, and of this machine what programs need."""
    kept = {name: value for name, value in machine.items() if name in _OF_THE_MACHINE or name.startswith(_OF_PROGRAMS)}
    return {**kept, **release.variables}


def captured_variables(named: Iterable[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Values that the maker's shell gives to what the files name, less what belongs to the machine."""
    wanted = (name for name in named if name not in _OF_THE_MACHINE)
    return {name: environment[name] for name in wanted if name in environment}


def next_name(names: Iterable[str]) -> str:
    """The number after the highest that was given; it is not given again when that release is removed."""
    numbers = [int(found[1]) for name in names if (found := _NUMBERED.fullmatch(name))]
    return f"r{max(numbers, default=0) + 1}"


def same_content(one: Release, other: Release) -> bool:
    """Whether two releases would run the same: everything but who made them, when and from which commit."""
    bare = {"name": "", "created": "", "by": "", "note": "", "commit": None, "branch": None, "dirty": False}
    return msgspec.structs.replace(one, **bare) == msgspec.structs.replace(other, **bare)


def encode_release(release: Release) -> bytes:
    """JSON with a fixed order of keys."""
    return msgspec.json.format(msgspec.json.encode(release, order="sorted"), indent=1)


def decode_release(content: bytes, where: str) -> Release:
    """Raises ``LocalenvError`` (code ``newer-state``) for a newer manifest, ``InvalidInput`` for a damaged one."""
    try:
        release = from_json(content, Release)
    except msgspec.MsgspecError as error:
        raise InvalidInput(
            f"the release's manifest is damaged: {error}",
            where=where,
            hints=(f"rm -r {where.rpartition('/')[0]}   (the project's other releases are not touched)",),
            code="damaged-state",
        ) from None
    if release.format > FORMAT:
        raise LocalenvError(
            f"release {release.name} was made by a newer localenv", where=where, hints=("upgrade localenv",), code="newer-state"
        )
    return release
