"""What the ledger keeps of the router between commands."""

from __future__ import annotations

import msgspec

from localenv.core.routes.layout import Layout
from localenv.core.routes.ports import PortWishes
from localenv.core.typed import from_json
from localenv.ports.state import Ledger
from localenv.values import dataclass

__all__ = ["Remembered", "recall", "remember"]

_SETTING = "router"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """The router as it was started last."""

    layout: Layout
    revision: str
    """Of the file that all environments share: what answers when the router is this one."""
    spec: str
    """Hash of everything that the container was made from; its label says the same."""
    shape: str
    """Hash of what this release of localenv gives a router of this layout: another release may give it something else."""
    image: str
    renew: str
    """RFC 3339, UTC: from then on the certificate for unknown names is made anew."""

    subnets: tuple[str | None, str | None] = (None, None)
    """Blocks of its own network and of the bridge for containers: rules name the host's address in them."""

    @property
    def ports(self) -> PortWishes:
        """Its ports, as a preference for the next time."""
        return PortWishes(http=self.layout.http_port, https=self.layout.https_port, postgres=self.layout.postgres_port)


def recall(ledger: Ledger) -> Remembered | None:
    """What was remembered; ``None`` when nothing was, or by another release that wrote it otherwise."""
    text = ledger.setting(_SETTING)
    if text is None:
        return None
    try:
        return from_json(text, Remembered)
    except (msgspec.MsgspecError, ValueError):
        return None


def remember(ledger: Ledger, value: Remembered) -> None:
    """Replace what is remembered."""
    ledger.set_setting(_SETTING, msgspec.json.encode(value).decode())
