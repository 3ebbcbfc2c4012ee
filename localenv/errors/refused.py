"""The project's files ask for something that cannot be run in several copies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Protocol

from localenv.errors import LocalenvError

__all__ = ["RefusalFacts", "Refused", "grant_line", "refusal_lines"]


class RefusalFacts(Protocol):
    """What telling needs of a refusal (``core.findings.Refusal``)."""

    @property
    def path(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def value(self) -> str | None: ...
    @property
    def service(self) -> str | None: ...
    @property
    def file(self) -> str | None: ...
    @property
    def line(self) -> int | None: ...
    @property
    def hint(self) -> str | None: ...
    @property
    def grant_key(self) -> str | None: ...
    @property
    def grant_value(self) -> Any: ...


class Refused(LocalenvError):
    """Carries every refusal of a project; its details show each with its place, and the grants to paste."""

    code: ClassVar[str] = "refused"

    def __init__(self, refusals: Sequence[RefusalFacts]) -> None:
        self.refusals = tuple(refusals)
        count = len(self.refusals)
        super().__init__(
            f"{count} thing{'s' if count > 1 else ''} in {_files(self.refusals)} cannot be run in several copies",
            details=refusal_lines(self.refusals),
        )


def refusal_lines(refusals: Iterable[RefusalFacts]) -> tuple[str, ...]:
    """Each refusal in two lines, then the block of localenv.yaml that would allow those that can be allowed."""
    lines: list[str] = []
    once = tuple(refusals)
    for refusal in once:
        value = f": {refusal.value}" if refusal.value else ""
        lines += ["", f"{_place(refusal)}{refusal.path}{value}", f"  {refusal.message}"]
        if refusal.hint:
            lines.append(f"  {refusal.hint}")
    grants = _grants(once)
    if grants:
        lines += ["", f"To allow {'it' if len(grants) == 1 else 'them'}, add to localenv.yaml:", "  grants:"]
        lines += [f"    - {grant}" for grant in grants]
    if any(str(refusal.grant_value).startswith("..") for refusal in once):
        lines += ["", "Or, when the project begins further up: put localenv.yaml there, with the Compose files under compose:"]
    return tuple(lines)


def grant_line(refusal: RefusalFacts) -> str | None:
    """The one entry of ``grants`` that allows this refusal; ``None`` when no grant can."""
    return next(iter(_grants((refusal,))), None)


def _place(refusal: RefusalFacts) -> str:
    if refusal.file is None or refusal.path == refusal.file:
        return ""
    return f"{refusal.file}:{refusal.line}  " if refusal.line else f"{refusal.file}  "


def _files(refusals: Sequence[RefusalFacts]) -> str:
    files = list(dict.fromkeys(refusal.file for refusal in refusals if refusal.file))
    if len(files) == 1:
        return files[0]
    return f"{', '.join(files[:-1])} and {files[-1]}" if 1 < len(files) <= 3 else "the project's files"  # noqa: PLR2004


def _grants(refusals: Sequence[RefusalFacts]) -> list[str]:
    """One grant for each service and key, with all its values: ``{service: web, key: volumes, value: /etc/ssl, ...}``."""
    values: dict[tuple[str | None, str], dict[str, None]] = {}
    for refusal in refusals:
        if refusal.grant_key is not None:
            value = refusal.grant_value
            texts = value if isinstance(value, (list, tuple)) else () if value is None else (value,)
            values.setdefault((refusal.service, refusal.grant_key), {}).update(dict.fromkeys(map(str, texts)))
    return [_grant(service, key, list(texts)) for (service, key), texts in values.items()]


def _grant(service: str | None, key: str, values: list[str]) -> str:
    parts = [f"service: {_scalar(service)}"] if service is not None else []
    parts.append(f"key: {_scalar(key)}")
    if values:
        shown = _scalar(values[0]) if len(values) == 1 else f"[{', '.join(map(_scalar, values))}]"
        parts.append(f"value: {shown}")
    return "{" + ", ".join([*parts, 'why: "..."']) + "}"


def _scalar(text: str) -> str:
    """A YAML flow scalar that is read back as exactly this text."""
    ordinary = text.replace("_", "a").replace("-", "a").replace("/", "a").replace(".", "a")
    begins = text.startswith(("./", "../")) or text in {".", ".."} or not (text[:1] in "-." or text[:1].isdigit())
    plain = ordinary.isalnum() and ordinary.isascii() and begins
    return (
        text if plain and text.lower() not in {"null", "true", "false", "yes", "no", "on", "off", "y", "n"} else json.dumps(text)
    )
