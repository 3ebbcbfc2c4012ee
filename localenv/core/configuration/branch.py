"""What a branch's own localenv.yaml may say about its preview: what it shows, and nothing that gives it power."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from localenv.core.configuration.settings import Settings
from localenv.core.findings import Note

__all__ = ["BRANCH_KEYS", "of_branch", "shared_variables"]

BRANCH_KEYS: Final = ("compose", "expose", "data", "checks", "secrets")
"""Keys that count in the branch. ``secrets`` are values made for each environment, so naming one gains nothing."""

_SHARED: Final = frozenset({"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "UID", "GID", "XDG_CONFIG_HOME"})
_OF_PROGRAMS: Final = ("DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CONTEXT", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY")


def shared_variables(shell: Mapping[str, str]) -> dict[str, str]:
    """What somebody's branch gets to see of the caller's shell: what programs need, and no secret."""
    return {name: value for name, value in shell.items() if name in _SHARED or name in _OF_PROGRAMS}


def of_branch(branch: Settings, trusted: Settings) -> tuple[Settings, tuple[Note, ...]]:
    """The branch's settings under the project's rules, with a note for what the branch says of those.

    Grants, volumes of others, tiers, environments, variables and the router are the project's own.
    """
    settings = msgspec.structs.replace(trusted, **{key: getattr(branch, key) for key in BRANCH_KEYS})
    others = [name for name in Settings.__struct_fields__ if name not in {*BRANCH_KEYS, "project", "domain"}]
    ignored = [name for name in others if getattr(branch, name) != getattr(trusted, name)]
    if not ignored:
        return settings, ()
    text = f"{', '.join(ignored)} of the branch's localenv.yaml: not read, those of the project's own checkout count"
    return settings, (Note(code="branch-rules", message=text),)
