"""What ``localenv init`` makes of a Compose file: what it infers, from what, and the commented file that says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from localenv.core.data.engines import DataEngine, data_engine
from localenv.core.rewrite.model import mapping, services
from localenv.core.wanted import Exposure, Model
from localenv.values import dataclass

__all__ = ["Inference", "Inferred", "infer", "settings_text"]

_COLUMN = 34
_CHECK_NAMES = ("smoke", "e2e", "check", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """One thing that was concluded, and from what."""

    what: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inferred:
    """What a model says about how it is used."""

    project: str
    project_source: str
    exposures: tuple[Exposure, ...] = ()
    """The first of each service: the one that ``expose`` speaks of."""
    engines: tuple[tuple[str, DataEngine], ...] = ()
    one_shots: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    """Services that look like tests."""

    @property
    def conclusions(self) -> tuple[Inference, ...]:
        """Everything inferred, in the order of the file."""
        return (
            Inference(what=f"project {self.project}", source=self.project_source),
            *(Inference(what=_exposure_words(each), source=_exposure_source(each)) for each in self.exposures),
            *(Inference(what=f"{name} holds data ({engine})", source="its image") for name, engine in self.engines),
            *(Inference(what=f"{name} runs to its end", source="service_completed_successfully") for name in self.one_shots),
            *(Inference(what=f"{name} may be a check", source="its name") for name in self.checks),
        )


def infer(model: Model, exposures: Sequence[Exposure], *, project: str, project_source: str) -> Inferred:
    """Read a resolved model. ``exposures``: what rewriting makes of its ports, the main one of each service first."""
    first: dict[str, Exposure] = {}
    for exposure in sorted(exposures, key=lambda each: (each.protocol not in {"http", "https"}, not each.primary)):
        first.setdefault(exposure.service, exposure)
    one_shots = tuple(sorted(_one_shots(model)))
    found = [(name, data_engine(str(service.get("image", "")), None)) for name, service in services(model)]
    return Inferred(
        project=project,
        project_source=project_source,
        exposures=tuple(first.values()),
        engines=tuple((name, engine) for name, engine in found if engine is not None),
        one_shots=one_shots,
        checks=tuple(name for name, _ in services(model) if name not in one_shots and _looks_like_check(name)),
    )


def settings_text(inferred: Inferred, *, compose_file: str, tiers: Sequence[str]) -> str:
    """localenv.yaml as text, every line explained; what is not certain is a comment."""
    return (
        "\n".join([*_head(inferred, compose_file), *_expose(inferred), *_data(inferred), *_tiers(tiers), *_checks(inferred)])
        + "\n"
    )


def _head(inferred: Inferred, compose_file: str) -> Iterator[str]:
    yield f"# What localenv knows of this project beyond {_line(compose_file)}. Written by: localenv init"
    yield "# Every key may be left out: without this file localenv infers the same each time."
    yield "# All keys, for editors: localenv config schema. What counts in the end: localenv config show"
    yield ""
    yield _commented(f"project: {inferred.project}", f"from {inferred.project_source}")
    yield ""


def _expose(inferred: Inferred) -> Iterator[str]:
    yield "# How services are reached: http and https by name through the router, anything else on a port of 127.0.0.1."
    if not inferred.exposures:
        yield "# No service publishes a port; one that should be reached is named like this:"
        yield "# expose:"
        yield "#   web: {port: 8000, primary: true}"
    else:
        yield "expose:"
        entries = [
            f"  {each.service}: {{{', '.join(f'{key}: {value}' for key, value in _entry(each).items())}}}"
            for each in inferred.exposures
        ]
        width = max(map(len, entries))
        for exposure, entry in zip(inferred.exposures, entries, strict=True):
            yield _commented(f"{entry:<{width}}", f"from {_exposure_source(exposure)}")
    yield ""


def _data(inferred: Inferred) -> Iterator[str]:
    yield "# What a new environment's volumes hold: a profile of profiles/data/, or empty, which ships with localenv."
    yield "# data: small"
    if inferred.engines:
        names = ", ".join(f"{name} ({engine})" for name, engine in inferred.engines)
        yield f"# Data services here: {names}. profiles/data/small.yaml could be:"
        yield "#   profile: small"
        yield "#   classification: synthetic"
        yield "#   services:"
        yield from (f"#     {name}: {{files: [fixtures/{name}.{_ending(engine)}]}}" for name, engine in inferred.engines)
    yield ""


def _tiers(tiers: Sequence[str]) -> Iterator[str]:
    yield f"# Tiers: {', '.join(tiers)}. What is to differ from `localenv tiers` stands here; null drops a tier."
    yield "# tiers:"
    yield "#   production: {replicas: {web: 3}, data: {profile: large}}"
    yield ""


def _checks(inferred: Inferred) -> Iterator[str]:
    yield "# Checks of an environment, used as gates; exit code 0 passes."
    yield "# checks:"
    for name in inferred.checks or ("tests",):
        yield f"#   {name}: {{service: {name}}}"


def _entry(exposure: Exposure) -> dict[str, Any]:
    entry: dict[str, Any] = {"port": exposure.port}
    if exposure.protocol != "http":
        entry["protocol"] = exposure.protocol
    if exposure.primary:
        entry["primary"] = "true"
    return entry


def _exposure_words(exposure: Exposure) -> str:
    face = ", the project's face" if exposure.primary else ""
    return f"{exposure.service} speaks {exposure.protocol} on {exposure.port}{face}"


def _exposure_source(exposure: Exposure) -> str:
    return f"ports of {exposure.service}"


def _ending(engine: DataEngine) -> str:
    return "redis" if engine == "redis" else "sql"


def _one_shots(model: Model) -> set[str]:
    return {
        other
        for _, service in services(model)
        for other, condition in mapping(service, "depends_on").items()
        if isinstance(condition, Mapping) and condition.get("condition") == "service_completed_successfully"
    }


def _looks_like_check(name: str) -> bool:
    words = name.lower().replace("_", "-").replace(".", "-").split("-")
    return any(word.removesuffix("s") in _CHECK_NAMES for word in words)


def _commented(text: str, comment: str) -> str:
    return f"{text:<{_COLUMN}}  # {_line(comment)}"


def _line(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
