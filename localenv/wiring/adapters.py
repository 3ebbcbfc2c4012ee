"""One installation's adapters, each built when it is first asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from localenv.adapters.clock import SystemClock
from localenv.adapters.installation import Installation
from localenv.core.addresses import DEFAULT_POOL, choose_subnets
from localenv.core.snapshots.model import clone_method
from localenv.errors import InvalidInput
from localenv.ports.progress import Event, Progress

if TYPE_CHECKING:
    from localenv.actions.images import EnsureImages
    from localenv.adapters.certificates import LocalCertificates
    from localenv.adapters.compose_plugin import ComposePlugin
    from localenv.adapters.docker_engine import DockerEngine
    from localenv.adapters.file_locks import FileLocks
    from localenv.adapters.fixture_files import FixtureFiles
    from localenv.adapters.git import GitRepositories
    from localenv.adapters.kept_images import DockerKeptImages
    from localenv.adapters.linux_host import LinuxHost
    from localenv.adapters.project_files import DiskFiles
    from localenv.adapters.release_store import DiskReleases
    from localenv.adapters.router import TraefikRouter
    from localenv.adapters.sqlite_deliveries import SqliteDeliveries
    from localenv.adapters.sqlite_ledger import SqliteLedger
    from localenv.adapters.state_store import StateStore
    from localenv.adapters.subprocess_processes import SubprocessProcesses
    from localenv.adapters.volume_store import LayerStore
    from localenv.adapters.worktree_folders import DiskWorktrees
    from localenv.ports.engine import EngineInfo, ExecResult, ToolSpec
    from localenv.wiring.image_actions import ImageActions

__all__ = ["Adapters"]

_ROUTER_PREFIX = 29
_LAST_PORT = 65535


class _Relay:
    """A progress whose display may be set later."""

    def __init__(self) -> None:
        self.display: Progress | None = None

    def emit(self, event: Event) -> None:
        if self.display is not None:
            self.display.emit(event)


class Adapters:
    """The dangerous things. Nothing is opened before it is needed; ``close`` ends what was."""

    def __init__(self, place: Installation, progress: Progress | None = None) -> None:
        self.place = place
        self._relay = _Relay()
        self._relay.display = progress
        self.progress: Progress = self._relay
        self.environment: Mapping[str, str] = os.environ  # noqa: TID251 - DOCKER_HOST and its kin, and what Compose interpolates with
        self.clock = SystemClock()

    def show(self, progress: Progress) -> None:
        """Send progress to this display from now on."""
        self._relay.display = progress

    def close(self) -> None:
        """End connections, and programs that an interrupted thread still waits for."""
        if "processes" in self.__dict__:
            self.processes.end_all()
        if "engine" in self.__dict__:
            self.engine.close()
        if "ledger" in self.__dict__:
            self.ledger.close()

    @property
    def pool(self) -> str:
        """Range that addresses are taken from, CIDR. Raises ``InvalidInput`` when LOCALENV_ADDRESS_POOL is none."""
        text = self.place.variables.get("LOCALENV_ADDRESS_POOL") or DEFAULT_POOL
        try:
            return str(IPv4Network(text))
        except ValueError as error:
            raise InvalidInput(
                f"LOCALENV_ADDRESS_POOL is no IPv4 range: {error}", hints=(f"export LOCALENV_ADDRESS_POOL={DEFAULT_POOL}",)
            ) from error

    @cached_property
    def host(self) -> LinuxHost:
        """The machine."""
        from localenv.adapters.linux_host import LinuxHost

        return LinuxHost()

    @cached_property
    def processes(self) -> SubprocessProcesses:
        """Programs."""
        from localenv.adapters.subprocess_processes import SubprocessProcesses

        return SubprocessProcesses(self.environment)

    @cached_property
    def worktree_folders(self) -> DiskWorktrees:
        """Folders of commits."""
        from localenv.adapters.worktree_folders import DiskWorktrees

        return DiskWorktrees(self.place.home / "worktrees", self._run_tool)

    def _run_tool(self, spec: ToolSpec) -> ExecResult | None:
        return self.engine.run_tool(spec)

    @cached_property
    def git(self) -> GitRepositories:
        """The projects' repositories."""
        from localenv.adapters.git import GitRepositories

        return GitRepositories(self.processes, self.place.home / "cache" / "git")

    @cached_property
    def engine(self) -> DockerEngine:
        """The engine."""
        from localenv.adapters.docker_engine import DockerEngine

        return DockerEngine(owner=self.place.owner, clock=self.clock, environment=self.environment)

    @cached_property
    def engine_info(self) -> EngineInfo:
        """What the engine says of itself, asked once."""
        return self.engine.info()

    @cached_property
    def ledger(self) -> SqliteLedger:
        """The ledger."""
        from localenv.adapters.sqlite_ledger import SqliteLedger

        return SqliteLedger(self.place.home / "ledger.sqlite")

    @cached_property
    def kept_images(self) -> DockerKeptImages:
        """Images of releases."""
        from localenv.adapters.kept_images import DockerKeptImages

        return DockerKeptImages(engine=self.engine, processes=self.processes)

    @cached_property
    def deliveries(self) -> SqliteDeliveries:
        """Deployments and approvals."""
        from localenv.adapters.sqlite_deliveries import SqliteDeliveries

        return SqliteDeliveries(self.ledger)

    @cached_property
    def releases(self) -> DiskReleases:
        """Releases."""
        from localenv.adapters.release_store import DiskReleases

        return DiskReleases(self.place.home, self._hold_releases)

    def _hold_releases(self) -> AbstractContextManager[None]:
        return self.locks.releases()

    @cached_property
    def store(self) -> StateStore:
        """The environments' folders."""
        from localenv.adapters.state_store import StateStore
        from localenv.adapters.yaml_files import dump, load_document

        return StateStore(self.place.home, dump=dump, load=lambda content, name: load_document(content, name).value)

    @cached_property
    def locks(self) -> FileLocks:
        """The locks."""
        from localenv.adapters.file_locks import FileLocks

        return FileLocks(self.place.home / "locks", self.clock, self.progress)

    @cached_property
    def files(self) -> DiskFiles:
        """The project's files, with a memory of what was hashed."""
        from localenv.adapters.project_files import DiskFiles

        return DiskFiles(str(self.place.home / "cache" / "digests"))

    @cached_property
    def compose(self) -> ComposePlugin:
        """The Compose plugin."""
        from localenv.adapters.compose_plugin import ComposePlugin

        return ComposePlugin(self.processes, self.environment, memory=str(self.place.home / "cache"))

    @cached_property
    def image_actions(self) -> ImageActions:
        """All that can be done about images."""
        from localenv.wiring.image_actions import image_actions

        archives = self.place.variables.get("LOCALENV_IMAGE_ARCHIVES", "").split(os.pathsep)
        return image_actions(
            engine=self.engine,
            processes=self.processes,
            clock=self.clock,
            archives=[path for path in archives if path],
        )

    @cached_property
    def images(self) -> EnsureImages:
        """Gets images from the first source that has them. Made before environments are worked on side by side.

        Its modules make classes that msgspec decodes, which must not happen while another thread decodes (``core/typed.py``).
        """
        return self.image_actions.ensure

    @cached_property
    def certificates(self) -> LocalCertificates:
        """The certificate authority and what it signed."""
        from localenv.adapters.certificates import LocalCertificates

        return LocalCertificates(
            directory=self.place.home / "certificates", leaves=self.place.home / "router" / "certificates", clock=self.clock
        )

    @cached_property
    def router(self) -> TraefikRouter:
        """The router."""
        from localenv.adapters.router import TraefikRouter
        from localenv.core.routes.ports import PortWishes

        return TraefikRouter(
            engine=self.engine,
            certificates=self.certificates,
            ledger=self.ledger,
            clock=self.clock,
            directory=self.place.home / "router",
            free_subnet=self._free_subnet,
            provide_image=self._provide,
            wishes=PortWishes(
                http=self._port("LOCALENV_HTTP_PORT"),
                https=self._port("LOCALENV_HTTPS_PORT"),
                postgres=self._port("LOCALENV_POSTGRES_PORT"),
            ),
        )

    @cached_property
    def layers(self) -> LayerStore:
        """Where the content of volumes is kept."""
        from localenv.adapters.volume_store import LayerStore

        return LayerStore(
            engine=self.engine,
            ledger=self.ledger,
            lock=self._hold_layers,
            provide_image=self._provide,
            forced=clone_method(self.place.variables.get("LOCALENV_CLONES")),
            place=self._layers_place(),
        )

    def _hold_layers(self) -> AbstractContextManager[None]:
        return self.locks.layers()

    @cached_property
    def fixtures(self) -> FixtureFiles:
        """Files that are loaded or copied."""
        from localenv.adapters.fixture_files import FixtureFiles

        return FixtureFiles()

    def _layers_place(self) -> str | None:
        """Raises ``InvalidInput`` for a path that the engine cannot be told."""
        text = self.place.variables.get("LOCALENV_LAYERS") or None
        if text is not None and (not text.startswith("/") or {",", ":"} & set(text)):
            hints = ("export LOCALENV_LAYERS=/mnt/fast/localenv",)
            raise InvalidInput(f"LOCALENV_LAYERS is no absolute path without , and :  {text[:80]!a}", hints=hints)
        return text

    def _provide(self, reference: str) -> None:
        self.images([reference], self.progress)

    def _free_subnet(self) -> str:
        taken = (*self.engine.networks_in_use(), *self.host.reserved_networks(), *self.ledger.all_subnets().values())
        return choose_subnets({"router": _ROUTER_PREFIX}, used=taken, pool=self.pool)["router"]

    def _port(self, name: str) -> int | None:
        text = self.place.variables.get(name)
        if not text:
            return None
        if text.isdecimal() and 0 < int(text) <= _LAST_PORT:
            return int(text)
        raise InvalidInput(f"{name} is no port: {text[:40]!a}", hints=(f"export {name}=8443",))
