"""What the pictures show: five environments of the demo shop, and staging after its web image was built anew."""

from __future__ import annotations

from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.observed import ContainerSeen, NetworkSeen, Observed
from localenv.core.plan import DataFacts, Plan, RouteFacts, plan
from localenv.core.plan.networks import plan_networks
from localenv.core.plan.steps import CreateNetwork
from localenv.core.summary import EnvironmentState, EnvironmentSummary
from localenv.core.wanted import Exposure, NetworkWanted, ServiceWanted, VolumeWanted, Wanted

__all__ = ["ENVIRONMENTS", "MEMORY", "sample_plan"]

STAGING = EnvironmentId(project="shop", name="staging")
_NETWORK = NetworkWanted(key="default", name="shop_staging_default")
_SUBNET = "10.231.4.0/27"


def _environment(
    name: str, tier: str, state: EnvironmentState, created: str, data: tuple[str, str], *, expires: str | None = None
) -> EnvironmentSummary:
    return EnvironmentSummary(
        id=EnvironmentId(project="shop", name=name),
        tier=tier,
        state=state,
        data_profile=data[0],
        data_class=data[1],
        directory="/home/ada/shop",
        created=created,
        services=(),
        expires=expires,
        url=f"https://{name}.shop.localhost",
    )


ENVIRONMENTS = (
    _environment("development", "development", "healthy", "2026-11-24T09:12:00Z", ("small", "synthetic")),
    _environment("discount", "preview", "starting", "2026-11-24T14:59:21Z", ("small", "synthetic")),
    _environment("production", "production", "healthy", "2026-11-12T08:30:00Z", ("live", "real")),
    _environment("staging", "staging", "healthy", "2026-11-20T16:05:00Z", ("large", "synthetic")),
    _environment("uat", "uat", "stopped", "2026-11-19T11:40:00Z", ("large", "synthetic")),
)
MEMORY = {summary.id: megabytes * 1024 * 1024 for summary, megabytes in zip(ENVIRONMENTS, (214, 96, 331, 318, 0), strict=True)}


def sample_plan() -> Plan:
    """The plan of ``up staging`` where only web's image is another one and the uploads have become a volume."""
    services = (
        ServiceWanted(name="cache", image="redis:7", image_id="sha256:04", spec="cache"),
        ServiceWanted(name="db", image="postgres:16", image_id="sha256:03", spec="db"),
        ServiceWanted(name="web", image="shop/web:c07", image_id="sha256:02", spec="web-now", volumes=("shop_staging_uploads",)),
    )
    wanted = Wanted(
        id=STAGING,
        owner="owner",
        tier=TierProfile(tier="staging", purpose="QA"),
        directory="/home/ada/shop",
        model={"services": {service.name: {} for service in services}},
        services=services,
        networks=(_NETWORK,),
        subnets={_NETWORK.name: _SUBNET},
        volumes=(VolumeWanted(key="uploads", name="shop_staging_uploads", profile="large"),),
        exposures=(Exposure(service="web", port=8000, host="web.staging.shop.localhost", primary=True),),
        profile="large",
    )
    observed = Observed(
        containers=(
            _container("cache", "redis:7", "sha256:04", "cache"),
            _container("db", "postgres:16", "sha256:03", "db"),
            _container("web", "shop/web:b21", "sha256:01", "web-before"),
        ),
        networks=(_network(wanted),),
    )
    return plan(
        wanted,
        observed,
        RouteFacts(published="before", revision="now"),
        data=DataFacts(profile="large", volumes=("shop_staging_uploads",)),
    )


def _network(wanted: Wanted) -> NetworkSeen:
    """The network as planning would have made it."""
    made = next(step for step in plan_networks(wanted, Observed()) if isinstance(step, CreateNetwork))
    return NetworkSeen(name=made.target, id="n1", project="shop", environment="staging", subnet=made.subnet, labels=made.labels)


def _container(service: str, image: str, image_id: str, spec: str) -> ContainerSeen:
    return ContainerSeen(
        id=f"c-{service}",
        name=f"shop_staging-{service}-1",
        project="shop",
        environment="staging",
        service=service,
        number=1,
        spec=spec,
        tier="staging",
        image=image,
        image_id=image_id,
        state="running",
        health="healthy",
        restart="always",
        addresses={_NETWORK.name: "10.231.4.2"},
        started="2026-11-24T10:00:00Z",
    )
