"""``demo``: the shop that ships, in all five tiers, each asked over HTTPS who it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Final

from localenv.actions.lifecycle import Lifecycle, LifecycleResult
from localenv.actions.up import Up
from localenv.actions.up_request import UpRequest, UpResult
from localenv.core.names import EnvironmentId
from localenv.core.summary import summarise
from localenv.ports.clock import Clock
from localenv.ports.engine import Engine
from localenv.ports.state import AuditEntry, Ledger
from localenv.values import dataclass

__all__ = ["NAMES", "Ask", "Demo", "DemoEnvironment", "DemoResult"]

NAMES: Final = ("development", "preview", "staging", "uat", "production")
"""Each is the name of its tier, too."""
_ABOUT = "/about.json"
_PATIENCE = 10.0
_PAUSE = 0.2
_OK = 200

Ask = Callable[[str, str], tuple[int, bytes] | None]
"""Asks the router for a host and a path over HTTPS, trusting only the authority of this installation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoEnvironment:
    """One environment of the demo, as it told about itself."""

    id: EnvironmentId
    url: str
    wrong: str | None = None
    """What did not hold; ``None``: right certificate, right tier, right environment."""
    tier: str = ""
    data_class: str = ""
    data_profile: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Rows by table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """All of them."""

    directory: str
    environments: tuple[DemoEnvironment, ...]
    seconds: float
    changed: bool
    """Whether anything had to be done."""

    @property
    def well(self) -> bool:
        """Whether every check held."""
        return all(each.wrong is None for each in self.environments)


class Demo:
    """Brings the demo up and down."""

    def __init__(
        self, *, up: Callable[[], Up], lifecycle: Callable[[], Lifecycle], engine: Engine, ledger: Ledger, clock: Clock, ask: Ask
    ) -> None:
        self._up = up
        self._lifecycle = lifecycle
        self._engine = engine
        self._ledger = ledger
        self._clock = clock
        self._ask = ask

    def __call__(self, directory: str) -> DemoResult:
        """Bring all tiers of the shop in ``directory`` up side by side and ask each who it is."""
        began = self._clock.monotonic()
        results = self._up()(UpRequest(directory=directory, names=NAMES, timeout=600.0))
        checked = tuple(self._checked(result) for result in results)
        return DemoResult(
            directory=directory,
            environments=checked,
            seconds=self._clock.monotonic() - began,
            changed=any(result.plan.changes for result in results),
        )

    def down(self, project: str, *, actor: str) -> list[LifecycleResult]:
        """Destroy every environment of the demo's project; the guards are satisfied, since it is the demo."""
        observed = self._engine.observe(project, details=False)
        seen = {summary.id.name for summary in summarise(observed)}
        known = {record.id.name for record in self._ledger.records() if record.id.project == project}
        found = [EnvironmentId(project=project, name=name) for name in sorted(seen | known)]
        results = self._lifecycle()("destroy", found) if found else []
        for environment in found:
            self._record(environment, actor)
        return results

    def _record(self, environment: EnvironmentId, actor: str) -> None:
        at = self._clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        self._ledger.audit(
            AuditEntry(
                at=at,
                actor=actor,
                command="destroy",
                environment=environment.compose_project,
                reason="demo --down",
                outcome="done",
            )
        )

    def _checked(self, result: UpResult) -> DemoEnvironment:
        exposure = next((each for each in result.exposures if each.get("primary") and each.get("url")), None)
        if exposure is None:
            return DemoEnvironment(id=result.id, url="", wrong="nothing of it answers at a URL")
        url = str(exposure["url"])
        host = url.removeprefix("https://").partition("/")[0].partition(":")[0]
        told = self._asked(host)
        if told is None:
            return DemoEnvironment(id=result.id, url=url, wrong="no trusted answer over HTTPS")
        found = DemoEnvironment(
            id=result.id,
            url=url,
            tier=str(told.get("tier")),
            data_class=str(told.get("data_class")),
            data_profile=str(told.get("data_profile")),
            counts={name: count for name, count in (told.get("counts") or {}).items() if isinstance(count, int)},
        )
        return replace(found, wrong=self._wrong(found, str(told.get("environment")), host))

    def _asked(self, host: str) -> dict[str, Any] | None:
        """What the page says of itself; asked again for a moment, as a browser's user would."""
        end = self._clock.monotonic() + _PATIENCE
        while True:
            answer = self._ask(host, _ABOUT)
            if answer is not None and answer[0] == _OK:
                return _document(answer[1])
            if self._clock.monotonic() >= end:
                return None
            self._clock.pause(_PAUSE)

    def _wrong(self, found: DemoEnvironment, environment: str, host: str) -> str | None:
        name = found.id.name
        if (found.tier, environment) != (name, name):
            return f"it says that it is {environment} ({found.tier})"
        page = self._ask(host, "/")
        if page is None or page[0] != _OK or name.encode() not in page[1].lower():
            return "its front page does not name its tier"
        return None


def _document(body: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(body)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def rows_told(counts: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    """Counts of rows by table, without amounts of money."""
    return [(name, count) for name, count in sorted(counts.items()) if not name.endswith("_cents")]
