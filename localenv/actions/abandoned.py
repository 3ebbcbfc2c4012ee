"""Environments that were made for the time of one command, which has ended without removing them: it was killed."""

from __future__ import annotations

from collections.abc import Callable

from localenv.actions.lifecycle import Lifecycle
from localenv.core.names import EnvironmentId
from localenv.errors import LocalenvError
from localenv.ports.state import Ledger, Locks

__all__ = ["CI", "AbandonedEnvironments"]

CI = "ci"
"""Kind of an environment that a command has."""


class AbandonedEnvironments:
    """Known by their kind in the ledger, and by a lock that frees itself when the one who held it dies."""

    def __init__(self, *, ledger: Ledger, locks: Locks, lifecycle: Lifecycle) -> None:
        self._ledger = ledger
        self._locks = locks
        self._lifecycle = lifecycle

    def listed(self) -> tuple[EnvironmentId, ...]:
        """All of them, of every project."""
        return tuple(
            record.id for record in self._ledger.records() if record.kind == CI and not self._locks.has_command(record.id)
        )

    def remove(self, failed: Callable[[EnvironmentId, LocalenvError], None]) -> tuple[EnvironmentId, ...]:
        """Remove them whole and return which; ``failed`` is told of each that cannot be removed.

        No tier's guard asks, since no person made them.
        """
        return tuple(environment for environment in self.listed() if self._removed(environment, failed))

    def _removed(self, environment: EnvironmentId, failed: Callable[[EnvironmentId, LocalenvError], None]) -> bool:
        """Under the lock, so that of several who find one only one removes it, and nobody takes its name meanwhile."""
        try:
            with self._locks.command(environment, "removing what a killed ci left"):
                record = self._ledger.record(environment)
                if record is None or record.kind != CI:
                    return False
                self._lifecycle("destroy", [environment])
                return True
        except LocalenvError as error:
            if error.code_of_case != "locked":
                failed(environment, error)
            return False
