"""From the resolved Compose model to one environment's own: a chain of pure functions, one module per concern.

Nothing here does I/O, looks at a clock or changes its input; what depends on the machine comes in ``RewriteContext``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from localenv.core.rewrite.anonymous import rewrite_anonymous_volumes
from localenv.core.rewrite.binds import hashed_paths, mounted_paths, rewrite_binds
from localenv.core.rewrite.context import BindFacts, Platform, RewriteContext, RouterFacts, SecretValues
from localenv.core.rewrite.environment import rewrite_environment
from localenv.core.rewrite.health import rewrite_health
from localenv.core.rewrite.hooks import rewrite_hooks
from localenv.core.rewrite.hosts import rewrite_inside_hosts
from localenv.core.rewrite.images import rewrite_images
from localenv.core.rewrite.labels import rewrite_labels
from localenv.core.rewrite.limits import rewrite_limits
from localenv.core.rewrite.logging import rewrite_logging
from localenv.core.rewrite.names import rewrite_container_names, rewrite_project_name
from localenv.core.rewrite.networks import rewrite_networks
from localenv.core.rewrite.ports import rewrite_ports
from localenv.core.rewrite.references import drop_absent_references
from localenv.core.rewrite.replicas import rewrite_replicas
from localenv.core.rewrite.restart import find_one_shots, rewrite_restart
from localenv.core.rewrite.secrets_configs import rewrite_secrets_and_configs
from localenv.core.rewrite.volumes import rewrite_volumes
from localenv.core.wanted import Model, Rewritten

__all__ = [
    "CONCERNS",
    "BindFacts",
    "Concern",
    "Platform",
    "RewriteContext",
    "RouterFacts",
    "SecretValues",
    "hashed_paths",
    "mounted_paths",
    "rewrite",
]

Concern = Callable[[Rewritten, RewriteContext], Rewritten]

CONCERNS: Final[tuple[Concern, ...]] = (
    drop_absent_references,
    rewrite_networks,
    rewrite_container_names,
    rewrite_images,
    find_one_shots,
    rewrite_restart,
    rewrite_ports,
    rewrite_volumes,
    rewrite_binds,
    rewrite_anonymous_volumes,
    rewrite_secrets_and_configs,
    rewrite_hooks,
    rewrite_health,
    rewrite_logging,
    rewrite_replicas,
    rewrite_limits,
    rewrite_environment,
    rewrite_inside_hosts,
    rewrite_labels,
    rewrite_project_name,
)
"""In this order: a later one reads what an earlier one has settled."""


def rewrite(model: Model, context: RewriteContext) -> Rewritten:
    """Make the model of one environment, with everything that was decided told as notes.

    ``model`` is what ``docker compose config --format json`` prints and ``check`` has let through. Raises
    ``InvalidInput`` where localenv.yaml or the tier asks for what the model cannot give.
    """
    draft = Rewritten(model=model)
    for concern in CONCERNS:
        draft = concern(draft, context)
    return draft
