"""``python -m localenv``: the same entry as the ``localenv`` command."""

from __future__ import annotations

from localenv.cli.edge import run

run()
