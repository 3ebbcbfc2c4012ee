"""Containers between their creation and their first start: made by Compose, placed, given their files."""

from __future__ import annotations

import io

from localenv.actions.executor.neighbours import Neighbours
from localenv.actions.executor.ports import Ports
from localenv.actions.starting import Session
from localenv.core.plan.graph import dependencies, levels
from localenv.core.plan.steps import CreateContainers, InjectFiles, PlaceReplicas
from localenv.core.wanted import InjectedFile, Wanted
from localenv.errors import LocalenvError, NotFound
from localenv.ports.progress import ServiceState

__all__ = ["Creating", "packed"]


class Creating:
    """Steps that make containers ready to be started."""

    def __init__(self, ports: Ports, session: Session, wanted: Wanted | None) -> None:
        self._ports = ports
        self._session = session
        self._wanted = wanted
        self._neighbours = Neighbours(ports.engine, wanted)

    def create(self, step: CreateContainers) -> None:
        if self._wanted is None:
            raise TypeError("containers are created from a model, and there is none")
        wanted, environment = self._wanted, self._session.environment
        file = self._ports.store.write_rendered(environment, wanted.model)
        self._ports.compose.create(
            file=file, project_name=environment.compose_project, directory=wanted.directory, scale=step.scale
        )
        self._session.refresh()
        depth = levels(dependencies(wanted.services, wanted.model))
        for service in sorted({new.service for new in step.containers}):
            for replica in self._session.board.of(service):
                self._ports.progress.emit(
                    ServiceState(
                        environment=environment.name,
                        service=service,
                        number=replica.seen.number,
                        state="created",
                        level=depth.get(service, 0),
                    )
                )

    def place(self, step: PlaceReplicas) -> None:
        """Give each container that was never started a slot that none of the others holds."""
        replicas = self._session.board.of(step.service)
        if step.quiet:
            for replica in replicas:
                if replica.seen.state == "created":
                    self._neighbours.forget(step.service, replica.id)
        held = {(network, address) for replica in replicas for network, address in self._held(step, replica.id).items()}
        held |= {pair for replica in self._session.board.all() for pair in replica.seen.addresses.items()}
        free = [slot for slot in step.placements if not held.intersection(slot.addresses.items())]
        for replica in replicas:
            if replica.seen.state != "created" or self._is_placed(step, replica.id):
                continue
            if not free:
                raise LocalenvError(f"no address is left for another {step.service}", code="address-conflict")
            for network, address in free.pop(0).addresses.items():
                self._move(step, replica.id, network, address)

    def _move(self, step: PlaceReplicas, container: str, network: str, address: str) -> None:
        """A run that was killed between taking a container off its network and putting it back left it on none."""
        try:
            self._ports.engine.move_endpoint(network, container, address=address)
        except NotFound:
            aliases = () if step.quiet else self._neighbours.names(step.service, network)
            self._ports.engine.connect(network, container, address=address, aliases=aliases)

    def _held(self, step: PlaceReplicas, container: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for network in sorted({network for slot in step.placements for network in slot.addresses}):
            try:
                address = self._ports.engine.endpoint(container, network).get("address")
            except NotFound:
                continue
            if address:
                found[network] = str(address)
        return found

    def _is_placed(self, step: PlaceReplicas, container: str) -> bool:
        held = self._held(step, container).items()
        return any(held >= slot.addresses.items() for slot in step.placements)

    def inject(self, step: InjectFiles) -> None:
        archive = packed(step.files, self._ports.clock.now().timestamp())
        for replica in self._session.board.of(step.service):
            if replica.seen.state == "created":
                self._ports.engine.put_files(replica.id, "/", archive)


def packed(files: tuple[InjectedFile, ...], moment: float) -> bytes:
    """Tar archive of these files, from the root of a container."""
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for file in sorted(files, key=lambda file: file.target):
            member = tarfile.TarInfo(file.target.lstrip("/"))
            member.size, member.mode, member.uid, member.gid = len(file.content), file.mode, file.uid, file.gid
            member.mtime = int(moment)
            archive.addfile(member, io.BytesIO(file.content))
    return buffer.getvalue()
