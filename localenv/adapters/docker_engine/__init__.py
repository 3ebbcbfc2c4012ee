"""The Docker engine behind ``ports.engine``: the only package that imports the docker SDK, and only for another machine's.

``endpoint`` finds the engine, ``api`` speaks to it, over ``unix_session`` or ``sdk_session``, and ``failures`` names what it
refuses; the rest is one module per kind of object, put together in ``engine``.
"""

from __future__ import annotations

from localenv.adapters.docker_engine.engine import DockerEngine

__all__ = ["DockerEngine"]
