"""Whether the engine itself reaches an image registry. Implements ``ports.images.Registries``."""

from __future__ import annotations

import re
import threading

from localenv.adapters.docker_engine.api import Api
from localenv.core.images import Reference
from localenv.errors import LocalenvError

__all__ = ["EngineRegistries"]

_SECONDS = 5.0
_NETWORK_FAILURE = re.compile(
    r"dial tcp|no such host|connection re(?:fused|set)|i/o timeout|Client\.Timeout|deadline exceeded|unreachable|proxyconnect"
    r"|TLS handshake|x509|\bEOF\b|server misbehaving",
    re.IGNORECASE,
)


class EngineRegistries:
    """Asks the engine, because its proxies and mirrors count and not this process's. Remembers the answer."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[str, bool] = {}
        self._lock = threading.Lock()

    def reachable(self, reference: Reference) -> bool:
        """See ``Registries.reachable``."""
        with self._lock:
            if reference.registry not in self._known:
                self._known[reference.registry] = self._answers(reference)
            return self._known[reference.registry]

    def _answers(self, reference: Reference) -> bool:
        """Any answer counts, also that the image does not exist or needs a login (``GET /distribution/{name}/json``)."""
        try:
            route = f"/distribution/{reference.canonical}/json"
            self._api.call("GET", route, what=f"ask the registry of {reference.familiar}", timeout=_SECONDS)
        except LocalenvError as error:
            return error.code_of_case != "engine-timeout" and not _NETWORK_FAILURE.search(error.message)
        return True
