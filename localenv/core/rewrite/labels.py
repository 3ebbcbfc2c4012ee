"""Labels: reserved ones of the file's own are stripped, localenv's are put on services and networks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from localenv.core import labels
from localenv.core.findings import Note
from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.model import Change, Service, each_service, escaped, mapping, with_top, without
from localenv.core.wanted import Rewritten

__all__ = ["object_labels", "rewrite_labels"]

_RESERVED = (labels.PREFIX, "com.docker.compose.")
_ROUTER = "traefik."


def object_labels(context: RewriteContext) -> dict[str, str]:
    """What every object of an environment carries (``created`` and the object's own come where it is made)."""
    return {
        labels.OWNER: context.owner,
        labels.PROJECT: context.id.project,
        labels.ENVIRONMENT: context.id.name,
        labels.TIER: context.tier.tier,
    }


def rewrite_labels(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Strip what localenv, Compose and the router would read as theirs, and add localenv's own."""
    ours = {name: escaped(value) for name, value in object_labels(context).items()}
    directory = {labels.DIRECTORY: escaped(context.checkout or context.directory)}

    def change(name: str, service: Service) -> Change:
        written = _pairs(service.get("labels"))
        one_shot = {labels.ONE_SHOT: "true"} if name in draft.one_shots else {}
        may_end = {labels.MAY_END: "true"} if name in draft.may_end else {}
        kept = {key: value for key, value in written.items() if not _is_reserved(key)}
        changed = {**service, "labels": {**kept, **ours, **directory, **one_shot, **may_end}}
        if "labels" in (build := mapping(service, "build")):
            inner = {key: value for key, value in _pairs(build["labels"]).items() if not _is_reserved(key)}
            changed["build"] = {**without(build, "labels"), **({"labels": inner} if inner else {})}
        return changed, _told(name, written)

    labelled = each_service(draft, change)
    networks = {key: {**value, "labels": dict(ours)} for key, value in mapping(labelled.model, "networks").items()}
    return replace(with_top(labelled, "networks", networks))


def _pairs(raw: object) -> dict[str, Any]:
    if isinstance(raw, Mapping):
        return dict(raw)
    return dict(str(text).partition("=")[::2] for text in raw) if isinstance(raw, Iterable) and not isinstance(raw, str) else {}


def _is_reserved(key: str) -> bool:
    return key.startswith((*_RESERVED, _ROUTER))


def _told(name: str, written: Mapping[str, Any]) -> tuple[Note, ...]:
    notes: list[Note] = []
    if taken := sorted(key for key in written if key.startswith(_RESERVED)):
        notes.append(
            Note(
                code="reserved-labels",
                service=name,
                message=f"labels that are not the file's to set are dropped: {', '.join(taken)}",
            )
        )
    if any(key.startswith(_ROUTER) for key in written):
        notes.append(
            Note(code="traefik-labels", service=name, message="labels for Traefik are dropped: localenv writes the routes")
        )
    return tuple(notes)
