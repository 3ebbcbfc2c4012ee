"""One installation's adapters and actions, each built when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from localenv.actions.project_identity import with_project_name
from localenv.adapters.installation import Installation, installation
from localenv.core.names import EnvironmentId
from localenv.errors import NotFound
from localenv.ports.progress import Progress
from localenv.ports.state import EnvironmentRecord

if TYPE_CHECKING:
    from localenv.actions.allocate import Allocate
    from localenv.actions.builds import Builds
    from localenv.actions.configuration import Loaded, LoadSettings
    from localenv.actions.discard_sources import DiscardSources
    from localenv.actions.environments import Environments
    from localenv.actions.executor.executor import Executor
    from localenv.actions.executor.ports import Handler
    from localenv.actions.filling import Filling
    from localenv.actions.lifecycle import Lifecycle
    from localenv.actions.logs import Logs
    from localenv.actions.masking import Masking
    from localenv.actions.prepare import Prepare
    from localenv.actions.profiles import DataProfiles
    from localenv.actions.project_identity import ProjectIdentity
    from localenv.actions.resolve import ResolveProject
    from localenv.actions.scan_project import ScanProject
    from localenv.actions.snapshots import Snapshots
    from localenv.actions.sources import Sources
    from localenv.actions.starting import Starting
    from localenv.actions.up import Up
    from localenv.actions.volumes import Volumes
    from localenv.actions.worktrees import Worktrees
    from localenv.adapters.compose_plugin import ComposePlugin
    from localenv.core.configuration.tier import TierProfile
    from localenv.core.plan.steps import Step

from localenv.wiring.adapters import Adapters

__all__ = ["Services", "services"]


class Services(Adapters):
    """Everything that commands use: the adapters, and the actions made of them."""

    def __init__(self, place: Installation, progress: Progress | None = None) -> None:
        super().__init__(place, progress)
        self._projects: dict[str, Loaded] = {}

    @cached_property
    def load_settings(self) -> LoadSettings:
        """Loads a project's configuration."""
        from localenv.actions.configuration import LoadSettings
        from localenv.adapters.shipped import shipped_root
        from localenv.adapters.yaml_files import load_document

        return LoadSettings(self.files, load_document, shipped=str(shipped_root()), home=str(Path.home()))

    def project(self, directory: str) -> Loaded:
        """The project around ``directory``, loaded once for each, under the name that is its own here."""
        if directory not in self._projects:
            owner = self.worktree_folders.owner(directory)
            self._projects[directory] = self._in_worktree(owner, directory) if owner else self._in_checkout(directory)
        return self._projects[directory]

    def _in_checkout(self, directory: str) -> Loaded:
        loaded = self.load_settings(directory)
        chosen = loaded.origins.get(("project",))
        name = self.identity(
            loaded.settings.project,
            loaded.directory,
            chosen=chosen is not None and chosen.kind in {"project", "command-line"},
        )
        return with_project_name(loaded, name)

    def enter(self, directory: str, checkout: Loaded) -> None:
        """Let a worktree of the person's own branches be read before its environment is remembered."""
        loaded = self.load_settings.in_worktree(directory, checkout, foreign=False)
        self._projects[directory] = with_project_name(loaded, checkout.settings.project)

    def _in_worktree(self, owner: EnvironmentId, directory: str) -> Loaded:
        """Files of a commit under the rules of the checkout that they came from; of an unknown one they are not read."""
        record = self.ledger.record(owner)
        if record is None or not record.origin:
            raise NotFound(
                f"{directory} is a worktree of {owner}, and it is not known any more whose rules count for it",
                hints=(f"localenv destroy {owner.project}/{owner.name}",),
                code="no-project",
            )
        project = self.project(record.origin)
        loaded = self.load_settings.in_worktree(directory, project, foreign=record.kind == "preview")
        return with_project_name(loaded, owner.project)

    def project_of(self, record: EnvironmentRecord) -> Loaded:
        """The project as an environment sees it: the working tree's, or that of the release that it runs."""
        loaded = self.project(record.directory)
        if record.release is None:
            return loaded
        from localenv.actions.sources import release_named

        return self.sources.of(loaded, release_named(self.releases, record.id.project, record.release))

    def shipped_tier(self, name: str) -> TierProfile:
        """A tier as it ships; one that does not ship has production's guards: the strictest reading."""
        tiers = self.load_settings.shipped().tiers
        return tiers.get(name) or tiers["production"]

    @cached_property
    def identity(self) -> ProjectIdentity:
        """Names of projects."""
        from localenv.actions.project_identity import ProjectIdentity

        return ProjectIdentity(self.ledger, self.files, lambda place: self.worktree_folders.owner(place) is not None)

    @cached_property
    def environments(self) -> Environments:
        """What exists."""
        from localenv.actions.environments import Environments

        return Environments(self.engine, self.ledger, self.volumes)

    @cached_property
    def logs(self) -> Logs:
        """What services print."""
        from localenv.actions.logs import Logs

        return Logs(self.engine)

    @cached_property
    def resolve(self) -> ResolveProject:
        """Scans, resolves and checks a project's files."""
        return self._resolving(self.compose, self.environment)

    def resolve_for(self, loaded: Loaded | None) -> ResolveProject:
        """The same for files that see other variables than the caller's: a release's its maker's, somebody's branch none."""
        if loaded is None or (loaded.release is None and not loaded.foreign):
            return self.resolve
        from localenv.adapters.compose_plugin import ComposePlugin
        from localenv.adapters.subprocess_processes import SubprocessProcesses
        from localenv.core.configuration.branch import shared_variables
        from localenv.core.releases.model import variables_of

        variables = variables_of(loaded.release, self.environment) if loaded.release else shared_variables(self.environment)
        compose = ComposePlugin(SubprocessProcesses(variables), variables, memory=str(self.place.home / "cache"))
        return self._resolving(compose, variables)

    def _resolving(self, compose: ComposePlugin, variables: Mapping[str, str]) -> ResolveProject:
        from localenv.actions.resolve import ResolveProject
        from localenv.adapters.resolve_cache import ResolveCache

        def scan() -> ScanProject:
            from localenv.actions.scan_project import ScanProject
            from localenv.adapters.yaml_files import load_documents

            return ScanProject(self.files, load_documents)

        return ResolveProject(
            files=self.files,
            compose=compose,
            scan=scan,
            cache=ResolveCache(str(self.place.home / "cache" / "resolved")),
            variables=variables,
            plugin=compose.identity,
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
    def profiles(self) -> DataProfiles:
        """Data profiles by name."""
        from localenv.actions.profiles import DataProfiles
        from localenv.adapters.yaml_files import load_document

        return DataProfiles(self.files, load_document)

    @cached_property
    def prepare(self) -> Prepare:
        """The pipeline up to the plan."""
        from localenv.actions.admit_data import AdmitData
        from localenv.actions.environment_images import EnvironmentImages
        from localenv.actions.prepare import Prepare
        from localenv.core.rewrite import Platform

        info = self.engine_info
        return Prepare(
            engine=self.engine,
            ledger=self.ledger,
            locks=self.locks,
            store=self.store,
            files=self.files,
            resolve=self.resolve_for,
            images=EnvironmentImages(engine=self.engine, builds=self.builds, images=self.images, progress=self.progress),
            admit=AdmitData(self.engine, self.profiles),
            allocate=self.allocate,
            platform=Platform(engine_major=_major(info.version), cpus=info.cpus),
        )

    @cached_property
    def sources(self) -> Sources:
        """Where an environment's code comes from."""
        from localenv.actions.sources import Sources

        return Sources(releases=self.releases, ledger=self.ledger, load=self.load_settings.at)

    @cached_property
    def volumes(self) -> Volumes:
        """Volumes, and the layers that they stand on."""
        from localenv.actions.volumes import Volumes

        return Volumes(self.engine, self.layers, self.progress)

    @cached_property
    def starting(self) -> Starting:
        """Starts services; one for all environments, so that they share what runs healthchecks."""
        from localenv.actions.starting import Starting
        from localenv.adapters.tcp_dialer import TcpDialer

        dialer = TcpDialer() if self.router.status().mode == "host" else None
        return Starting(engine=self.engine, progress=self.progress, clock=self.clock, dialer=dialer)

    def executor(self, handlers: Mapping[type[Step], Handler] | None = None) -> Executor:
        """Carries out plans; ``handlers`` do what belongs to one environment."""
        from localenv.actions.executor.executor import Executor
        from localenv.actions.executor.ports import Ports
        from localenv.adapters.source_archive import source_archive

        return Executor(
            Ports(
                engine=self.engine,
                compose=self.compose,
                router=self.router,
                store=self.store,
                progress=self.progress,
                clock=self.clock,
                pack=source_archive,
                volumes=self.volumes,
                person=self.host.user(),
                handlers=handlers or {},
            ),
            self.starting,
        )

    @cached_property
    def up(self) -> Up:
        """``up``."""
        from localenv.actions.executions import Executions
        from localenv.actions.fresh_data import DiscardHalfLoaded
        from localenv.actions.origins import Origins
        from localenv.actions.remember import RememberEnvironment
        from localenv.actions.up import Up

        origins = Origins(self.volumes, self.profiles, self.locks, self.files)
        return Up(
            project=self.project,
            prepare=self.prepare,
            discard_half_loaded=DiscardHalfLoaded(self.engine, self.store, self.volumes, self.clock),
            sources=self.sources,
            origins=origins,
            remember=RememberEnvironment(origins=origins, ledger=self.ledger, store=self.store, clock=self.clock),
            volumes=self.volumes,
            executions=Executions(
                self.executor,
                lambda: self.filling,
                self.masking,
                end_programs=self.processes.end_all,
            ),
            router=self.router,
            ledger=self.ledger,
            locks=self.locks,
            store=self.store,
            progress=self.progress,
            clock=self.clock,
        )

    @cached_property
    def masking(self) -> Masking:
        """Masks secrets in what containers say."""
        from localenv.actions.masking import Masking

        return Masking(self.files)

    @cached_property
    def filling(self) -> Filling:
        """Puts files and data where a plan wants them."""
        from localenv.wiring.filling import filling

        return filling(self)

    @cached_property
    def snapshots(self) -> Snapshots:
        """Snapshots of environments."""
        from localenv.actions.snapshots import Snapshots

        return Snapshots(
            engine=self.engine,
            ledger=self.ledger,
            locks=self.locks,
            store=self.store,
            volumes=self.volumes,
            executor=self.executor(),
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
            volumes=self.volumes,
            discard=self.discard,
        )

    @cached_property
    def worktrees(self) -> Worktrees:
        """Commits as folders."""
        from localenv.actions.worktrees import Worktrees

        return Worktrees(self.git, self.worktree_folders)

    @cached_property
    def discard(self) -> DiscardSources:
        """Removes what environments ran from."""
        from localenv.actions.discard_sources import DiscardSources
        from localenv.adapters.built_images import DockerBuiltImages

        return DiscardSources(
            ledger=self.ledger, store=self.store, folders=self.worktree_folders, images=DockerBuiltImages(self.processes)
        )


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
