"""Argument lists of the Compose plugin. ``program`` is ``("docker", "compose")`` or the plugin's own path.

Every option is one word with its value, so that no file, project or service name is taken for an option.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["build", "config", "create", "hand_over", "version"]

_NO_ENV_FILE = "--env-file=/dev/null"
"""Without it Compose reads ``.env`` of the project's directory by itself."""


def version(program: Sequence[str]) -> tuple[str, ...]:
    """Print the version alone."""
    return (*program, "version", "--short")


def config(
    program: Sequence[str],
    *,
    directory: str,
    project_name: str,
    files: Sequence[str],
    env_files: Sequence[str] = (),
    profiles: Sequence[str] = (),
) -> tuple[str, ...]:
    """Print the resolved model as JSON. The env files are those given and no others, the last one wins."""
    return (
        *program,
        "--ansi=never",
        f"--project-directory={directory}",
        f"--project-name={project_name}",
        *(f"--file={file}" for file in files),
        *((f"--env-file={file}" for file in env_files) if env_files else (_NO_ENV_FILE,)),
        *(f"--profile={profile}" for profile in profiles),
        "config",
        "--format=json",
    )


def create(
    program: Sequence[str],
    *,
    directory: str,
    project_name: str,
    file: str,
    scale: Mapping[str, int],
    no_recreate: bool = True,
) -> tuple[str, ...]:
    """Create what is missing of the whole file; images are there already and nothing is built or pulled."""
    return (
        *_rendered(program, directory, project_name, file),
        "create",
        "--no-build",
        "--pull=never",
        *(("--no-recreate",) if no_recreate else ()),
        *(f"--scale={service}={count}" for service, count in sorted(scale.items())),
    )


def build(program: Sequence[str], *, directory: str, project_name: str, file: str, services: Sequence[str]) -> tuple[str, ...]:
    """Build some services' images, telling each line as it comes."""
    return (*_rendered(program, directory, project_name, file), "build", "--", *services)


def hand_over(
    program: Sequence[str], *, directory: str, project_name: str, file: str, arguments: Sequence[str]
) -> tuple[str, ...]:
    """A command for a person's terminal, such as ``logs --follow`` or ``watch``."""
    return (
        *program,
        f"--project-directory={directory}",
        f"--project-name={project_name}",
        f"--file={file}",
        _NO_ENV_FILE,
        *arguments,
    )


def _rendered(program: Sequence[str], directory: str, project_name: str, file: str) -> tuple[str, ...]:
    return (
        *program,
        "--ansi=never",
        "--progress=plain",
        f"--project-directory={directory}",
        f"--project-name={project_name}",
        f"--file={file}",
        _NO_ENV_FILE,
    )
