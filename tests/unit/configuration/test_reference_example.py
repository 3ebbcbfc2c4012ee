"""The annotated example has every key of the format and no other, so that neither goes stale."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import inspect as kinds

from localenv.actions.configuration_schema import SCHEMA_KINDS, ConfigurationSchema, field_descriptions
from localenv.adapters.shipped import shipped_root
from localenv.adapters.yaml_files import load_document
from localenv.core.configuration.data_profile import DataProfile
from localenv.core.configuration.effective import Layers, effective
from localenv.core.configuration.settings import Settings
from localenv.core.configuration.tier import TierProfile

ROOT = Path(__file__).parents[3]
EXAMPLE = load_document((ROOT / "docs/examples/localenv.yaml").read_bytes(), "docs/examples/localenv.yaml")


def keys_of(kind: kinds.Type, path: str = "") -> Iterator[str]:
    """Every key of a format: ``tiers.*.data.allowed``; ``*`` for names that people choose."""
    match kind:
        case kinds.Metadata():
            yield from keys_of(kind.type, path)
        case kinds.UnionType():
            for each in kind.types:
                yield from keys_of(each, path)
        case kinds.StructType():
            for field in kind.fields:
                yield f"{path}.{field.encode_name}"
                yield from keys_of(field.type, f"{path}.{field.encode_name}")
        case kinds.DictType():
            yield from keys_of(kind.value_type, f"{path}.*")
        case kinds.VarTupleType():
            yield from keys_of(kind.item_type, f"{path}.*")


def keys_in(value: Any, kind: kinds.Type, path: str = "") -> Iterator[str]:
    """Every key that ``value`` has, in the same words."""
    for step, inner, inner_kind in steps(value, kind):
        if step not in {"", "*"}:
            yield f"{path}.{step}"
        yield from keys_in(inner, inner_kind, f"{path}.{step}" if step else path)


def steps(value: Any, kind: kinds.Type) -> list[tuple[str, Any, kinds.Type]]:
    match kind:
        case kinds.Metadata():
            return [("", value, kind.type)]
        case kinds.UnionType():
            return [("", value, each) for each in kind.types]
        case kinds.StructType() if isinstance(value, dict):
            types = {field.encode_name: field.type for field in kind.fields}
            return [(key, inner, types[key]) for key, inner in value.items()]
        case kinds.DictType() if isinstance(value, dict):
            return [("*", inner, kind.value_type) for inner in value.values()]
        case kinds.VarTupleType() if isinstance(value, list):
            return [("*", inner, kind.item_type) for inner in value]
    return []


def test_the_example_has_every_key_and_no_other() -> None:
    kind = kinds.type_info(Settings)
    assert set(keys_in(EXAMPLE.value, kind)) == set(keys_of(kind))


def test_the_example_is_a_valid_configuration() -> None:
    shipped = {
        path.stem: load_document(path.read_bytes(), path.name) for path in Path(shipped_root(), "profiles/tiers").glob("*.yaml")
    }
    layers = Layers(project="x", project_origin="x", shipped_tiers=shipped, settings=EXAMPLE)
    assert effective(layers, profiles=["small", "large", "qa-orders"]).settings.tiers["load"].replicas == {"web": 4}


@pytest.mark.parametrize("struct", [Settings, TierProfile, DataProfile])
def test_every_field_says_what_it_means(struct: type[msgspec.Struct]) -> None:
    for kind in structs_of(kinds.type_info(struct)):
        assert set(field_descriptions(kind)) == {field.name for field in msgspec.structs.fields(kind)}


def structs_of(kind: kinds.Type) -> Iterator[type[msgspec.Struct]]:
    match kind:
        case kinds.StructType():
            yield kind.cls
            for field in kind.fields:
                yield from structs_of(field.type)
        case kinds.UnionType():
            for each in kind.types:
                yield from structs_of(each)
        case kinds.DictType():
            yield from structs_of(kind.value_type)
        case kinds.VarTupleType():
            yield from structs_of(kind.item_type)


@pytest.mark.parametrize("kind", sorted(SCHEMA_KINDS))
def test_the_schema_describes_every_property_and_refers_to_what_exists(kind: str) -> None:
    schema = ConfigurationSchema()(kind)
    for definition in schema["$defs"].values():
        assert definition["description"]
        assert all(value["description"] for value in definition["properties"].values())
    assert {reference.rpartition("/")[2] for reference in references(schema)} <= set(schema["$defs"])


def test_the_schema_takes_a_file_that_leaves_everything_out() -> None:
    schema = ConfigurationSchema()()
    assert "required" not in schema["$defs"]["Settings"]
    assert "required" not in schema["$defs"]["TierProfile"]
    assert schema["$defs"]["Grant"]["required"] == ["key", "why"]
    assert {"type": "null"} in schema["$defs"]["Settings"]["properties"]["tiers"]["anyOf"][0]["additionalProperties"]["anyOf"]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)
