"""What ``doctor`` looks at beside the engine: programs that localenv starts, images, trust in its certificates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from localenv.actions.doctor import Finding
from localenv.actions.snapshots import Snapshots
from localenv.core.images import parse_reference
from localenv.core.plan.digest import megabytes
from localenv.errors import LocalenvError
from localenv.ports.certificates import Authority, Certificates, StoreReport, TrustStores
from localenv.ports.images import Registries
from localenv.ports.process import Processes
from localenv.ports.state import Ledger
from localenv.ports.volumes import VolumeStore

__all__ = ["look_at_audit", "look_at_data", "look_at_images", "look_at_programs", "look_at_trust"]

_VERSION = re.compile(r"\d+(?:\.\d+)+")
_SECONDS = 20.0
_HUB = "docker.io/library/busybox:latest"

_PROGRAMS: Sequence[tuple[str, tuple[str, ...], str, str]] = (
    ("docker", ("docker", "--version"), "exec, run and pulls start it", "install the docker command line"),
    ("buildx", ("docker", "buildx", "version"), "Compose builds images with it", "install the buildx plugin of docker"),
    ("git", ("git", "--version"), "branches and commits are read with it", "install git"),
)


def look_at_data(snapshots: Snapshots, layers: VolumeStore) -> Iterator[Finding]:
    """How clones are made here, what frozen data takes, what of it can go."""
    if not layers.exists():
        yield Finding(subject="data", state="ok", text="nothing is frozen yet; the first environment with a database begins")
        return
    listed = snapshots.listed()
    free = snapshots.garbage().size
    text = f"{layers.method} clones, {_counted(len(listed.snapshots))}, {megabytes(layers.used())}"
    if listed.damaged:
        names = ", ".join(listed.damaged)
        yield Finding(
            subject="data", state="mend", text=f"{text}; manifests that cannot be used: {names}", fix="localenv snapshot ls"
        )
    elif free:
        yield Finding(subject="data", state="ok", text=f"{text}, {megabytes(free)} can go: localenv gc")
    else:
        yield Finding(subject="data", state="ok", text=text)


def look_at_audit(ledger: Ledger) -> Iterator[Finding]:
    """Whether the audit log is as it was written."""
    broken = ledger.audit_break()
    if broken is not None:
        text = f"line {broken} of the audit log was changed or is missing: it cannot be trusted from there on"
        yield Finding(subject="audit", state="mend", text=text, fix="localenv history --audit")
        return
    newest = next(iter(ledger.audit_entries(limit=1)), None)
    text = f"{newest.number} lines, unbroken, the last {newest.hash[:12]}" if newest else "nothing was written yet"
    yield Finding(subject="audit", state="ok", text=text)


def look_at_programs(processes: Processes) -> Iterator[Finding]:
    """One line for those that are there, one for each that is not."""
    there = []
    for name, argv, purpose, fix in _PROGRAMS:
        version = _version(processes, argv)
        if version is None:
            state = "mend" if name == "docker" else "look"
            yield Finding(subject="programs", state=state, text=f"{name} is not there: {purpose}", fix=fix)  # type: ignore[arg-type] # one of the two words
        else:
            there.append(f"{name} {version}")
    if there:
        yield Finding(subject="programs", state="ok", text=", ".join(there))


def look_at_images(registries: Registries, *, can_bootstrap: bool) -> Iterator[Finding]:
    """Whether images can be pulled; where not, whether stand-ins can be made here."""
    if registries.reachable(parse_reference(_HUB)):
        yield Finding(subject="images", state="ok", text="Docker Hub answers the engine")
    elif can_bootstrap:
        yield Finding(subject="images", state="ok", text="no registry answers the engine: recipes stand in for what is missing")
    else:
        yield Finding(
            subject="images",
            state="look",
            text="no registry answers the engine, and stand-ins cannot be made: there is no mmdebstrap",
            fix="scripts/bootstrap --recipes, or docker load",
        )


def look_at_trust(certificates: Certificates, stores: TrustStores) -> Iterator[Finding]:
    """Whether the system and each browser here trust each authority."""
    authorities = certificates.authorities()
    if not authorities:
        yield Finding(subject="trust", state="ok", text="no certificates yet: they come with the first environment")
    for authority in authorities:
        yield from _trusted(authority, stores.look(authority))


def _trusted(authority: Authority, reports: Sequence[StoreReport]) -> Iterator[Finding]:
    name = f"the authority for *.{authority.domain}"
    if trusting := [report.store for report in reports if report.state in {"trusted", "added"}]:
        yield Finding(subject="trust", state="ok", text=f"{name} is trusted by {', '.join(dict.fromkeys(trusting))}")
    seen: set[tuple[str, str]] = set()
    for report in reports:
        fix = report.hint or "localenv ca install"
        if report.state in {"absent", "failed"} and (report.store, fix) not in seen:
            seen.add((report.store, fix))
            why = f" ({report.detail})" if report.state == "failed" and report.detail else ""
            yield Finding(subject="trust", state="look", text=f"{name} is not trusted by {report.store}{why}", fix=fix)


def _version(processes: Processes, argv: Sequence[str]) -> str | None:
    try:
        done = processes.run(argv, timeout=_SECONDS)
    except LocalenvError:
        return None
    found = _VERSION.search(done.stdout.decode("utf-8", "replace"))
    return (found[0] if found else "") if done.exit_code == 0 else None


def _counted(snapshots: int) -> str:
    return "1 snapshot" if snapshots == 1 else f"{snapshots} snapshots"
