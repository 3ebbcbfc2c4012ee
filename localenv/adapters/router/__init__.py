"""The router: Traefik in a container of localenv's own. Implements ``ports.router.Router``.

``container`` runs it, ``files`` holds what it watches, ``asking`` asks it over HTTPS as a browser would, ``holders``
says who has a port; ``traefik`` is the port's implementation.
"""

from __future__ import annotations

from localenv.adapters.router.traefik import TraefikRouter

__all__ = ["TraefikRouter"]
