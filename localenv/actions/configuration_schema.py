"""JSON Schema of the files that people write, its descriptions taken from the structs' own words."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from typing import Any

import msgspec

from localenv.core.configuration.data_profile import DataProfile
from localenv.core.configuration.settings import Settings
from localenv.core.configuration.tables import TableData
from localenv.core.configuration.tier import TierProfile

__all__ = ["SCHEMA_KINDS", "ConfigurationSchema", "field_descriptions"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_KINDS: dict[str, type[msgspec.Struct]] = {"settings": Settings, "tier": TierProfile, "data": DataProfile}
_MERGED = ("Settings", "TierProfile", "DataRules", "Limits", "Lifetime", "Guards")
"""Structs that are laid over others: nothing in them is required, and ``null`` takes a value away."""


class ConfigurationSchema:
    """Makes the schema of localenv.yaml, of a tier's file or of a data profile."""

    def __call__(self, kind: str = "settings") -> dict[str, Any]:
        """The schema as plain values; ``kind`` is one of ``SCHEMA_KINDS``."""
        struct = SCHEMA_KINDS[kind]
        (reference,), components = msgspec.json.schema_components([struct], ref_template="#/$defs/{name}")
        definitions = {name: _described(name, definition) for name, definition in sorted(components.items())}
        return {"$schema": _DIALECT, "title": _TITLES[kind], **reference, "$defs": definitions}


_TITLES = {"settings": "localenv.yaml", "tier": "profiles/tiers/*.yaml", "data": "profiles/data/*.yaml"}


def _described(name: str, definition: dict[str, Any]) -> dict[str, Any]:
    struct = _structs()[name]
    words = field_descriptions(struct)
    merged = name in _MERGED
    properties = {
        key: {**(_nullable(value) if merged else value), **({"description": _plain(words[key])} if key in words else {})}
        for key, value in definition["properties"].items()
    }
    described = {**definition, "properties": properties, "description": _plain(inspect.getdoc(struct) or "")}
    if merged:
        described["required"] = []
    return {key: value for key, value in described.items() if key != "required" or value}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """``schema`` or null, at any depth of mappings."""
    inner = schema.get("additionalProperties")
    if isinstance(inner, dict) and "$ref" in inner:
        schema = {**schema, "additionalProperties": {"anyOf": [inner, {"type": "null"}]}}
    if any(option.get("type") == "null" for option in schema.get("anyOf", ())):
        return schema
    kept = {key: schema[key] for key in ("default",) if key in schema}
    return {"anyOf": [{key: value for key, value in schema.items() if key not in kept}, {"type": "null"}], **kept}


@cache
def _structs() -> dict[str, type[msgspec.Struct]]:
    modules = {sys.modules[struct.__module__] for struct in (*SCHEMA_KINDS.values(), TableData)}
    found = [each for module in modules for each in vars(module).values() if inspect.isclass(each)]
    return {each.__name__: each for each in found if issubclass(each, msgspec.Struct)}


@cache
def field_descriptions(struct: type[msgspec.Struct]) -> dict[str, str]:
    """The text that stands below each field in the struct's source, by the field's name."""
    (definition,) = ast.parse(inspect.getsource(struct)).body
    if not isinstance(definition, ast.ClassDef):
        return {}
    words: dict[str, str] = {}
    for statement, following in zip(definition.body, definition.body[1:], strict=False):
        told = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
        if told and isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            words[statement.target.id] = inspect.cleandoc(str(following.value.value))  # type: ignore[attr-defined] # told says so
    return words


def _plain(text: str) -> str:
    """Without the marks of a docstring."""
    return " ".join(text.replace("``None``", "null").replace("``", "`").split())
