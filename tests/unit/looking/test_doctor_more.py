"""What doctor says of programs, registries and trust."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from localenv.actions.doctor import Finding
from localenv.actions.doctor_more import look_at_images, look_at_programs, look_at_trust
from localenv.core.images import Reference
from localenv.errors import Unavailable
from localenv.ports.certificates import Authority, StoreReport
from localenv.ports.process import Completed

AUTHORITY = Authority(domain="localhost", path="/ca.crt", fingerprint="ab", serial="1", expires="2036-01-01T00:00:00Z")


class Programs:
    """Runs what it was told to have."""

    def __init__(self, versions: Mapping[tuple[str, ...], str]) -> None:
        self._versions = versions

    def run(self, argv: Sequence[str], **_: Any) -> Completed:
        if tuple(argv) not in self._versions:
            raise Unavailable("is not installed")
        return Completed(exit_code=0, stdout=self._versions[tuple(argv)].encode(), stderr=b"")

    def attach(self, argv: Sequence[str], **_: Any) -> int:
        raise AssertionError(argv)


class Hub:
    """A registry that answers, or does not."""

    def __init__(self, *, answers: bool) -> None:
        self._answers = answers

    def reachable(self, reference: Reference) -> bool:
        return reference.registry == "docker.io" and self._answers


class Kept:
    """Certificates of one domain, or none."""

    def __init__(self, *authorities: Authority) -> None:
        self._authorities = authorities

    def authorities(self) -> Sequence[Authority]:
        return self._authorities


class Stores:
    """Trust stores that report what they were given."""

    def __init__(self, *reports: StoreReport) -> None:
        self._reports = reports

    def look(self, authority: Authority) -> Sequence[StoreReport]:
        assert authority is AUTHORITY
        return self._reports

    def install(self, authority: Authority) -> Sequence[StoreReport]:
        raise AssertionError(authority)


def told(findings: Sequence[Finding]) -> list[tuple[str, str | None]]:
    return [(finding.state, finding.fix) for finding in findings]


def test_programs_that_are_there_are_one_line() -> None:
    versions = {
        ("docker", "--version"): "Docker version 28.2.2, build x",
        ("docker", "buildx", "version"): "github.com/docker/buildx v0.13.1 abc",
        ("git", "--version"): "git version 2.39.5",
    }
    (found,) = look_at_programs(Programs(versions))
    assert (found.state, found.text) == ("ok", "docker 28.2.2, buildx 0.13.1, git 2.39.5")


def test_a_missing_client_is_to_mend_and_others_to_look_at() -> None:
    assert told(list(look_at_programs(Programs({})))) == [
        ("mend", "install the docker command line"),
        ("look", "install the buildx plugin of docker"),
        ("look", "install git"),
    ]


def test_without_a_registry_stand_ins_are_needed() -> None:
    assert told(list(look_at_images(Hub(answers=True), can_bootstrap=False))) == [("ok", None)]
    assert told(list(look_at_images(Hub(answers=False), can_bootstrap=True))) == [("ok", None)]
    (found,) = look_at_images(Hub(answers=False), can_bootstrap=False)
    assert found.state == "look"
    assert "scripts/bootstrap --recipes" in str(found.fix)


def test_trust_is_told_store_by_store() -> None:
    reports = (
        StoreReport(store="system", state="trusted"),
        StoreReport(store="firefox", state="absent", detail="/home/a/1", hint="localenv ca install"),
        StoreReport(store="firefox", state="absent", detail="/home/a/2", hint="localenv ca install"),
    )
    found = list(look_at_trust(Kept(AUTHORITY), Stores(*reports)))  # type: ignore[arg-type] # what it asks for, no more
    assert told(found) == [("ok", None), ("look", "localenv ca install")]
    assert "firefox" in found[1].text


def test_before_the_first_environment_there_is_nothing_to_trust() -> None:
    assert told(list(look_at_trust(Kept(), Stores()))) == [("ok", None)]  # type: ignore[arg-type] # as above
