"""Class of what is in a project's volumes before a data profile fills them: said in localenv.yaml, or by the volume itself."""

from __future__ import annotations

from collections.abc import Mapping

from localenv.core import labels
from localenv.core.configuration.settings import Settings
from localenv.core.configuration.tier import Classification
from localenv.core.rewrite.model import items, mapping, services, unescaped
from localenv.core.snapshots.model import highest_class
from localenv.core.wanted import Model

__all__ = ["class_of_labels", "mounted_volumes", "taken_over", "told_classes"]


def mounted_volumes(model: Model) -> dict[str, str]:
    """Name on the engine, as the Compose file gives it, by key: of every volume that a service mounts by name."""
    top = mapping(model, "volumes")
    used = {
        str(mount["source"])
        for _, service in services(model)
        for mount in items(service, "volumes")
        if mount.get("type") == "volume" and mount.get("source")
    }
    return {key: _name(key, mapping(top, key)) for key in sorted(used)}


def taken_over(model: Model, settings: Settings) -> frozenset[str]:
    """Names on the engine of the external volumes that are copied or shared, as localenv.yaml says."""
    return frozenset(
        _name(key, volume)
        for key, said in settings.volumes.items()
        if said.external and (volume := mapping(mapping(model, "volumes"), key)).get("external")
    )


def told_classes(model: Model, settings: Settings, external: Mapping[str, Classification]) -> dict[str, Classification]:
    """The highest that is told of each volume, by key. Keys with one fixed name are one volume.

    ``external`` has classes by name on the engine. Volumes of which nothing is told are left out.
    """
    names = {key: _name(key, mapping(mapping(model, "volumes"), key)) for key in mapping(model, "volumes")}
    told: dict[str, list[Classification]] = {name: [external[name]] for name in names.values() if name in external}
    for key, said in settings.volumes.items():
        if said.classification is not None and key in names:
            told.setdefault(names[key], []).append(said.classification)
    return {key: highest_class(told[name]) for key, name in names.items() if name in told}


def class_of_labels(found: Mapping[str, str]) -> Classification | None:
    """What a volume's labels say of its content; localenv's own volume holds the snapshots of all environments."""
    if labels.CLASSIFICATION not in found:
        return "real" if labels.ROLE in found else None
    return highest_class((found[labels.CLASSIFICATION],))


def _name(key: str, volume: Mapping[str, object]) -> str:
    return unescaped(str(volume.get("name") or key))
