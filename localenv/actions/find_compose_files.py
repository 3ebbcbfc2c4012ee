"""Which Compose files and env files make an environment of a tier, by their names alone."""

from __future__ import annotations

from typing import Final

from localenv.core.configuration.settings import Settings
from localenv.core.configuration.tier import TierProfile
from localenv.core.findings import Note
from localenv.core.paths import absolute
from localenv.errors import NotFound
from localenv.ports.files import ProjectFiles
from localenv.values import dataclass

__all__ = ["EXAMPLES", "ComposeFiles", "find_compose_files"]

_NAMES: Final = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""In the order in which Compose takes the first (docker compose, -f)."""
_OVERRIDES: Final = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
EXAMPLES: Final = (".env.example", "env.example", "example.env", ".env.sample", ".env.template", ".env.dist", ".example.env")
"""Files that projects ship to be copied to ``.env``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeFiles:
    """What was found. All paths absolute."""

    directory: str
    """Compose's project directory: that of the first file."""
    files: tuple[str, ...]
    env_files: tuple[str, ...]
    example: str | None = None
    """Name of a file that is to be copied to ``.env``, when there is no ``.env``."""
    left_out: str | None = None
    """Name of the override file that Compose would merge and this tier does not take."""
    notes: tuple[Note, ...] = ()


def find_compose_files(files: ProjectFiles, directory: str, settings: Settings, tier: TierProfile) -> ComposeFiles:
    """Find the files, in the order of merging: the project's, the override where the tier takes it, the tier's own.

    Raises ``NotFound`` (code ``no-compose-file``) when there is none, or a named one is not there.
    """
    base, left_out, notes = _base_files(files, directory, settings, tier)
    folder = base[0].rpartition("/")[0] or "/"
    names = set(files.entries(folder))
    own = [
        name
        for stem in ("compose", "docker-compose")
        for end in ("yaml", "yml")
        if (name := f"{stem}.{tier.tier}.{end}") in names
    ]
    found = tuple(dict.fromkeys((*base, *(absolute(name, folder) for name in own[:1]))))
    env_files = tuple(
        path
        for name in (".env", f".env.{tier.tier}")
        if (path := next((absolute(name, place) for place in (folder, directory) if _there(files, name, place)), None))
        is not None
    )
    example = None if absolute(".env", folder) in env_files else next((name for name in EXAMPLES if name in names), None)
    return ComposeFiles(directory=folder, files=found, env_files=env_files, example=example, left_out=left_out, notes=notes)


def _base_files(
    files: ProjectFiles, directory: str, settings: Settings, tier: TierProfile
) -> tuple[tuple[str, ...], str | None, tuple[Note, ...]]:
    """The files, the override that is left out, and what is to be told."""
    if settings.compose:
        named = tuple(absolute(name, directory) for name in settings.compose)
        for name, path in zip(settings.compose, named, strict=True):
            if not files.facts(path).exists:
                raise NotFound(
                    f"{name} is not there, and localenv.yaml names it under compose", where=name, code="no-compose-file"
                )
        return named, None, ()
    names = set(files.entries(directory))
    present = [name for name in _NAMES if name in names]
    if not present:
        raise NotFound(
            f"there is no Compose file in {directory}",
            hints=("go to the project's directory, or name its files in localenv.yaml under compose",),
            code="no-compose-file",
        )
    override = next((name for name in _OVERRIDES if name in names), None)
    notes: list[Note] = []
    if len(present) > 1:
        notes.append(Note(code="several-compose-files", message=f"{present[0]} is used, {', '.join(present[1:])} is not"))
    if override and not tier.compose_override:
        notes.append(Note(code="override-left-out", message=f"{override} is not for {tier.tier}: it is left out"))
        return (absolute(present[0], directory),), override, tuple(notes)
    chosen = (present[0], override) if override else (present[0],)
    return tuple(absolute(name, directory) for name in chosen), None, tuple(notes)


def _there(files: ProjectFiles, name: str, directory: str) -> bool:
    return files.facts(absolute(name, directory)).exists
