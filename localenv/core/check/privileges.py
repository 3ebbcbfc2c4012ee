"""What gives a container more than its own part of the machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from localenv.core.check.context import CheckContext, items, mapping
from localenv.core.findings import Refusal

__all__ = ["check_privileges"]

_DEFAULT_CAPABILITIES: Final = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "NET_RAW",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
"""Docker's own defaults: adding them back after ``cap_drop: [ALL]`` tightens."""

_TIGHTENING: Final = frozenset(
    {
        "no-new-privileges",
        "no-new-privileges:true",
        "no-new-privileges=true",
        "apparmor:docker-default",
        "apparmor=docker-default",
    }
)
_NAMESPACED_SYSCTLS: Final = (
    "net.",
    "fs.mqueue.",
    "kernel.msg",
    "kernel.sem",
    "kernel.shm",
    "kernel.hostname",
    "kernel.domainname",
)
"""Kernel settings that each container has for itself (docker run, --sysctl)."""


def check_privileges(name: str, service: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    """Privileged mode, capabilities, security options, kernel settings, memory pressure and control groups."""
    yield from _flags(name, service, context)
    yield from _capabilities(name, service, context)
    yield from _security_options(name, service, context)
    yield from _sysctls(name, service, context)
    yield from _scores(name, service, context)


def _flags(name: str, service: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    if service.get("privileged"):
        message = "gives the container the whole machine, in every environment"
        yield context.refuse("privileged", ("services", name, "privileged"), message, value="true")
    if service.get("use_api_socket"):
        message = "gives the container the engine, and with it the whole machine"
        yield context.refuse("docker-socket", ("services", name, "use_api_socket"), message, value="true")
    for key in ("post_start", "pre_start", "pre_stop"):
        for index, hook in enumerate(items(service.get(key))):
            if mapping(hook).get("privileged"):
                path = ("services", name, key, index, "privileged")
                yield context.refuse("privileged-hook", path, "runs a command with the whole machine in its hands", value="true")


def _capabilities(name: str, service: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    added = [str(capability) for capability in items(service.get("cap_add"))]
    beyond = tuple(text for text in added if text.upper().removeprefix("CAP_") not in _DEFAULT_CAPABILITIES)
    if beyond:
        yield context.refuse(
            "capabilities",
            ("services", name, "cap_add"),
            "lets the container do to the machine what containers may not do by default",
            value=", ".join(beyond),
            grant_value=beyond,
        )


def _security_options(name: str, service: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    for index, option in enumerate(items(service.get("security_opt"))):
        text = str(option)
        if text.replace(" ", "") in _TIGHTENING or text.startswith(("no-new-privileges:false", "no-new-privileges=false")):
            continue
        yield context.refuse(
            "security-option",
            ("services", name, "security_opt", index),
            "takes away a protection between the container and the machine",
            value=text,
            hints=(text,),
            grant_value=text,
        )


def _sysctls(name: str, service: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    written = service.get("sysctls")
    keys = list(written) if isinstance(written, dict) else [str(entry).partition("=")[0] for entry in items(written)]
    for key in keys:
        if not key.replace("/", ".").startswith(_NAMESPACED_SYSCTLS):
            yield context.refuse(
                "sysctl",
                ("services", name, "sysctls", key),
                "changes a kernel setting of the whole machine",
                value=key,
                grant_value=key,
            )


def _scores(name: str, service: Mapping[str, Any], context: CheckContext) -> Iterator[Refusal]:
    score = service.get("oom_score_adj")
    if isinstance(score, int) and score < 0:
        message = "makes the kernel kill other programs before this one when memory runs out"
        yield context.refuse("oom-score", ("services", name, "oom_score_adj"), message, value=str(score))
    if service.get("oom_kill_disable"):
        message = "lets the container take all memory without being killed"
        yield context.refuse("oom-score", ("services", name, "oom_kill_disable"), message, value="true")
    if service.get("cgroup_parent"):
        message = "puts the container into a control group that is not its own"
        yield context.refuse("cgroup", ("services", name, "cgroup_parent"), message, value=str(service["cgroup_parent"]))
    if service.get("cgroup") == "host":
        yield context.refuse("cgroup", ("services", name, "cgroup"), "shows the container every control group", value="host")
