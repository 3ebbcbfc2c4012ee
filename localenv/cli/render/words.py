"""How single values look to a person: ages, sizes, states, names cut in the middle."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["STATE_STYLES", "ago", "cut", "plain", "size", "state_mark"]

STATE_STYLES = {
    "healthy": ("●", "green"),
    "done": ("✓", "green"),
    "starting": ("◐", "yellow"),
    "creating": ("◌", "yellow"),
    "created": ("◌", "yellow"),
    "degraded": ("◒", "yellow"),
    "failed": ("✗", "red"),
    "stopped": ("○", "dim"),
    "asleep": ("○", "dim"),
    "absent": ("·", "dim"),
}
"""Mark and colour of each state: the mark tells it without colour."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_KIB = 1024


def ago(moment: str | None, now: datetime) -> str:
    """``3 min``, ``2 h``, ``5 d`` since an RFC 3339 time."""
    if not moment:
        return ""
    seconds = abs((now - parse(moment)).total_seconds())
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min"
    return f"{seconds // _HOUR:.0f} h" if seconds < 2 * _DAY else f"{seconds // _DAY:.0f} d"


def parse(moment: str) -> datetime:
    """Read an RFC 3339 time of any precision, as the engine writes nanoseconds."""
    head, _, fraction = moment.rstrip("Z").partition(".")
    digits = fraction[:6].split("+")[0]
    return datetime.fromisoformat(f"{head}.{digits}" if digits else head).replace(tzinfo=UTC)


def size(count: int | None) -> str:
    """``812 MB``: bytes for people, powers of 1024."""
    if count is None:
        return ""
    value = float(count)
    for unit in ("B", "kB", "MB"):
        if value < _KIB:
            return f"{value:.0f} {unit}"
        value /= _KIB
    return f"{value:.1f} GB"


def cut(text: str, width: int) -> str:
    """Shorten in the middle, where names of one kind differ least."""
    if len(text) <= width:
        return text
    head = (width - 1) // 2
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"


def state_mark(state: str) -> str:
    """``● healthy`` with rich's markup."""
    mark, style = STATE_STYLES.get(state, ("?", "yellow"))
    return f"[{style}]{mark} {state}[/]"


def plain(text: str) -> str:
    """A text from elsewhere for a table: no control characters, nothing that rich would take for markup."""
    from rich.markup import escape

    from localenv.cli.render.errors import clean

    return escape(clean(text))
