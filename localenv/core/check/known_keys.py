"""Which keys a model may have. What is not listed is refused by its name: a new feature is looked at first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from localenv.core.check.context import CheckContext, mapping
from localenv.core.documents import Path
from localenv.core.findings import Refusal

__all__ = ["check_keys"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TOP: Final = _words("configs name networks secrets services version volumes")
_SERVICE: Final = _words(
    """
    annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name
    cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset depends_on deploy
    develop device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file environment expose
    extends external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels
    links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit network_mode networks
    oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_start pre_stop privileged profiles
    pull_policy pull_refresh_after read_only restart runtime scale secrets security_opt shm_size stdin_open
    stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts volumes
    volumes_from working_dir
    """
)
"""Keys of the Compose specification that are harmless, rewritten, or judged by a check of their own."""
_BUILD: Final = _words(
    """
    additional_contexts args attest cache_from cache_to context dockerfile dockerfile_inline entitlements extra_hosts
    isolation labels network no_cache no_cache_filter platforms privileged provenance pull sbom secrets shm_size ssh
    tags target ulimits
    """
)
_DEPLOY: Final = _words("endpoint_mode labels mode placement replicas resources restart_policy rollback_config update_config")
_RESOURCES: Final = _words("limits reservations")
_LIMITS: Final = _words("cpus devices generic_resources memory pids")
_VOLUME: Final = _words("driver driver_opts external labels name")
_NETWORK: Final = _words("attachable driver driver_opts enable_ipv4 enable_ipv6 external internal ipam labels name")
_FILE: Final = _words("content driver environment external file labels name template_driver")

_REASONS: Final[Mapping[str, str]] = {
    "models": "is run by Docker's model runner, which all copies would share",
    "provider": "is run by another program, outside of this environment",
    "credential_spec": "is for containers of Windows",
}


def check_keys(model: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    """Keys at the top, of services and what is in them, and of what a project declares."""
    yield from _unknown(model, _TOP, (), context)
    for name, service in mapping(model.get("services")).items():
        path: Path = ("services", name)
        yield from _unknown(service, _SERVICE, path, context)
        yield from _unknown(mapping(service).get("build"), _BUILD, (*path, "build"), context)
        deploy = mapping(mapping(service).get("deploy"))
        yield from _unknown(deploy, _DEPLOY, (*path, "deploy"), context)
        yield from _unknown(deploy.get("resources"), _RESOURCES, (*path, "deploy", "resources"), context)
        for part in ("limits", "reservations"):
            inner = (*path, "deploy", "resources", part)
            yield from _unknown(mapping(deploy.get("resources")).get(part), _LIMITS, inner, context)
    for section, known in (("volumes", _VOLUME), ("networks", _NETWORK), ("secrets", _FILE), ("configs", _FILE)):
        for name, entry in mapping(model.get(section)).items():
            yield from _unknown(entry, known, (section, name), context)


def _unknown(value: Any, known: frozenset[str], path: Path, context: CheckContext) -> Iterator[Refusal]:
    for key, inner in mapping(value).items():
        if key in known or key.startswith("x-") or inner in (None, [], {}, "", False):
            continue
        message = _REASONS.get(key, "is not known to localenv, so nobody knows what it does in several copies")
        grantable = path[:1] == ("services",) and not path[2:]
        yield context.refuse("unknown-key" if key not in _REASONS else key, (*path, key), message, granted=grantable)
