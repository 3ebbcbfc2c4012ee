"""The Docker engine behind ``ports.engine``: the only package that imports the docker SDK, and only when first asked.

``endpoint`` finds the engine, ``api`` speaks to it, ``failures`` names what it refuses; the rest is one module per
kind of object, put together in ``engine``.
"""

from __future__ import annotations

from localenv.adapters.docker_engine.engine import DockerEngine

__all__ = ["DockerEngine"]
