"""Lifecycle hooks, which Compose runs in its own start and stop and localenv therefore runs itself.

Compose specification, services: ``post_start`` and ``pre_stop`` run inside the container; each ``pre_start`` runs to its end in
a container of its own, with the mounts of the service's first container, before any of its replicas starts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from localenv.actions.starting.board import Replica
from localenv.actions.starting.failing import Redactor, start_failed, tail
from localenv.core import labels
from localenv.core.names import EnvironmentId
from localenv.core.wanted import Hook, ServiceWanted
from localenv.errors import LocalenvError
from localenv.errors.start import ServiceFailure
from localenv.ports.engine import Engine, ExecResult, ToolSpec

__all__ = ["Hooks"]

_STOP_SECONDS = 60.0


class Hooks:
    """Runs the hooks of one environment's services."""

    def __init__(self, engine: Engine, environment: EnvironmentId, redact: Redactor, networks: Mapping[str, str]) -> None:
        self._engine = engine
        self._environment = environment
        self._redact = redact
        self._networks = networks
        """Name of the network that a service's ``pre_start`` containers are on, by service."""

    def pre_start(self, service: ServiceWanted, replica: Replica) -> None:
        """Run them one after the other; the first that fails keeps the service from starting."""
        for at, hook in enumerate(service.pre_start):
            result = self._engine.run_tool(self._tool(service, replica, at, hook))
            self._check(service, replica, "pre_start", hook, result)

    def _tool(self, service: ServiceWanted, replica: Replica, at: int, hook: Hook) -> ToolSpec:
        return ToolSpec(
            name=f"{self._environment.compose_project}-{service.name}-pre_start-{at}",
            image=hook.image or service.image,
            command=hook.command,
            environment={**self._engine.environment_of(replica.id), **hook.environment},
            labels={
                labels.PROJECT: self._environment.project,
                labels.ENVIRONMENT: self._environment.name,
                labels.ROLE: "tool",
            },
            network=self._networks.get(service.name),
            user=hook.user,
            working_dir=hook.working_dir,
            privileged=hook.privileged,
            volumes_from=(replica.id,),
            capabilities_dropped=False,
        )

    def post_start(self, service: ServiceWanted, replica: Replica) -> None:
        """Run them inside the container that was just started; whoever waits for it tells when it has ended already."""
        for hook in service.post_start:
            try:
                result = self._execute(replica.id, hook, None)
            except LocalenvError as error:
                if error.code_of_case == "not-running":
                    return
                raise
            self._check(service, replica, "post_start", hook, result)

    def pre_stop(self, hooks: Sequence[Hook], container: str) -> None:
        """Run them inside a container that is about to be stopped. One that fails does not keep it running."""
        for hook in hooks:
            try:
                self._execute(container, hook, _STOP_SECONDS)
            except LocalenvError as error:
                if error.code_of_case not in {"timeout", "not-running", "not-found"}:
                    raise

    def _execute(self, container: str, hook: Hook, timeout: float | None) -> ExecResult:
        return self._engine.execute(
            container,
            hook.command,
            environment=hook.environment,
            user=hook.user,
            working_dir=hook.working_dir,
            privileged=hook.privileged,
            timeout=timeout,
        )

    def _check(self, service: ServiceWanted, replica: Replica, kind: str, hook: Hook, result: ExecResult | None) -> None:
        if result is None or result.exit_code == 0:
            return
        name = self._redact(hook.command[0]) if hook.command else "its command"
        failure = ServiceFailure(
            service=service.name,
            reason=f"{kind} hook {name} ended with {result.exit_code}",
            log=tail(result.stderr or result.stdout, self._redact),
            container=replica.seen.name if kind == "post_start" else None,
        )
        raise start_failed(str(self._environment), (failure,))
