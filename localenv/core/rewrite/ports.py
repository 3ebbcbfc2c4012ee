"""``ports``: hostnames on the router for HTTP, loopback ports of the environment's own for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from localenv.core.configuration.settings import Expose
from localenv.core.findings import Note
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.extension import extension_of
from localenv.core.rewrite.hosts import name_hosts
from localenv.core.rewrite.images import image_details
from localenv.core.rewrite.model import Service, items, mapping, services, with_top, without
from localenv.core.rewrite.networks import only_internal, routed_network
from localenv.core.rewrite.protocols import Protocol, guess_protocol
from localenv.core.rewrite.replicas import switched_off
from localenv.core.wanted import Exposure, Rewritten
from localenv.errors import InvalidInput
from localenv.values import dataclass

__all__ = ["MOST_PORTS", "PublishedPort", "published_ports", "rewrite_ports"]

MOST_PORTS = 64
"""Ports of one service that are made reachable; a media server may publish ten thousand."""

_WEB = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedPort:
    """One entry of ``ports``, ranges expanded."""

    target: int
    transport: str = "tcp"
    published: int | None = None
    """Fixed port on the host; ``None``: any."""
    app_protocol: str | None = None


def rewrite_ports(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Take ``ports`` out of the model and say what they become; ``placing`` puts the loopback ones back.

    Raises ``InvalidInput`` when ``expose`` names a service whose port cannot be found.
    """
    found: list[Exposure] = []
    notes: list[Note] = []
    for name, service in services(draft.model):
        exposures, told = _of_service(name, service, draft, context)
        found.extend(exposures)
        notes.extend(told)
    rest = {name: without(service, "ports") for name, service in services(draft.model)}
    said = frozenset(name for name, service in services(draft.model) if _said(name, service, context) is not None)
    named = name_hosts(tuple(found), draft.model, context, said=said)
    told_ports = [note for name, service in services(draft.model) for note in _told(name, service, named)]
    return replace(with_top(draft, "services", rest), exposures=named, notes=(*draft.notes, *notes, *told_ports))


def published_ports(service: Service) -> tuple[PublishedPort, ...]:
    """Ports of a service in the file's order, each target once."""
    found: dict[tuple[int, str], PublishedPort] = {}
    for entry in items(service, "ports"):
        for port in _expanded(entry):
            found.setdefault((port.target, port.transport), port)
    return tuple(found.values())


def _expanded(entry: dict[str, Any]) -> Iterator[PublishedPort]:
    first, _, last = str(entry.get("target", "")).partition("-")
    start, _, end = str(entry.get("published") or "").partition("-")
    fixed = int(start) if start.isdigit() and (not end or last) else None
    if not first.isdigit():
        return
    for step, target in enumerate(range(int(first), int(last or first) + 1)):
        yield PublishedPort(
            target=target,
            transport=str(entry.get("protocol") or "tcp"),
            published=fixed + step if fixed else None,
            app_protocol=entry.get("app_protocol") or None,
        )


def _of_service(
    name: str, service: Service, draft: Rewritten, context: RewriteContext
) -> tuple[tuple[Exposure, ...], tuple[Note, ...]]:
    said = _said(name, service, context)
    ports = published_ports(service)
    if said is not None and said.protocol == "none":
        return (), (
            Note(code="not-exposed", service=name, message="not reachable from outside: expose says none"),
        ) if ports else ()
    if switched_off(name, service, context):
        return (), ()
    if reason := _unreachable(service, draft) if said is None else None:
        return (), (Note(code="port-unreachable", service=name, message=f"nothing is published: {reason}"),) if ports else ()
    notes: tuple[Note, ...] = ()
    if len(ports) > MOST_PORTS:
        message = f"publishes {len(ports)} ports: only the first {MOST_PORTS} are reachable from outside"
        notes = (Note(code="port-range", service=name, message=message),)
    exposures = [_exposure(name, service, port, len(ports) == 1) for port in ports[:MOST_PORTS]]
    if said is not None:
        exposures = _as_said(name, said, exposures, _main_port(name, service, said, ports, context))
    fixed = {(port.target, port.transport): port.published for port in ports} if context.tier.host_ports else {}
    network = routed_network(_host_of(service, draft), draft.networks)
    placed = [
        replace(exposure, network=network, host_port=fixed.get((exposure.port, "udp" if exposure.protocol == "udp" else "tcp")))
        for exposure in exposures
    ]
    return tuple(placed), notes


def _said(name: str, service: Service, context: RewriteContext) -> Expose | None:
    return context.settings.expose.get(name) or extension_of(name, service).expose


def _unreachable(service: Service, draft: Rewritten) -> str | None:
    if service.get("network_mode") == "none":
        return "network_mode is none"
    return "it is on internal networks only" if only_internal(service, draft.networks) else None


def _host_of(service: Service, draft: Rewritten) -> Service:
    """The service whose network this one shares (``network_mode: service:x``), or itself."""
    kind, _, other = str(service.get("network_mode", "")).partition(":")
    return mapping(mapping(draft.model, "services"), other) if kind == "service" else service


def _exposure(name: str, service: Service, port: PublishedPort, alone: bool) -> Exposure:  # noqa: FBT001 - one caller
    protocol: Protocol = guess_protocol(
        port.target, transport=port.transport, said=port.app_protocol, image=str(service.get("image", "")), alone=alone
    )
    return Exposure(service=name, port=port.target, protocol=protocol)


def _as_said(name: str, said: Expose, guessed: list[Exposure], main: int) -> list[Exposure]:
    """What ``expose`` says first, then what it does not speak of."""
    if said.protocol == "none":
        return []
    stated = [
        Exposure(
            service=name, port=main, protocol=said.protocol, primary=said.primary, host_header=said.host_header, path=said.path
        )
    ]
    stated += [
        Exposure(service=name, port=port, protocol="http", host_header=said.host_header) for port in said.ports if port != main
    ]
    spoken = {exposure.port for exposure in stated}
    return [*stated, *(exposure for exposure in guessed if exposure.port not in spoken or exposure.protocol == "udp")]


def _main_port(name: str, service: Service, said: Expose, ports: tuple[PublishedPort, ...], context: RewriteContext) -> int:
    """The port that ``expose`` means: its own, the first published, or the only one that the file or the image tells."""
    if said.port is not None:
        return said.port
    if tcp := [port.target for port in ports if port.transport == "tcp"]:
        return tcp[0]
    told = [int(text.partition("/")[0]) for text in map(str, service.get("expose") or ()) if text.partition("/")[0].isdigit()]
    details = image_details(service, context)
    if len(candidates := set(told or (details.exposed if details else ()))) == 1:
        return candidates.pop()
    raise InvalidInput(f"expose.{name} needs a port: the service publishes none", hints=(f"expose: {{{name}: {{port: 8080}}}}",))


def _told(name: str, service: Service, exposures: tuple[Exposure, ...]) -> Iterator[Note]:
    """What became of each fixed host port."""
    by_port = {(exposure.port, exposure.protocol == "udp"): exposure for exposure in exposures if exposure.service == name}
    for port in published_ports(service):
        exposure = by_port.get((port.target, port.transport == "udp"))
        if exposure is None or port.published is None:
            continue
        if exposure.host_port is not None:
            message = f"host port {port.published} is kept, as this tier says"
        elif exposure.protocol in _WEB:
            message = f"host port {port.published} becomes {exposure.host} on the router"
        else:
            message = f"host port {port.published} becomes a loopback port of this environment's own"
        yield Note(code="host-port", service=name, message=message)
