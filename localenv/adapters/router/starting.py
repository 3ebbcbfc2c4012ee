"""Brings the router up: finds ports, writes its settings, starts the container, waits until it answers as ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import datetime, timedelta

from localenv.adapters.router.asking import status_of
from localenv.adapters.router.container import INSIDE_PATH, RouterContainer, gateway_of, state_of
from localenv.adapters.router.files import RouterFiles
from localenv.adapters.router.holders import has_ipv6, holder_of
from localenv.adapters.router.remembered import Remembered, recall, remember
from localenv.core.labels import SPEC
from localenv.core.routes.common import common_routes, own_host, revision_of, revision_path, static_settings
from localenv.core.routes.layout import Layout
from localenv.core.routes.ports import PortWishes, choose_ports
from localenv.errors import InvalidInput, LocalenvError, NotFound, Unavailable
from localenv.errors.engine import PortTaken
from localenv.ports.certificates import Certificates
from localenv.ports.clock import Clock
from localenv.ports.engine import Engine
from localenv.ports.state import Ledger

__all__ = ["Starting"]

_Subnets = tuple[str | None, str | None]

_DOMAIN = "localhost"
"""Of the router's own name, whatever the projects' domains are."""
_LEAF = "localenv"
_RENEW_BEFORE = timedelta(days=30)
_WATCHED = f"{INSIDE_PATH}/dynamic"
_TRIES = 4
_ANSWER_SECONDS = 20.0
_PAUSE = 0.03
_LOCK_SECONDS = 120
_FIRST_FREE_PORT = 1024
"""An engine without root's rights cannot publish those below (ip_unprivileged_port_start, ip-sysctl)."""
_TAKEN = "address already in use"


class Starting:
    """The slow half of the router; ``ensure`` is quick when there is nothing to do."""

    def __init__(
        self,
        *,
        engine: Engine,
        certificates: Certificates,
        ledger: Ledger,
        clock: Clock,
        files: RouterFiles,
        container: RouterContainer,
        provide_image: Callable[[str], None] | None,
    ) -> None:
        self._engine = engine
        self._certificates = certificates
        self._ledger = ledger
        self._clock = clock
        self._files = files
        self._container = container
        self._provide_image = provide_image

    def ensure(self, *, mode: str, inside: bool, wishes: PortWishes) -> tuple[str, ...]:
        """Make the router run as wanted; return what a person should be told."""
        if mode not in {"auto", "host", "attached"}:
            raise InvalidInput(f"router.mode is auto, host or attached, not {mode!r}")
        if self._serves(self._container.seen(), mode=mode, inside=inside, wishes=wishes):
            return ()
        self._files.prepare()
        with self._lock():
            if self._serves(self._container.seen(), mode=mode, inside=inside, wishes=wishes):
                return ()
            return self._start(mode=mode, inside=inside, wishes=wishes)

    def _serves(self, seen: Mapping[str, str] | None, *, mode: str, inside: bool, wishes: PortWishes) -> bool:
        """Whether what runs is what was remembered, and that is what is wanted now."""
        before = recall(self._ledger)
        if before is None or seen is None or state_of(seen) != "running" or seen.get(SPEC) != before.spec:
            return False
        layout = before.layout
        return (
            mode in {"auto", layout.mode}
            and (not inside or layout.mode == "attached" or layout.inside is not None)
            and wishes.http in {None, layout.http_port}
            and wishes.https in {None, layout.https_port}
            and wishes.postgres in {None, layout.postgres_port}
            and before.image == self._container.image
            and before.shape == _shape(layout)
            and before.renew > self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
            and self._files.has_common()
        )

    def _lock(self) -> AbstractContextManager[object]:
        """Two commands that both find no router start one."""
        import filelock

        return filelock.FileLock(self._files.directory / "lock", timeout=_LOCK_SECONDS, thread_local=False)

    def _start(self, *, mode: str, inside: bool, wishes: PortWishes) -> tuple[str, ...]:
        before = recall(self._ledger)
        self._container.remove()
        self._provide()
        draft, subnets = self._draft(mode, inside=inside, before=before)
        dropped = self._drop_others(draft)
        refused: dict[int, str] = {}
        for attempt in range(_TRIES):
            chosen = choose_ports(wishes, before.ports if before else PortWishes(), self._holder(refused))
            layout = replace(draft, http_port=chosen.http, https_port=chosen.https, postgres_port=chosen.postgres)
            try:
                self._run(layout, subnets)
            except LocalenvError as error:
                lost = _refused(layout, error)
                if not lost or attempt + 1 == _TRIES:
                    raise
                refused |= lost
            else:
                self._join_all(layout)
                return (*chosen.notes, *dropped)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _provide(self) -> None:
        if self._provide_image is not None and self._engine.image(self._container.image) is None:
            self._provide_image(self._container.image)

    def _draft(self, mode: str, *, inside: bool, before: Remembered | None) -> tuple[Layout, _Subnets]:
        """The layout without its ports. What a project asked for stays: an attached router, an entry point for containers."""
        if mode == "auto" and not self._engine.info().native_linux:
            mode = "attached"
        if mode == "auto" and before is not None:
            mode = before.layout.mode
        own, bridge = before.subnets if before else (None, None)
        if mode == "attached":
            own = self._container.own_network(own)
            layout = Layout(mode="attached", http_port=0, https_port=0, postgres_port=0, gateway=gateway_of(own))
            return layout, (own, bridge)
        address = None
        if inside or (before and before.layout.inside):
            bridge = self._container.inside_network(bridge)
            address = gateway_of(bridge)
        return Layout(mode="host", http_port=0, https_port=0, postgres_port=0, ipv6=has_ipv6(), inside=address), (own, bridge)

    def _drop_others(self, layout: Layout) -> tuple[str, ...]:
        """Remove route files of the other mode: nothing behind them is reached, and host mode's demand no client address.

        Returns what a person should be told.
        """
        seen = {name: self._files.read(name) for name in self._files.names()}
        others = [name for name, published in seen.items() if published is None or published.mode != layout.mode]
        for name in others:
            self._files.remove(name)
        return (f"hostnames of {', '.join(others)} are gone with the change of mode: localenv up",) if others else ()

    def _holder(self, refused: Mapping[int, str]) -> Callable[[int], str | None]:
        """Who holds a port: a program here, a container that publishes it, or whoever made the engine refuse it."""
        published = self._engine.published_ports()

        def holder(port: int) -> str | None:
            return holder_of(port) or ("a container" if port in published else refused.get(port))

        return holder

    def _run(self, layout: Layout, subnets: _Subnets) -> None:
        """Start this layout and wait for it. Raises ``PortTaken`` when a port was lost between looking and binding."""
        leaf = self._certificates.leaf(_LEAF, _DOMAIN, (own_host(_DOMAIN),))
        folder = f"{INSIDE_PATH}/certificates"
        revision, content = common_routes(
            layout,
            domain=_DOMAIN,
            certificate=f"{folder}/{leaf.certificate}",
            key=f"{folder}/{leaf.key}",
            identity=self._engine.owner,
        )
        settings = static_settings(layout, directory=_WATCHED)
        self._files.write_settings(settings)
        self._files.write_common(content)
        spec = revision_of({"settings": settings, "container": repr(self._container.spec(layout, ""))})
        self._container.start(layout, spec)
        self._await(layout, revision)
        self._certificates.discard_older(_LEAF, leaf)
        renew = (datetime.fromisoformat(leaf.expires) - _RENEW_BEFORE).strftime("%Y-%m-%dT%H:%M:%SZ")
        remember(
            self._ledger,
            Remembered(
                layout=layout,
                shape=_shape(layout),
                revision=revision,
                spec=spec,
                image=self._container.image,
                renew=renew,
                subnets=subnets,
            ),
        )

    def _await(self, layout: Layout, revision: str) -> None:
        authority = self._certificates.path(_DOMAIN)
        end = self._clock.monotonic() + _ANSWER_SECONDS
        while self._clock.monotonic() < end:
            answer = status_of(
                own_host(_DOMAIN), revision_path(revision), port=layout.https_port, authority=authority, timeout=1.0
            )
            if answer == 200:  # noqa: PLR2004 - OK
                return
            if state_of(self._container.seen()) in {"failed", "stopped", "absent"}:
                break
            self._clock.pause(_PAUSE)
        lines = self._container.last_lines(10)
        self._container.remove()
        taken = next((line for line in lines if _TAKEN in line), None)
        if taken is not None:
            raise PortTaken(f"a port of the router was taken while it started: {taken}", port=_port_in(taken, layout))
        raise Unavailable("the router does not answer", details=lines, hints=("localenv router up",), code="router-silent")

    def _join_all(self, layout: Layout) -> None:
        """An attached router that was replaced stands in its own network only: go back to the others."""
        if layout.mode != "attached":
            return
        for name in self._files.names():
            if (published := self._files.read(name)) is not None:
                for network in published.networks:
                    with suppress(NotFound):
                        self._container.join((network,), published.aliases)


def _shape(layout: Layout) -> str:
    """Hash of settings and shared routes, whatever the certificate."""
    shared = common_routes(layout, domain=_DOMAIN, certificate="", key="", identity="")
    return revision_of({"settings": static_settings(layout, directory=_WATCHED), "shared": shared[0]})


def _port_in(line: str, layout: Layout) -> int:
    """The port that a line of the router's log complains about; 0 when it names none of ours."""
    return next((port for port in (layout.http_port, layout.https_port, layout.postgres_port) if f":{port}:" in line), 0)


def _refused(layout: Layout, error: LocalenvError) -> dict[int, str]:
    """Ports that a failed start speaks against, with what is in their way; none when it failed for another reason."""
    ports = (layout.http_port, layout.https_port, layout.postgres_port)
    if isinstance(error, PortTaken):
        return dict.fromkeys((error.port,) if error.port else ports, "something that came in between")
    if layout.mode == "attached" and error.code_of_case == "engine-refused":
        reserved = [port for port in ports if port < _FIRST_FREE_PORT]
        return dict.fromkeys(reserved, "the engine, which may not publish it")
    return {}
