"""Lifecycle hooks: taken out of the model, because localenv starts and stops the containers itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from localenv.core.rewrite.context import RewriteContext
from localenv.core.rewrite.model import items, mapping, services, text_list, unescaped, with_top, without
from localenv.core.wanted import Hook, Hooks, Rewritten

__all__ = ["rewrite_hooks"]

_KEYS = ("pre_start", "post_start", "pre_stop")


def rewrite_hooks(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Move ``pre_start``, ``post_start`` and ``pre_stop`` into values (Compose specification, lifecycle hooks)."""
    del context
    hooks = {
        name: Hooks(**{key: tuple(_hook(entry) for entry in items(service, key)) for key in _KEYS})
        for name, service in services(draft.model)
        if any(items(service, key) for key in _KEYS)
    }
    rest = {name: without(service, *_KEYS) for name, service in services(draft.model)}
    return replace(with_top(draft, "services", rest), hooks=hooks)


def _hook(entry: Mapping[str, Any]) -> Hook:
    return Hook(
        command=tuple(unescaped(part) for part in text_list(entry.get("command"))),
        image=entry.get("image") or None,
        user=unescaped(str(entry["user"])) if entry.get("user") else None,
        privileged=entry.get("privileged") is True,
        working_dir=unescaped(str(entry["working_dir"])) if entry.get("working_dir") else None,
        environment=_environment(entry),
    )


def _environment(entry: Mapping[str, Any]) -> dict[str, str]:
    raw = entry.get("environment")
    pairs = dict(text.partition("=")[::2] for text in text_list(raw)) if isinstance(raw, list) else mapping(entry, "environment")
    return {name: unescaped(str(value)) for name, value in pairs.items() if value is not None}
