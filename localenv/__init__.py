"""localenv runs a team's cloud tiers on one machine, from the project's own Compose file."""

from __future__ import annotations

__version__ = "0.1.0"
