"""Models and contexts for tests of rewriting, in as few words as a test needs."""

from __future__ import annotations

from typing import Any

from localenv.core.addresses import choose_ports, choose_subnets
from localenv.core.configuration.settings import Settings
from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.placing import needed_ports, needed_subnets, place
from localenv.core.rewrite import BindFacts, RewriteContext, rewrite
from localenv.core.wanted import Allocations, Exposure, ImageDetails, Rewritten, VolumeWanted, Wanted

PROJECT = "/home/ada/shop"
STATE = "/home/ada/.state/shop_dev"

DEVELOPMENT = TierProfile(tier="development", purpose="write code", binds="live")
PREVIEW = TierProfile(tier="preview", purpose="review", source="branch", binds="worktree")
STAGING = TierProfile(tier="staging", purpose="try", binds="captured", rollout="rolling")
PRODUCTION = TierProfile(tier="production", purpose="live", binds="captured", rollout="rolling", exposed_replicas=2)


def model(services: dict[str, Any], **top: Any) -> dict[str, Any]:
    """A resolved model, networks filled in as Compose does."""
    whole: dict[str, Any] = {"name": "shop_dev", "services": {name: dict(service) for name, service in services.items()}, **top}
    for service in whole["services"].values():
        if "network_mode" not in service:
            service.setdefault("networks", {"default": None})
    whole.setdefault("networks", {"default": {"name": "shop_dev_default", "ipam": {}}})
    return whole


def context(tier: TierProfile = DEVELOPMENT, *, name: str = "dev", project: str = "shop", **changes: Any) -> RewriteContext:
    """One environment of a project in ``PROJECT``."""
    values: dict[str, Any] = {
        "id": EnvironmentId(project=project, name=name),
        "tier": tier,
        "settings": Settings(project=project),
        "owner": "ada",
        "directory": PROJECT,
        "state_directory": STATE,
        **changes,
    }
    return RewriteContext(**values)


def placed(whole: dict[str, Any], here: RewriteContext) -> Wanted:
    """Rewritten and placed with whatever addresses it needs."""
    rewritten = rewrite(whole, here)
    allocations = Allocations(
        subnets=choose_subnets(needed_subnets(rewritten, here)), ports=choose_ports(needed_ports(rewritten))
    )
    return place(rewritten, here, allocations)


def service(rewritten: Rewritten | Wanted, name: str = "web") -> dict[str, Any]:
    """One service of the outcome."""
    found: dict[str, Any] = rewritten.model["services"][name]
    return found


def codes(rewritten: Rewritten | Wanted, of: str | None = None) -> list[str]:
    """Codes of the notes, of one service when named, but for what is said of every service that nothing reaches."""
    return [note.code for note in rewritten.notes if (of is None or note.service == of) and note.code != "restart-kept"]


def exposure(rewritten: Rewritten | Wanted, service: str, port: int) -> Exposure:
    """The one exposure of a service's port."""
    (found,) = (item for item in rewritten.exposures if (item.service, item.port) == (service, port))
    return found


def volume(rewritten: Rewritten | Wanted, key: str) -> VolumeWanted:
    """The one volume with this key."""
    (found,) = (item for item in rewritten.volumes if item.key == key)
    return found


def port(target: int, published: int | None = None, **more: Any) -> dict[str, Any]:
    """An entry of ``ports`` as ``config`` prints it."""
    fixed = {"published": str(published)} if published else {}
    return {"mode": "ingress", "target": target, "protocol": "tcp", **fixed, **more}


def bind(source: str, target: str, *, read_only: bool = False) -> dict[str, Any]:
    """A bind mount, ``source`` below the project."""
    path = source if source.startswith("/") else f"{PROJECT}/{source}".removesuffix("/.")
    mount: dict[str, Any] = {"type": "bind", "source": path, "target": target, "bind": {"create_host_path": True}}
    return {**mount, "read_only": True} if read_only else mount


def directory(digest: str = "d1" * 32, **more: Any) -> BindFacts:
    """A directory with this content."""
    return BindFacts(kind="directory", digest=digest, **more)


def file(digest: str = "f1" * 32) -> BindFacts:
    """A file with this content."""
    return BindFacts(kind="file", digest=digest)


def image(reference: str, **more: Any) -> ImageDetails:
    """An image that is there."""
    return ImageDetails(reference=reference, id=more.pop("id", f"sha256:{'ab' * 32}"), **more)
