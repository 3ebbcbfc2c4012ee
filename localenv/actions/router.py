"""``localenv router``: the router by itself, apart from any environment."""

from __future__ import annotations

from localenv.ports.router import Router, RouterStatus

__all__ = ["ManageRouter"]


class ManageRouter:
    """Starts, stops and looks at the router."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def up(
        self, *, mode: str = "auto", inside: bool = False, ports: tuple[int | None, int | None] = (None, None)
    ) -> RouterStatus:
        """Make it run. One wished port of the pair leaves the other as it was."""
        if ports == (None, None):
            return self._router.ensure(mode=mode, inside=inside)
        before = self._router.status()
        wanted = (ports[0] or before.http_port, ports[1] or before.https_port)
        return self._router.ensure(mode=mode, inside=inside, ports=wanted)

    def down(self, *, dry_run: bool = False) -> RouterStatus:
        """Stop it; return how it was. Environments keep running and answer again after the next start."""
        before = self._router.status()
        if not dry_run:
            self._router.stop()
        return before

    def status(self) -> RouterStatus:
        """How it is."""
        return self._router.status()

    def logs(self, tail: int) -> tuple[str, ...]:
        """Its last lines."""
        return self._router.logs(tail)
