"""The steps of a replacement in which new containers stand beside the old ones; draining is part of ``RemoveContainer``."""

from __future__ import annotations

from typing import ClassVar

from localenv.core.plan.steps import ConfirmRoute, PublishRoute, Step
from localenv.values import dataclass

__all__ = ["ConfirmShare", "NameReplicas", "ShareRoute"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameReplicas(Step):
    """Replicas that are ready found by the service's names from now on."""

    kind: ClassVar[str] = "service"
    action: ClassVar[str] = "name"

    service: str
    leaving: tuple[str, ...] = ()
    """Identifiers of the containers that go without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRoute(PublishRoute):
    """The hostnames handed to the new containers too, beside the ``leaving`` ones that the router knows."""

    action: ClassVar[str] = "share"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmShare(ConfirmRoute):
    """Wait until the router serves old and new containers."""

    kind: ClassVar[str] = "share"
