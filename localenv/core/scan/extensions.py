"""``x-localenv`` on services: read from the files, because ``docker compose config --format json`` leaves it out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from localenv.core.scan.places import Places
from localenv.core.wanted import Model

__all__ = ["with_extensions"]

_KEY: Final = "x-localenv"


def with_extensions(model: Model, places: Places) -> Model:
    """The resolved model with ``x-localenv`` of each service, as written: variables in it are not replaced.

    Files are merged in Compose's order, key by key, what a service extends before itself; a later one wins.
    """
    services = model.get("services") or {}
    found: dict[str, Any] = {}
    for name, value in _written(places):
        before = found.get(name)
        found[name] = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
    added = {name: {**service, _KEY: found[name]} if name in found else service for name, service in services.items()}
    return {**model, "services": added} if services else model


def _written(places: Places) -> Iterator[tuple[str, Any]]:
    for service, extended in places.extended.items():
        for document, name in reversed(extended):
            yield from ((service, value) for found, value in _of_document(document.value) if found == name)
    for document in places.documents:
        yield from _of_document(document.value)


def _of_document(value: object) -> Iterator[tuple[str, Any]]:
    services = value.get("services") if isinstance(value, dict) else None
    for name, service in services.items() if isinstance(services, dict) else ():
        if isinstance(service, dict) and service.get(_KEY) is not None:
            yield str(name), service[_KEY]
