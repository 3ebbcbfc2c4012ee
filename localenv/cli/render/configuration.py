"""``config show`` and ``config check``: every value with where it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from localenv.actions.configuration_views import CheckedConfiguration, ShownConfiguration
from localenv.cli.render.errors import clean
from localenv.core.configuration.flatten import ConfiguredValue
from localenv.core.findings import Note

__all__ = ["checked_document", "document", "show_checked", "show_configuration"]

_LONGEST = 60


def document(shown: ShownConfiguration) -> dict[str, Any]:
    """The object of ``localenv.config/1``."""
    return {
        "schema": "localenv.config/1",
        "project": shown.project,
        "directory": shown.directory,
        "settings": shown.settings,
        "values": [
            {"path": each.path, "value": each.value, "origin": each.origin.kind, "where": each.origin.where}
            for each in shown.values
        ],
        "notes": _notes(shown.notes),
    }


def checked_document(checked: CheckedConfiguration) -> dict[str, Any]:
    """The object of ``localenv.config-check/1``; a configuration that does not hold is an error instead."""
    return {
        "schema": "localenv.config-check/1",
        "project": checked.project,
        "directory": checked.directory,
        "files": list(checked.files),
        "notes": _notes(checked.notes),
    }


def show_configuration(shown: ShownConfiguration, *, every: bool) -> None:
    """Print a line for each value; without ``every`` not what the tiers are by themselves: ``tiers`` shows that."""
    from rich.table import Table
    from rich.text import Text

    from localenv.cli.render.tables import console, show

    kept = [each for each in shown.values if every or not _is_as_shipped(each)]
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), show_header=False)
    for column in ("path", "value", "origin"):
        table.add_column(column, overflow="fold", style="dim" if column == "origin" else None)
    for each in kept:
        style = "bold" if each.origin.is_override else ""
        table.add_row(Text(clean(each.path)), Text(_value(each), style=style), Text(clean(each.origin.text)))
    console().print(f"  {shown.project}  {shown.directory}\n", markup=False)
    show(table)
    _show_notes(shown.notes)
    if (hidden := len(shown.values) - len(kept)) > 0:
        console().print(
            f"\n  {hidden} rules of tiers are as they ship: localenv tiers, or localenv config show --all", markup=False
        )


def show_checked(checked: CheckedConfiguration) -> None:
    """Print what was read and that it holds."""
    from localenv.cli.render.tables import console

    read = ", ".join(checked.files) or "no file of its own"
    console().print(f"  {clean(checked.project)} holds: {clean(read)}", markup=False)
    _show_notes(checked.notes)


def _is_as_shipped(each: ConfiguredValue) -> bool:
    return each.path.startswith("tiers.") and each.origin.kind in {"default", "shipped"}


def _show_notes(notes: Iterable[Note]) -> None:
    from localenv.cli.render.tables import console

    for note in notes:
        console().print(f"  note  {clean(note.message)}", markup=False)


def _notes(notes: Iterable[Note]) -> list[dict[str, Any]]:
    return [{"code": note.code, "service": note.service, "message": note.message} for note in notes]


def _value(each: ConfiguredValue) -> str:
    text = _plain(each.value)
    return clean(text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…")


def _plain(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "true" if value else "false"
        case list():
            return f"[{', '.join(_plain(item) for item in value)}]"
        case dict():
            return "{" + ", ".join(f"{key}: {_plain(item)}" for key, item in value.items()) + "}"
        case _:
            return str(value)
