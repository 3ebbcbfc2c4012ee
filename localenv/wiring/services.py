"""One installation's adapters and actions, each built when it is first asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from localenv.actions.project_identity import with_project_name
from localenv.adapters.clock import SystemClock
from localenv.adapters.file_locks import FileLocks
from localenv.adapters.installation import Installation, installation
from localenv.adapters.linux_host import LinuxHost
from localenv.adapters.project_files import DiskFiles
from localenv.adapters.shipped import shipped_root
from localenv.adapters.source_archive import source_archive
from localenv.adapters.sqlite_ledger import SqliteLedger
from localenv.adapters.state_store import StateStore
from localenv.adapters.subprocess_processes import SubprocessProcesses
from localenv.adapters.yaml_files import dump, load_document, load_documents
from localenv.core.addresses import DEFAULT_POOL, choose_subnets
from localenv.core.routes.ports import PortWishes
from localenv.ports.progress import Event, Progress

if TYPE_CHECKING:
    from localenv.actions.allocate import Allocate
    from localenv.actions.builds import Builds
    from localenv.actions.configuration import Loaded, LoadSettings
    from localenv.actions.environments import Environments
    from localenv.actions.executor import Executor, Handler
    from localenv.actions.images import EnsureImages
    from localenv.actions.lifecycle import Lifecycle
    from localenv.actions.logs import Logs
    from localenv.actions.prepare import Prepare
    from localenv.actions.project_identity import ProjectIdentity
    from localenv.actions.resolve import ResolveProject
    from localenv.actions.starting import Starting
    from localenv.actions.up import Up
    from localenv.adapters.certificates import LocalCertificates
    from localenv.adapters.compose_plugin import ComposePlugin
    from localenv.adapters.docker_engine import DockerEngine
    from localenv.adapters.fixture_files import FixtureFiles
    from localenv.adapters.router import TraefikRouter
    from localenv.core.configuration.tier import TierProfile
    from localenv.core.plan.steps import Step
    from localenv.ports.engine import EngineInfo
    from localenv.wiring.image_actions import ImageActions

__all__ = ["Services", "services"]

_ROUTER_PREFIX = 29


class _Relay:
    """A progress whose display may be set later."""

    def __init__(self) -> None:
        self.display: Progress | None = None

    def emit(self, event: Event) -> None:
        if self.display is not None:
            self.display.emit(event)


class Services:
    """Everything that commands use. Nothing is opened before it is needed; ``close`` ends what was."""

    def __init__(self, place: Installation, progress: Progress | None = None) -> None:
        self.place = place
        self._relay = _Relay()
        self._relay.display = progress
        self.progress: Progress = self._relay
        self.clock = SystemClock()
        self.host = LinuxHost()
        self.processes = SubprocessProcesses(os.environ)  # noqa: TID251 - what programs that are run may see
        self._projects: dict[str, Loaded] = {}

    def show(self, progress: Progress) -> None:
        """Send progress to this display from now on."""
        self._relay.display = progress

    def close(self) -> None:
        """End connections."""
        if "engine" in self.__dict__:
            self.engine.close()
        if "ledger" in self.__dict__:
            self.ledger.close()

    @property
    def pool(self) -> str:
        """Range that addresses are taken from, CIDR."""
        return self.place.variables.get("LOCALENV_ADDRESS_POOL", DEFAULT_POOL)

    @cached_property
    def engine(self) -> DockerEngine:
        """The engine."""
        from localenv.adapters.docker_engine import DockerEngine

        return DockerEngine(owner=self.place.owner, clock=self.clock, environment=os.environ)  # noqa: TID251 - DOCKER_HOST and its kin

    @cached_property
    def engine_info(self) -> EngineInfo:
        """What the engine says of itself, asked once."""
        return self.engine.info()

    @cached_property
    def ledger(self) -> SqliteLedger:
        """The ledger."""
        return SqliteLedger(self.place.home / "ledger.sqlite")

    @cached_property
    def store(self) -> StateStore:
        """The environments' folders."""
        return StateStore(self.place.home, dump=dump, load=lambda content, name: load_document(content, name).value)

    @cached_property
    def locks(self) -> FileLocks:
        """The locks."""
        return FileLocks(self.place.home / "locks", self.clock, self.progress)

    @cached_property
    def files(self) -> DiskFiles:
        """The project's files, with a memory of what was hashed."""
        return DiskFiles(str(self.place.home / "cache" / "digests"))

    @cached_property
    def load_settings(self) -> LoadSettings:
        """Loads a project's configuration."""
        from localenv.actions.configuration import LoadSettings

        return LoadSettings(self.files, load_document, shipped=str(shipped_root()), home=str(Path.home()))

    def project(self, directory: str) -> Loaded:
        """The project around ``directory``, loaded once for each, under the name that is its own here."""
        if directory not in self._projects:
            loaded = self.load_settings(directory)
            chosen = loaded.origins.get(("project",))
            name = self.identity(
                loaded.settings.project,
                loaded.directory,
                chosen=chosen is not None and chosen.kind in {"project", "command-line"},
            )
            self._projects[directory] = with_project_name(loaded, name)
        return self._projects[directory]

    def shipped_tier(self, name: str) -> TierProfile:
        """A tier as it ships; one that does not ship has production's guards: the strictest reading."""
        tiers = self.load_settings.shipped().tiers
        return tiers.get(name) or tiers["production"]

    @cached_property
    def identity(self) -> ProjectIdentity:
        """Names of projects."""
        from localenv.actions.project_identity import ProjectIdentity

        return ProjectIdentity(self.ledger, self.files)

    @cached_property
    def environments(self) -> Environments:
        """What exists."""
        from localenv.actions.environments import Environments

        return Environments(self.engine, self.ledger)

    @cached_property
    def logs(self) -> Logs:
        """What services print."""
        from localenv.actions.logs import Logs

        return Logs(self.engine)

    @cached_property
    def compose(self) -> ComposePlugin:
        """The Compose plugin."""
        from localenv.adapters.compose_plugin import ComposePlugin

        return ComposePlugin(self.processes, os.environ, memory=str(self.place.home / "cache"))  # noqa: TID251 - DOCKER_CONFIG and its kin

    @cached_property
    def image_actions(self) -> ImageActions:
        """All that can be done about images."""
        from localenv.wiring.image_actions import image_actions

        archives = self.place.variables.get("LOCALENV_IMAGE_ARCHIVES", "").split(os.pathsep)
        return image_actions(
            engine=self.engine,
            processes=self.processes,
            clock=self.clock,
            environment=os.environ,  # noqa: TID251 - DOCKER_HOST and its kin
            archives=[path for path in archives if path],
        )

    @cached_property
    def images(self) -> EnsureImages:
        """Gets images from the first source that has them."""
        return self.image_actions.ensure

    @cached_property
    def resolve(self) -> ResolveProject:
        """Scans, resolves and checks a project's files."""
        from localenv.actions.resolve import ResolveProject
        from localenv.actions.scan_project import ScanProject
        from localenv.adapters.resolve_cache import ResolveCache

        return ResolveProject(
            files=self.files,
            compose=self.compose,
            scan=ScanProject(self.files, load_documents),
            cache=ResolveCache(str(self.place.home / "cache" / "resolved")),
            variables=os.environ,  # noqa: TID251 - Compose interpolates with the caller's environment
            plugin=self.compose.identity,
        )

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
    def builds(self) -> Builds:
        """Builds the project's own images."""
        from localenv.actions.builds import Builds

        return Builds(
            engine=self.engine,
            compose=self.compose,
            store=self.store,
            files=self.files,
            images=self.images,
            progress=self.progress,
        )

    @cached_property
    def allocate(self) -> Allocate:
        """Gives addresses and ports."""
        from localenv.actions.allocate import Allocate

        return Allocate(self.engine, self.host, self.ledger, self.locks, pool=self.pool)

    @cached_property
    def prepare(self) -> Prepare:
        """The pipeline up to the plan."""
        from localenv.actions.prepare import Prepare
        from localenv.actions.profiles import DataProfiles
        from localenv.core.rewrite import Platform

        info = self.engine_info
        return Prepare(
            engine=self.engine,
            ledger=self.ledger,
            locks=self.locks,
            store=self.store,
            files=self.files,
            resolve=self.resolve,
            images=self.images,
            builds=self.builds,
            profiles=DataProfiles(self.files, load_document),
            allocate=self.allocate,
            progress=self.progress,
            platform=Platform(engine_major=_major(info.version), cpus=info.cpus),
        )

    @cached_property
    def fixtures(self) -> FixtureFiles:
        """Files that are loaded or copied."""
        from localenv.adapters.fixture_files import FixtureFiles

        return FixtureFiles()

    @cached_property
    def starting(self) -> Starting:
        """Starts services; one for all environments, so that they share what runs healthchecks."""
        from localenv.actions.starting import Starting
        from localenv.adapters.tcp_dialer import TcpDialer

        dialer = TcpDialer() if self.router.status().mode == "host" else None
        return Starting(engine=self.engine, progress=self.progress, clock=self.clock, dialer=dialer)

    def executor(self, handlers: Mapping[type[Step], Handler] | None = None) -> Executor:
        """Carries out plans; ``handlers`` do what belongs to one environment."""
        from localenv.actions.executor import Executor, Ports

        return Executor(
            Ports(
                engine=self.engine,
                compose=self.compose,
                router=self.router,
                store=self.store,
                progress=self.progress,
                clock=self.clock,
                pack=source_archive,
                handlers=handlers or {},
            ),
            self.starting,
        )

    @cached_property
    def up(self) -> Up:
        """``up``."""
        from localenv.actions.executions import Executions
        from localenv.actions.filling import Filling
        from localenv.actions.fresh_data import DiscardHalfLoaded
        from localenv.actions.load_data import LoadData
        from localenv.actions.up import Up

        load = LoadData(self.engine, self.fixtures, self.progress)
        return Up(
            project=self.project,
            prepare=self.prepare,
            discard_half_loaded=DiscardHalfLoaded(self.engine, self.store),
            executions=Executions(self.executor, Filling(self.engine, self.store, self.fixtures, load)),
            router=self.router,
            ledger=self.ledger,
            locks=self.locks,
            store=self.store,
            progress=self.progress,
            clock=self.clock,
        )

    @cached_property
    def lifecycle(self) -> Lifecycle:
        """Down, stop, start, restart and destroy."""
        from localenv.actions.lifecycle import Lifecycle

        return Lifecycle(
            engine=self.engine,
            ledger=self.ledger,
            locks=self.locks,
            store=self.store,
            router=self.router,
            executor=self.executor(),
            clock=self.clock,
        )

    def _provide(self, reference: str) -> None:
        self.images([reference], self.progress)

    def _free_subnet(self) -> str:
        taken = (*self.engine.networks_in_use(), *self.host.reserved_networks(), *self.ledger.all_subnets().values())
        return choose_subnets({"router": _ROUTER_PREFIX}, used=taken, pool=self.pool)["router"]

    def _port(self, name: str) -> int | None:
        text = self.place.variables.get(name)
        return int(text) if text and text.isdigit() else None


def _major(version: str) -> int | None:
    head = version.partition(".")[0]
    return int(head) if head.isdigit() else None


@contextmanager
def services(progress: Progress | None = None) -> Iterator[Services]:
    """Services for the time of one command."""
    told = Services(installation(), progress)
    try:
        yield told
    finally:
        told.close()
