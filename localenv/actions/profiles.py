"""Data profiles of a project: found, decoded, held against the tier's rule on classes, their files located."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from localenv.actions.configuration import Loaded
from localenv.core.configuration.data_profile import DataProfile, decode_data_profile
from localenv.core.configuration.problems import nearest
from localenv.core.configuration.tier import Classification, TierProfile
from localenv.core.documents import Document
from localenv.core.paths import inside
from localenv.core.plan import DataFacts
from localenv.core.wanted import Wanted
from localenv.errors import InvalidInput, LocalenvError
from localenv.ports.files import ProjectFiles

__all__ = ["DataProfiles", "DataRefused", "LoadedProfile"]

_LIMIT = 1024 * 1024


class DataRefused(LocalenvError):
    """A tier does not take data of this class."""

    code = "data-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedProfile:
    """A decoded data profile and where its relative paths start."""

    profile: DataProfile
    document: Document
    directory: str

    @property
    def name(self) -> str:
        """Its name."""
        return self.profile.profile

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
        ):
            for name in names:
                if name not in known:
                    close = nearest(name, known)
                    raise InvalidInput(
                        f"data profile {self.name} fills {part}.{name}, which the project does not have",
                        where=self.document.where((part, name)),
                        hints=(f"did you mean {close}?",) if close else (f"there are: {', '.join(sorted(known))}",),
                        code="data-profile",
                    )
        return DataFacts(
            profile=self.name,
            services=tuple(self.profile.services),
            volumes=tuple(volumes[name] for name in self.profile.volumes),
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
                hints=(f"did you mean {close}?",) if close else (f"write profiles/data/{name}.yaml",),
                code="unknown-profile",
            )
        document = self._parse(self._files.read(path, limit=_LIMIT), f"profiles/data/{posixpath.basename(path)}")
        profile = decode_data_profile(document, name)
        if profile.classification not in tier.data.allowed:
            raise _refused(name, profile.classification, tier, loaded.profiles)
        found = LoadedProfile(profile=profile, document=document, directory=loaded.directory)
        self._locate(found)
        return found

    def _locate(self, found: LoadedProfile) -> None:
        """Every file is there and inside the project, before anything is created."""
        root = self._files.facts(found.directory).real
        for path, text in _mentioned(found.profile):
            facts = self._files.facts(posixpath.join(found.directory, text))
            if facts.kind not in {"file", "directory"}:
                raise InvalidInput(f"{text} is {_told(facts.kind)}", where=found.document.where(path), code="data-file")
            if not inside(facts.real, root):
                raise InvalidInput(f"{text} leads out of the project", where=found.document.where(path), code="outside-project")


def _mentioned(profile: DataProfile) -> list[tuple[tuple[str | int, ...], str]]:
    services = [
        (("services", name, "files", index), text)
        for name, data in profile.services.items()
        for index, text in enumerate(data.files)
    ]
    volumes = [(("volumes", name, "files"), text) for name, data in profile.volumes.items() for text in data.sources]
    return [*services, *volumes]


def _told(kind: str) -> str:
    return "not there" if kind == "missing" else f"a {kind}, not a file or a folder"


def _refused(name: str, classification: str, tier: TierProfile, profiles: Mapping[str, str]) -> DataRefused:
    others = ", ".join(sorted(other for other in profiles if other != name))
    return DataRefused(
        f"{tier.tier} cannot use data classified {classification}",
        details=(f"data profile {name} is {classification}", f"tier {tier.tier} allows: {', '.join(tier.data.allowed)}"),
        hints=(f"localenv up {tier.tier} --data PROFILE   (there are: {others})",) if others else (),
    )
