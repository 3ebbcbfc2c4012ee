"""Which data engine a service runs, from its image's name or its declared data path."""

from __future__ import annotations

import re
from typing import Literal

from localenv.core.wanted import ImageDetails

__all__ = ["DataEngine", "data_engine"]

DataEngine = Literal["postgresql", "mariadb", "mysql", "redis"]

_BY_NAME: tuple[tuple[str, DataEngine], ...] = (
    (r"postgres|postgis|timescale|pgvector|pgvecto|cockroach-?pg", "postgresql"),
    (r"mariadb", "mariadb"),
    (r"mysql|percona", "mysql"),
    (r"redis|valkey|keydb", "redis"),
)
_NOT_A_SERVER = re.compile(r"exporter|admin|commander|insight|backup|proxy|bouncer|meta|rest|stat")
_BY_PATH: tuple[tuple[str, DataEngine], ...] = (("/var/lib/postgresql", "postgresql"), ("/var/lib/mysql", "mariadb"))


def data_engine(image: str, details: ImageDetails | None) -> DataEngine | None:
    """Return the engine behind an image reference, or ``None`` when it is none that localenv can load."""
    name = image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()
    if not _NOT_A_SERVER.search(name):
        for pattern, engine in _BY_NAME:
            if re.search(pattern, name):
                return engine
    for path, engine in _BY_PATH:
        if details and any(volume.startswith(path) for volume in details.volumes):
            return engine
    return None
