"""The variables that say how a data service's own client signs in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from localenv.ports.engine import Engine

__all__ = ["client_variables"]

_PREFIXES: Final = ("POSTGRES", "MYSQL", "MARIADB", "REDIS", "VALKEY")


def client_variables(engine: Engine, container: str) -> Mapping[str, str]:
    """A container's variables; what images read from ``NAME_FILE`` stands under ``NAME``. Secrets are among them."""
    variables = dict(engine.environment_of(container))
    for name, path in list(variables.items()):
        plain = name.removesuffix("_FILE")
        if plain != name and plain.startswith(_PREFIXES) and plain not in variables:
            result = engine.execute(container, ("cat", "--", path))
            if result.exit_code == 0:
                variables[plain] = result.stdout.decode("utf-8", "replace").rstrip("\r\n")
    return variables
