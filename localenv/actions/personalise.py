"""Fitting cloned data to its environment: statements of the data profile, run before anybody sees it."""

from __future__ import annotations

import io
from collections.abc import Sequence

from localenv.actions.client_variables import client_variables
from localenv.core.data.clients import client_error, script_call
from localenv.core.data.engines import DataEngine
from localenv.core.data.redis_commands import first_error
from localenv.core.plan.data_steps import Statement
from localenv.errors import LocalenvError
from localenv.ports.engine import Engine
from localenv.values import dataclass

__all__ = ["Personalisation", "PersonaliseData", "PersonaliseFailed"]

_SHOWN = 200
_AROUND = {
    "postgresql": ("begin", "commit"),
    "mariadb": ("start transaction", "commit"),
    "mysql": ("start transaction", "commit"),
}


class PersonaliseFailed(LocalenvError):
    """A statement of ``personalise`` failed."""

    code = "personalise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Personalisation:
    """Statements for one running service."""

    service: str
    container: str
    engine: DataEngine
    statements: Sequence[Statement]


class PersonaliseData:
    """Runs all statements of a service in one transaction, where the engine has those."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self, request: Personalisation) -> None:
        """Raises ``PersonaliseFailed`` with the statement's place and what the engine said."""
        variables = client_variables(self._engine, request.container)
        call = script_call(request.engine, variables)
        text, starts = _script(request)
        result = self._engine.execute(request.container, call.argv, stdin=io.BytesIO(text.encode()), environment=call.environment)
        output = (result.stderr + b"\n" + result.stdout).decode("utf-8", "replace")
        refused = first_error(output) if request.engine == "redis" else None
        if result.exit_code == 0 and refused is None:
            return
        failure = refused or client_error(request.engine, output)
        index = max((at for at, start in enumerate(starts) if failure.line is not None and start <= failure.line), default=0)
        raise PersonaliseFailed(
            f"{request.service} could not be personalised: {failure.message}",
            where=request.statements[index].where,
            details=(f"statement: {' '.join(request.statements[index].text.split())[:_SHOWN]}",),
            hints=("mend the statement and run the same command again: it runs before anything is served",),
        )


def _script(request: Personalisation) -> tuple[str, list[int]]:
    """The script, and the line on which each statement begins."""
    begin, end = _AROUND.get(request.engine, ("", ""))
    stop = "" if request.engine == "redis" else ";"
    lines = [f"{begin}{stop}"] if begin else []
    starts = []
    for statement in request.statements:
        starts.append(len(lines) + 1)
        lines += f"{statement.text.strip().rstrip(';')}{stop}".splitlines()
    return "\n".join([*lines, *([f"{end}{stop}"] if end else [])]) + "\n", starts
