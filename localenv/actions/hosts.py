"""``localenv hosts``: names of all environments for what does not resolve them by itself."""

from __future__ import annotations

import json

from localenv.core.hosts_file import hosts_in, merge, render
from localenv.ports.hosts_file import HostsFile
from localenv.ports.state import Ledger
from localenv.values import dataclass

__all__ = ["Hosts", "HostsChange"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostsChange:
    """What ``write`` did, or would do."""

    path: str
    lines: tuple[str, ...]
    changed: bool


class Hosts:
    """Keeps lines between markers of its own; ``keeper`` names the installation in them."""

    def __init__(self, *, ledger: Ledger, file: HostsFile, keeper: str, ipv6: bool) -> None:
        self._ledger = ledger
        self._file = file
        self._keeper = keeper
        self._ipv6 = ipv6

    def lines(self) -> tuple[str, ...]:
        """Lines for every hostname of every environment."""
        hosts = {host for record in self._ledger.records() for host in hosts_in(json.loads(record.exposures))}
        return render(sorted(hosts), ipv6=self._ipv6)

    def write(self, *, dry_run: bool = False) -> HostsChange:
        """Make the hosts file hold exactly these lines between the markers; nothing else in it is touched."""
        before, lines = self._file.read(), self.lines()
        after = merge(before, lines, keeper=self._keeper)
        if after != before and not dry_run:
            self._file.write(after)
        return HostsChange(path=self._file.path, lines=lines, changed=after != before)
