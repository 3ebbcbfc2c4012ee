"""Variables of the command: the names that services in the environment are told, and where ports answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from localenv.core.names import EnvironmentId
from localenv.core.rewrite.environment import URL_PREFIX, service_variable

__all__ = ["command_variables"]

_HOST_PREFIX = "LOCALENV_HOST_"
_PORT_PREFIX = "LOCALENV_PORT_"


def command_variables(
    environment: EnvironmentId, *, tier: str, exposures: Iterable[Mapping[str, object]], authority: str
) -> dict[str, str]:
    """``LOCALENV_*`` for a command on this machine.

    ``exposures`` are those of ``urls``, ``authority`` is the path of the CA's certificate. The service stands at the end of a
    name, as it does inside containers: ``LOCALENV_HTTP_PORT`` is a setting of localenv, not the port of a service called http.
    """
    found = {
        "LOCALENV_PROJECT": environment.project,
        "LOCALENV_ENVIRONMENT": environment.name,
        "LOCALENV_TIER": tier,
        "LOCALENV_CA": authority,
    }
    for exposure in exposures:
        service = service_variable(str(exposure["service"]))
        if url := exposure.get("url"):
            found.setdefault(f"{URL_PREFIX}{service}", str(url))
            if exposure.get("primary"):
                found["LOCALENV_URL"] = str(url)
        elif port := exposure.get("port"):
            found.setdefault(f"{_HOST_PREFIX}{service}", str(exposure["address"]))
            found.setdefault(f"{_PORT_PREFIX}{service}", str(port))
            found[f"{_PORT_PREFIX}{service}_{exposure['container_port']}"] = str(port)
    return found
