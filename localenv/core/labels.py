"""The labels that localenv puts on what it makes. They hold only what never changes; declared nowhere else."""

from __future__ import annotations

from typing import Final

PREFIX: Final = "localenv."
OWNER: Final = "localenv.owner"
"""The installation that made the object. Nothing without the own value is ever changed or removed."""
PROJECT: Final = "localenv.project"
ENVIRONMENT: Final = "localenv.environment"
TIER: Final = "localenv.tier"
CREATED: Final = "localenv.created"
"""RFC 3339, UTC."""
SPEC: Final = "localenv.spec"
"""Hash of everything that the object was made from; another hash means that it is obsolete."""
CLASSIFICATION: Final = "localenv.classification"
"""On volumes: ``synthetic``, ``masked`` or ``real``."""
SNAPSHOT: Final = "localenv.snapshot"
PROFILE: Final = "localenv.profile"
"""On volumes: the data profile that filled it, ``none`` when nothing did."""
DIRECTORY: Final = "localenv.directory"
"""The project's directory at creation, so that commands find it again."""
ROLE: Final = "localenv.role"
"""On localenv's own objects: ``router``, ``keeper``, ``tool``; absent on an environment's."""
ONE_SHOT: Final = "localenv.one-shot"
"""On containers: ``true`` when exit 0 is success."""

COMPOSE_PROJECT: Final = "com.docker.compose.project"
COMPOSE_SERVICE: Final = "com.docker.compose.service"
COMPOSE_NUMBER: Final = "com.docker.compose.container-number"
COMPOSE_NETWORK: Final = "com.docker.compose.network"
COMPOSE_VOLUME: Final = "com.docker.compose.volume"
