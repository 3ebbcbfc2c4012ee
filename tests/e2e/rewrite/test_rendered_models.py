"""What rewriting makes is a Compose file: every supported Compose version reads it back as it was meant."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from localenv.adapters.compose_plugin import ComposePlugin
from localenv.adapters.subprocess_processes import SubprocessProcesses
from localenv.core.addresses import block, choose_ports, choose_subnets
from localenv.core.configuration.settings import Settings
from localenv.core.configuration.tier import TierProfile
from localenv.core.names import EnvironmentId
from localenv.core.placing import needed_ports, needed_subnets, place
from localenv.core.rewrite import BindFacts, RewriteContext, SecretValues, mounted_paths, rewrite
from localenv.core.wanted import Allocations, Wanted
from localenv.ports.compose import ResolveRequest
from localenv.ports.engine import NetworkSpec
from tests.contract.engine_bench import IMAGE, DockerBench

pytestmark = pytest.mark.engine

TIERS = (
    TierProfile(tier="development", purpose="p", binds="live"),
    TierProfile(tier="preview", purpose="p", binds="worktree"),
    TierProfile(tier="staging", purpose="p", binds="captured", rollout="rolling"),
    TierProfile(
        tier="production",
        purpose="p",
        binds="captured",
        rollout="rolling",
        exposed_replicas=2,
        variables={"COST": "5$ {{ tier }}"},
    ),
)
COMMON = f"""
  web:
    image: {IMAGE}
    container_name: the-only-web
    command: [sh, -c, 'echo $$HOME "$${{HOME}}"']
    environment: {{PRICE: "5$$", EMPTY: "", FROM_OUTSIDE:}}
    ports: ["8080:80", "5432:5432", "53:53/udp", "9000-9002:9000-9002", "127.0.0.1:7000:7000"]
    labels: {{"traefik.enable": "true", "mine": "a$$b"}}
    restart: unless-stopped
    stop_grace_period: 1m30s
    extra_hosts: ["there:10.0.0.1"]
    tmpfs: [/scratch]
    healthcheck: {{test: "exit 0 # $$X", interval: 5s, start_period: 1s, start_interval: 1s}}
    depends_on:
      db: {{condition: service_healthy, restart: true}}
      once: {{condition: service_completed_successfully}}
      absent: {{condition: service_started, required: false}}
    volumes:
      - ./src:/app
      - /app/node_modules
      - ./app.conf:/etc/app.conf:ro
      - ./conf:/conf:ro
      - named:/named
      - {{type: volume, source: named, target: /part, volume: {{nocopy: true}}}}
      - {{type: tmpfs, target: /tmp, tmpfs: {{size: 1048576}}}}
    secrets: [token, {{source: key, target: renamed, mode: 0400}}]
    networks: {{front: {{ipv4_address: 10.99.0.5, aliases: [www]}}, back: }}
    logging: {{driver: syslog}}
    deploy: {{resources: {{limits: {{cpus: "0.5", memory: 64M}}}}}}
    links: ["db:data"]
  db:
    image: {IMAGE}
    mac_address: 02:42:ac:11:65:43
    networks: [back]
    healthcheck: {{test: [CMD, "true"]}}
    volumes: ["./pgdata:/var/lib/postgresql/data"]
  once: {{image: {IMAGE}, networks: [back], read_only: true, secrets: [token]}}
  side: {{image: {IMAGE}, network_mode: "service:db"}}
  absent: {{image: {IMAGE}, profiles: [never]}}
  many: {{image: {IMAGE}, scale: 3, networks: [front]}}
networks:
  front: {{name: fixed-front, ipam: {{config: [{{subnet: 10.99.0.0/24}}]}}}}
  back: {{internal: true}}
volumes: {{named: {{name: fixed-volume}}}}
secrets: {{token: {{environment: TOKEN}}, key: {{file: ./key}}}}
"""
PROJECTS = {
    "everything": f"services:{COMMON}",
    "plain": f"services: {{web: {{image: {IMAGE}, ports: ['80']}}}}",
    "build": "services: {web: {build: ., image: 'shop:latest', ports: ['80:80']}, job: {image: 'shop:latest', restart: 'no'}}",
}


@pytest.fixture(scope="module")
def compose() -> ComposePlugin:
    return ComposePlugin(SubprocessProcesses(os.environ), os.environ)


@pytest.fixture(params=PROJECTS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return written(tmp_path, PROJECTS[request.param])


def written(directory: Path, text: str) -> Path:
    for name in ("src", "conf", "pgdata"):
        (directory / name).mkdir()
    for name, content in (("app.conf", "a=1"), ("key", "k"), ("Dockerfile", "FROM scratch"), ("compose.yaml", text)):
        (directory / name).write_text(content)
    return directory


def resolved(compose: ComposePlugin, file: Path, name: str) -> dict[str, Any]:
    return compose.resolve(
        ResolveRequest(
            directory=str(file.parent), project_name=name, files=(str(file),), variables={"TOKEN": "t0ken", "FROM_OUTSIDE": "$x"}
        )
    )


def facts(path: str) -> BindFacts:
    found = Path(path)
    return BindFacts(kind="file" if found.is_file() else "directory" if found.is_dir() else "missing", digest="ab" * 32)


def wanted_for(compose: ComposePlugin, directory: Path, tier: TierProfile, name: str = "shop") -> Wanted:
    identity = EnvironmentId(project=name, name=tier.tier)
    model = resolved(compose, directory / "compose.yaml", identity.compose_project)
    context = RewriteContext(
        id=identity,
        tier=tier,
        settings=Settings(project=name),
        owner="rewrite-test",
        directory=str(directory),
        state_directory=str(directory / "state"),
        binds={path: facts(path) for path in mounted_paths(model)},
        variables=SecretValues({"TOKEN": "t0ken"}),
    )
    rewritten = rewrite(model, context)
    allocations = Allocations(
        subnets=choose_subnets(needed_subnets(rewritten, context)), ports=choose_ports(needed_ports(rewritten))
    )
    return place(rewritten, context, allocations)


@pytest.mark.parametrize("tier", TIERS, ids=lambda tier: str(tier.tier))
def test_what_is_rendered_means_the_same_when_compose_reads_it(compose: ComposePlugin, project: Path, tier: TierProfile) -> None:
    model = wanted_for(compose, project, tier).model
    file = project / "rendered.yaml"
    file.write_text(json.dumps(model))
    again = resolved(compose, file, model["name"])
    for name, service in model["services"].items():
        differing = {
            key: (value, again["services"][name].get(key))
            for key, value in service.items()
            if differs(value, again["services"][name].get(key))
        }
        assert differing == {}
    for part in ("networks", "volumes", "secrets", "configs"):
        assert {entry["name"] for entry in model.get(part, {}).values()} == {
            entry["name"] for entry in again.get(part, {}).values()
        }


def differs(meant: object, read: object) -> bool:
    """Whether Compose has lost or changed something that was meant; what it adds by itself does not count."""
    if isinstance(meant, Mapping):
        if not isinstance(read, Mapping):
            return bool(meant)
        return any(differs(value, read.get(key)) for key, value in meant.items() if key != "create_host_path")
    if isinstance(meant, list) and isinstance(read, list):
        return len(meant) != len(read) or any(differs(one, other) for one, other in zip(meant, read, strict=True))
    return _amount(meant) != _amount(read)


def _amount(value: object) -> object:
    """Compose prints sizes in bytes and processors as numbers."""
    text = str(value)
    if text.endswith(("m", "g")) and text[:-1].isdigit():
        return str(int(text[:-1]) * 1024 ** (2 if text.endswith("m") else 3))
    try:
        return float(text)
    except ValueError:
        return None if value in (None, "", False) else text


@pytest.fixture
def bench() -> Iterator[DockerBench]:
    bench = DockerBench()
    try:
        yield bench
    finally:
        bench.close()


def test_compose_creates_it_on_ready_made_networks_without_a_question_or_a_warning(tmp_path: Path, bench: DockerBench) -> None:
    compose = ComposePlugin(SubprocessProcesses(os.environ), os.environ)
    directory = written(tmp_path, f"services:{COMMON}")
    tier = replace_tier(TIERS[2], bench.environment)
    wanted = wanted_for(compose, directory, tier, name="contract")
    subnets = own_objects(bench, wanted)
    model = json.loads(json.dumps(wanted.model).replace("rewrite-test", bench.engine.owner))
    move_addresses(model, wanted, subnets)
    for copy in wanted.copies:
        Path(copy.target).parent.mkdir(parents=True, exist_ok=True)
        Path(copy.target).write_bytes(copy.content or b"a=1")
    file = directory / "rendered.yaml"
    file.write_text(json.dumps(model))
    for _ in range(2):
        done = SubprocessProcesses(os.environ).run(
            [
                "docker",
                "compose",
                "-p",
                model["name"],
                "-f",
                str(file),
                "create",
                "--no-build",
                "--pull",
                "never",
                "--no-recreate",
            ],
            directory=str(directory),
        )
        told = done.stderr.decode()
        assert done.exit_code == 0, told
        assert "level=warning" not in told
        assert "[y/N]" not in told
    seen = bench.engine.observe("contract", bench.environment)
    assert len(seen.containers) == sum(service.replicas for service in wanted.services)


def replace_tier(tier: TierProfile, name: str) -> TierProfile:
    """The environment is named like the bench, so that the bench removes what it finds of it."""
    values = {field: getattr(tier, field) for field in tier.__struct_fields__}
    return TierProfile(**{**values, "tier": name})


def own_objects(bench: DockerBench, wanted: Wanted) -> dict[str, str]:
    subnets: dict[str, str] = {}
    for network in wanted.networks:
        places = block(bench.free_block())
        subnets[network.name] = places.subnet
        compose_labels = {"com.docker.compose.project": wanted.id.compose_project, "com.docker.compose.network": network.key}
        bench.engine.create_network(
            NetworkSpec(
                name=network.name,
                subnet=places.subnet,
                ip_range=places.ip_range,
                gateway=places.gateway,
                internal=network.internal,
                labels={**bench.labels, **compose_labels},
            )
        )
    for volume in wanted.volumes:
        bench.volume(volume.name.removeprefix(bench.name("")))
    return subnets


def move_addresses(model: dict[str, Any], wanted: Wanted, subnets: Mapping[str, str]) -> None:
    """Addresses of the blocks that were free on this engine instead of those that the test's own pool gave."""
    names = {network.key: network.name for network in wanted.networks}
    for service in model["services"].values():
        for key, endpoint in (service.get("networks") or {}).items():
            if endpoint and "ipv4_address" in endpoint:
                endpoint["ipv4_address"] = block(subnets[names[key]]).static[3]
