"""Argument lists of the programs that make and move images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from localenv.core.images import Bootstrap, Wheel

__all__ = ["bootstrap", "build", "download_wheel", "hold", "import_archive", "load", "pull", "requirement", "tag", "untag"]

_LEFT_OUT = ("/usr/share/doc/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/man/*")
_MERGED_USR_HOOKS = "/usr/share/mmdebstrap/hooks/merged-usr"
"""With these and ``usr-is-merged`` the base needs no Perl: 76 MB instead of 125."""


def pull(reference: str) -> tuple[str, ...]:
    return ("docker", "pull", "--quiet", "--", reference)


def tag(image: str, reference: str) -> tuple[str, ...]:
    return ("docker", "tag", "--", image, reference)


def untag(reference: str) -> tuple[str, ...]:
    """Forced, so that a container made from the image does not keep the name."""
    return ("docker", "image", "rm", "--force", "--no-prune", "--", reference)


def hold(name: str, reference: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    """A container that is never started: it keeps the image."""
    marks = (f"--label={key}={value}" for key, value in sorted(labels.items()))
    return ("docker", "create", f"--name={name}", "--network=none", "--entrypoint=/kept", *marks, "--", reference)


def remove(reference: str) -> tuple[str, ...]:
    """Take a tag away, and the image when nothing else has it. Refused while a container was made from it."""
    return ("docker", "image", "rm", "--", reference)


def load(archive: str) -> tuple[str, ...]:
    return ("docker", "load", f"--input={archive}")


def build(
    directory: str, *, tags: Sequence[str], labels: Mapping[str, str], arguments: Mapping[str, str], cached: bool = True
) -> tuple[str, ...]:
    """``docker build`` that asks no registry for what the engine has, and leaves no attestations behind."""
    return (
        *("docker", "build", "--progress=plain", "--provenance=false"),
        *(() if cached else ("--no-cache",)),
        *(f"--tag={name}" for name in tags),
        *(f"--label={key}={value}" for key, value in sorted(labels.items())),
        *(f"--build-arg={key}={value}" for key, value in sorted(arguments.items())),
        *("--", directory),
    )


def import_archive(archive: str, reference: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    """``docker import`` of a root file system. Label values must hold no quotes."""
    changes = ("CMD bash", *(f'LABEL {key}="{value}"' for key, value in sorted(labels.items())))
    return ("docker", "import", *(f"--change={change}" for change in changes), "--", archive, reference)


def bootstrap(base: Bootstrap, archive: str, sources: str | None) -> tuple[str, ...]:
    """``mmdebstrap`` of a small base; ``sources`` is a file of apt entries, ``None`` for Debian's default ones."""
    return (
        *("mmdebstrap", "--quiet", f"--variant={base.variant}", f"--hook-dir={_MERGED_USR_HOOKS}", "--include=usr-is-merged"),
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT),
        '--aptopt=Acquire::Languages "none"',
        *(base.suite, archive),
        *((sources,) if sources else ()),
    )


def requirement(wheel: Wheel, architecture: str) -> str:
    """The line of a requirements file that pins a wheel by version and hash."""
    return f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.platforms[architecture].sha256}\n"


def download_wheel(python: str, wheel: Wheel, architecture: str, *, requirements: str, directory: str) -> tuple[str, ...]:
    """``pip download`` for the engine's platform, which need not be this machine's."""
    return (
        *(python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"),
        *(f"--platform={wheel.platforms[architecture].tag}", "--require-hashes", f"--requirement={requirements}"),
        f"--dest={directory}",
    )
