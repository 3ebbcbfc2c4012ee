"""``secrets`` and ``configs``: files stay files; inline content and variables are put into the created container."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Literal

from localenv.core.findings import Note
from localenv.core.rewrite.binds import is_captured
from localenv.core.rewrite.context import BindFacts, RewriteContext
from localenv.core.rewrite.model import Service, escaped, items, mapping, services, text_list, unescaped, with_top, without
from localenv.core.wanted import FileCopy, InjectedFile, Rewritten
from localenv.errors import InvalidInput
from localenv.values import dataclass

__all__ = ["rewrite_secrets_and_configs"]

_DIGEST_SHOWN = 12
_READABLE = 0o444
"""What Compose gives: a secret of mode 0600 would be unreadable to a service with ``user:``; its folder is 0700."""

Part = Literal["secrets", "configs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """What one service gets of one part."""

    service: Service
    injected: tuple[InjectedFile, ...] = ()
    copies: tuple[FileCopy, ...] = ()


def rewrite_secrets_and_configs(draft: Rewritten, context: RewriteContext) -> Rewritten:
    """Move what Compose would inject at its own start out of the model, and capture files where the tier captures.

    A read-only container, or one with something mounted over the target, takes no injected file: it gets a read-only
    bind of a file in the state directory. Raises ``InvalidInput`` when variables that secrets name have no value.
    """
    if unset := _unset(draft, context):
        raise _without_value(unset, context)
    for part in ("secrets", "configs"):
        draft = _rewrite_part(draft, context, part)
    return draft


def _rewrite_part(draft: Rewritten, context: RewriteContext, part: Part) -> Rewritten:
    top = mapping(draft.model, part)
    changed: dict[str, Service] = {}
    injected, copies = dict(draft.injected), list(draft.copies)
    for name, service in services(draft.model):
        placed = _place(service, part, top, context)
        changed[name] = placed.service
        copies.extend(placed.copies)
        if placed.injected:
            injected[name] = (*injected.get(name, ()), *placed.injected)
    files, captured, notes = _files(top, changed, context, part)
    model = with_top(with_top(draft, "services", changed), part, files)
    unique = {copy.target: copy for copy in (*copies, *captured)}
    return replace(model, injected=injected, copies=tuple(unique.values()), notes=(*draft.notes, *notes))


def _place(service: Service, part: Part, top: Mapping[str, Any], context: RewriteContext) -> _Placed:
    kept, injected, copies, binds = list[dict[str, Any]](), list[InjectedFile](), list[FileCopy](), list[dict[str, Any]]()
    for entry in items(service, part):
        source = str(entry.get("source", ""))
        content = _content(mapping(top, source), context)
        if content is None:
            kept.append(without(entry, "uid", "gid", "mode"))
            continue
        file = _injected(part, entry, content)
        if service.get("read_only") is True or _is_covered(file.target, service):
            copy = _state_copy(file, context)
            copies.append(copy)
            binds.append(_bind(copy, file.target))
        else:
            injected.append(file)
    rest = without(service, part)
    if kept:
        rest[part] = kept
    if binds:
        rest["volumes"] = [*items(service, "volumes"), *binds]
    return _Placed(service=rest, injected=tuple(injected), copies=tuple(copies))


def _content(definition: Mapping[str, Any], context: RewriteContext) -> str | None:
    """Content of what is not a file; ``None`` for a file, and for a variable that has no value."""
    if isinstance(definition.get("content"), str):
        return unescaped(definition["content"])
    variable = definition.get("environment")
    if not isinstance(variable, str):
        return None
    return context.secrets.get(variable, context.variables.get(variable))


def _unset(draft: Rewritten, context: RewriteContext) -> dict[str, str]:
    """By variable that has no value: the first secret or config of a service that takes its content from it."""
    found: dict[str, str] = {}
    parts: tuple[Part, ...] = ("secrets", "configs")
    for part in parts:
        top = mapping(draft.model, part)
        used = {str(entry.get("source", "")) for _, service in services(draft.model) for entry in items(service, part)}
        for source in (name for name in top if name in used):
            definition = mapping(top, source)
            if _content(definition, context) is None and isinstance(definition.get("environment"), str):
                found.setdefault(definition["environment"], f"{part}.{source}")
    return found


def _without_value(unset: Mapping[str, str], context: RewriteContext) -> InvalidInput:
    (first, path), *others = unset.items()
    made = ", ".join(f"{variable}: {{generate: hex}}" for variable in unset)
    them = "them" if others else "one"
    return InvalidInput(
        f"{path} takes its value from {first}, which is not set",
        details=tuple(f"and {path} from {variable}" for variable, path in others),
        hints=(f"set {', '.join(unset)} in .env.{context.tier.tier}", f"or let localenv make {them}: secrets: {{{made}}}"),
        code="secret-missing",
    )


def _injected(part: Part, entry: Mapping[str, Any], content: str) -> InjectedFile:
    """Target, mode and owner as Compose resolves them (Compose specification, services, secrets and configs)."""
    folder = "/run/secrets/" if part == "secrets" else "/"
    target = unescaped(str(entry.get("target") or entry.get("source") or ""))
    return InjectedFile(
        target=target if target.startswith("/") else f"{folder}{target}",
        content=content.encode(),
        mode=_mode(entry.get("mode")),
        uid=_number(entry.get("uid")),
        gid=_number(entry.get("gid")),
    )


def _mode(written: object) -> int:
    """Printed as a number by some Compose versions and as octal text by others."""
    if isinstance(written, int):
        return written
    return int(written, 8) if isinstance(written, str) and written else _READABLE


def _number(written: object) -> int:
    return int(str(written)) if str(written or "").isdigit() else 0


def _is_covered(target: str, service: Service) -> bool:
    """Whether something mounted at a start would hide the file."""
    tmpfs = [unescaped(text).partition(":")[0] for text in text_list(service.get("tmpfs"))]
    mounts = [unescaped(str(mount.get("target", ""))) for mount in items(service, "volumes")]
    return any(target.startswith(f"{path.rstrip('/')}/") for path in (*tmpfs, *mounts))


def _state_copy(file: InjectedFile, context: RewriteContext) -> FileCopy:
    digest = hashlib.sha256(file.content).hexdigest()
    target = f"{context.state_directory}/binds/{digest[:_DIGEST_SHOWN]}/{PurePosixPath(file.target).name}"
    return FileCopy(target=target, digest=digest, content=file.content, mode=file.mode)


def _bind(copy: FileCopy, target: str) -> dict[str, Any]:
    return {
        "type": "bind",
        "source": escaped(copy.target),
        "target": escaped(target),
        "read_only": True,
        "bind": {"create_host_path": False},
    }


def _files(
    top: Mapping[str, Any], changed: Mapping[str, Service], context: RewriteContext, part: Part
) -> tuple[dict[str, Any], list[FileCopy], list[Note]]:
    """What remains at the top: files that a service still names, captured where the tier captures."""
    used = {str(entry.get("source")) for service in changed.values() for entry in items(service, part)}
    files, copies, notes = dict[str, Any](), list[FileCopy](), list[Note]()
    for key in sorted(used & set(top)):
        path = unescaped(str(mapping(top, key).get("file", "")))
        facts = context.binds.get(path, BindFacts())
        if facts.kind == "missing":
            notes.append(Note(code="file-missing", message=f"{part}.{key}: {path} does not exist"))
        if is_captured(path, context) and facts.kind == "file":
            target = f"{context.state_directory}/binds/{facts.digest[:_DIGEST_SHOWN]}/{PurePosixPath(path).name}"
            copies.append(FileCopy(target=target, digest=facts.digest, source=path, mode=_READABLE))
            path = target
        files[key] = {"name": escaped(context.id.object_name(key)), "file": escaped(path)}
    return files, copies, notes
