"""Argument lists of what makes images."""

from __future__ import annotations

from localenv.core.argv import images as argv
from localenv.core.images import Bootstrap, Wheel, WheelPlatform

WHEEL = Wheel(
    package="tool-bin",
    version="1.2",
    member="scripts/tool",
    platforms={"arm64": WheelPlatform(tag="manylinux2014_aarch64", sha256="ab")},
)


def test_a_build_names_everything_before_the_directory() -> None:
    assert argv.build("/r", tags=["a:1", "b:1"], labels={"k": "v w"}, arguments={"BASE": "base:1"}, cached=False) == (
        "docker",
        "build",
        "--progress=plain",
        "--provenance=false",
        "--no-cache",
        "--tag=a:1",
        "--tag=b:1",
        "--label=k=v w",
        "--build-arg=BASE=base:1",
        "--",
        "/r",
    )


def test_names_stand_behind_two_dashes() -> None:
    assert argv.pull("redis:7")[-2:] == ("--", "redis:7")
    assert argv.tag("a", "b") == ("docker", "tag", "--", "a", "b")


def test_a_base_is_made_from_the_given_sources_or_the_defaults() -> None:
    base = Bootstrap(suite="bookworm", variant="minbase")
    assert argv.bootstrap(base, "/o.tar", "/s.list")[-3:] == ("bookworm", "/o.tar", "/s.list")
    assert argv.bootstrap(base, "/o.tar", None)[-2:] == ("bookworm", "/o.tar")


def test_an_imported_base_carries_its_labels() -> None:
    arguments = argv.import_archive("/o.tar", "base:1", {"localenv.stands-in": "Debian 12 (bookworm)"})
    assert '--change=LABEL localenv.stands-in="Debian 12 (bookworm)"' in arguments


def test_a_wheel_is_pinned_by_version_and_hash_for_the_engines_platform() -> None:
    assert argv.requirement(WHEEL, "arm64") == "tool-bin==1.2 --hash=sha256:ab\n"
    arguments = argv.download_wheel("python", WHEEL, "arm64", requirements="/r.txt", directory="/d")
    assert "--platform=manylinux2014_aarch64" in arguments
    assert "--require-hashes" in arguments
