"""Data profiles of a project: found, decoded, held against the tier's rule on classes, their files located."""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from localenv.actions.configuration import Loaded
from localenv.actions.refused_data import DataRefused, data_refused
from localenv.core.configuration.data_profile import DataProfile, decode_data_profile
from localenv.core.configuration.problems import Problem, nearest, raise_problems
from localenv.core.configuration.templates import render_template
from localenv.core.configuration.tier import Classification, TierProfile
from localenv.core.data.engines import data_engine
from localenv.core.documents import Document, Path, dotted
from localenv.core.paths import inside
from localenv.core.plan import DataFacts
from localenv.core.plan.data_steps import Statement
from localenv.core.rewrite import RewriteContext
from localenv.core.rewrite.environment import template_values
from localenv.core.wanted import ServiceWanted, Wanted
from localenv.errors import InvalidInput, LocalenvError
from localenv.ports.files import ProjectFiles
from localenv.values import dataclass

if TYPE_CHECKING:
    from localenv.core.generate.request import Generation

__all__ = ["DataProfiles", "LoadedProfile"]

_LIMIT = 1024 * 1024
_SHIPPED = " (shipped)"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedProfile:
    """A decoded data profile and where its relative paths start."""

    profile: DataProfile
    document: Document
    directory: str
    scale: float = 1.0
    """Multiplies the rows that it generates."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.profile.profile

    @property
    def label(self) -> str:
        """Its name, with the scale where that is not 1: what a baseline made of it is called."""
        return self.name if self.scale == 1 else f"{self.name}-x{self.scale:g}"

    @property
    def generates(self) -> bool:
        """Whether it makes rows, which a scale multiplies."""
        return self.profile.infer is not None or any(data.tables for data in self.profile.services.values())

    @property
    def shipped(self) -> bool:
        """Whether it is localenv's own, and not the project's."""
        return self.document.file.endswith(_SHIPPED)

    @property
    def holds_something(self) -> bool:
        """Whether it fills anything."""
        return bool(self.profile.services or self.profile.volumes or self.profile.infer)

    @property
    def classification(self) -> Classification:
        """Class of everything in it."""
        return self.profile.classification

    def facts(self, wanted: Wanted) -> DataFacts:
        """What it fills in this environment. Raises ``InvalidInput`` for a service or volume that is not there."""
        services = {service.name for service in wanted.services}
        volumes = {volume.key: volume.name for volume in wanted.volumes}
        for part, names, known in (
            ("services", self.profile.services, services),
            ("volumes", self.profile.volumes, set(volumes)),
            ("personalise", self.profile.personalise, services),
        ):
            for name in names:
                if name not in known:
                    close = nearest(name, known)
                    raise InvalidInput(
                        f"data profile {self.name} fills {part}.{name}, which the project does not have",
                        where=self.document.where((part, name)),
                        hints=(f"nearest: {close}",) if close else (f"known: {', '.join(sorted(known))}",),
                        code="data-profile",
                    )
        inferred = [service.name for service in wanted.services if self.profile.infer and _has_tables(service)]
        return DataFacts(
            profile=self.name,
            services=tuple(dict.fromkeys((*self.profile.services, *inferred))),
            volumes=tuple(volumes[name] for name in self.profile.volumes),
        )

    def personalise(self, wanted: Wanted, context: RewriteContext) -> Mapping[str, tuple[Statement, ...]]:
        """Its statements by service, for one environment. Raises ``InvalidInput`` at one with an unknown name in it."""
        if not self.profile.personalise:
            return {}
        values = template_values(wanted.exposures, context)
        found: dict[str, tuple[Statement, ...]] = {}
        for service, texts in self.profile.personalise.items():
            places = [self.document.where(("personalise", service, index)) for index in range(len(texts))]
            pairs = zip(texts, places, strict=True)
            found[service] = tuple(Statement(text=render_template(text, values, at), where=at) for text, at in pairs)
        return found

    def generation(self, service: str) -> Generation | None:
        """Rows to generate in a service, ``None`` when there are none to be."""
        data = self.profile.services.get(service)
        if not (data and data.tables) and self.profile.infer is None:
            return None
        from localenv.core.generate.request import Generation

        return Generation(
            tables=data.tables if data else {},
            seed=self.profile.seed,
            locale=self.profile.locale,
            scale=self.scale,
            infer_rows=self.profile.infer.rows if self.profile.infer else None,
            path=("services", service, "tables"),
            locate=self.document.where,
        )


class DataProfiles:
    """Loads a profile by name for a tier."""

    def __init__(self, files: ProjectFiles, parse: Callable[[bytes, str], Document]) -> None:
        self._files = files
        self._parse = parse

    def __call__(self, loaded: Loaded, name: str, tier: TierProfile) -> LoadedProfile:
        """Decode the profile ``name``. Raises ``InvalidInput`` for an unknown one, ``DataRefused`` for its class."""
        path = loaded.profiles.get(name)
        if path is None:
            close = nearest(name, loaded.profiles)
            raise InvalidInput(
                f"there is no data profile {name[:80]!a}",
                details=(f"profiles: {', '.join(sorted(loaded.profiles))}",),
                hints=(f"try: --data {close}",) if close else (f"write profiles/data/{name}.yaml",),
                code="unknown-profile",
            )
        found = self._decoded(loaded, name, path)
        if found.classification not in tier.data.allowed:
            raise _refused(found, tier, loaded, self._taken(loaded, tier))
        self._locate(found)
        return found

    def decoded(self, loaded: Loaded, name: str) -> LoadedProfile:
        """One that is there, whatever tier may use it. Raises ``InvalidInput`` for what is wrong in it."""
        return self._decoded(loaded, name, loaded.profiles[name])

    def _decoded(self, loaded: Loaded, name: str, path: str) -> LoadedProfile:
        own = inside(path, loaded.directory)
        shown = f"profiles/data/{posixpath.basename(path)}{'' if own else _SHIPPED}"
        document = self._parse(self._files.read(path, limit=_LIMIT), shown)
        return LoadedProfile(profile=decode_data_profile(document, name), document=document, directory=loaded.directory)

    def _taken(self, loaded: Loaded, tier: TierProfile) -> list[str]:
        """Names of the profiles that the tier would take, those that hold something first, and of them the project's own."""
        taken: list[LoadedProfile] = []
        for name, path in sorted(loaded.profiles.items()):
            with contextlib.suppress(LocalenvError):
                found = self._decoded(loaded, name, path)
                taken += [found] if found.classification in tier.data.allowed else []
        return [found.name for found in sorted(taken, key=lambda each: (not each.holds_something, each.shipped))]

    def _locate(self, found: LoadedProfile) -> None:
        """Every file is there and inside the project, before anything is created; what is not is told together."""
        root = self._files.facts(found.directory).real
        problems = []
        for path, text, kinds in _mentioned(found.profile):
            facts = self._files.facts(posixpath.join(found.directory, text))
            message = None
            if facts.kind == "missing":
                message = f"{text} is not there"
            elif not inside(facts.real, root):
                message = f"{text} leads out of the project"
            elif facts.kind not in kinds:
                message = f"{text} is a {facts.kind}, not a {' or a '.join(kinds)}"
            if message:
                problems.append(Problem(where=found.document.where(path), path=dotted(path), message=message))
        raise_problems(problems, what=found.document.file)


def _has_tables(service: ServiceWanted) -> bool:
    return data_engine(service.image, None) in {"postgresql", "mariadb", "mysql"}


def _mentioned(profile: DataProfile) -> list[tuple[Path, str, tuple[str, ...]]]:
    """Path in the profile, text, and the kinds of file that are fine there."""
    found: list[tuple[Path, str, tuple[str, ...]]] = []
    for name, data in profile.services.items():
        found += [(("services", name, "files", index), text, ("file",)) for index, text in enumerate(data.files)]
    for name, content in profile.volumes.items():
        found += [(("volumes", name, "files"), text, ("file", "directory")) for text in content.sources]
    return found


def _refused(found: LoadedProfile, tier: TierProfile, loaded: Loaded, taken: Sequence[str]) -> DataRefused:
    return data_refused(
        found.classification,
        tier,
        loaded,
        details=[f"data profile {found.name} is {found.classification}   ({found.document.file})"],
        hints=[f"localenv up {tier.tier} --data {name}" for name in taken[:1]],
    )
