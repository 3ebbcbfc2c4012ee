"""The text of each page of docs/reference, made from structs, click objects, raised errors and labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import click
import msgspec
from msgspec import inspect as kinds

from localenv.actions.configuration_schema import field_descriptions
from localenv.cli.main import ENTRIES
from localenv.cli.main import cli as group
from localenv.core.configuration.data_profile import DataProfile
from localenv.core.configuration.settings import Settings
from localenv.core.configuration.tier import TierProfile
from scripts.reference_source import error_codes, finding_codes, label_names

HEAD = "<!-- Made by scripts/reference from the code: edit there, then run it. -->\n"


def pages(root: Path) -> dict[str, str]:
    """Every page by its file's name."""
    return {
        "command-line.md": _page(_command_line()),
        "configuration.md": _page(_configuration(root)),
        "errors.md": _page(_errors(root)),
        "labels.md": _page(_labels(root)),
    }


def _page(lines: Iterable[str]) -> str:
    return HEAD + "\n".join(lines) + "\n"


# --- configuration


def _configuration(root: Path) -> Iterator[str]:
    yield from (
        "# Configuration",
        "",
        "Nothing of this is needed: a Compose file alone is a project. What counts is made of these layers, each over the",
        "one before it, and `localenv config show` prints every value with where it came from.",
        "",
        "1. the defaults below",
        "2. the tiers that ship: `profiles/tiers/*.yaml` of localenv",
        "3. the project's own `profiles/tiers/*.yaml`",
        "4. `localenv.yaml` in the project's directory",
        "5. options of the command line",
        "",
        "Mappings merge, lists are replaced, `null` takes a value away (`tiers: {uat: null}` drops a tier). Unknown keys,",
        "wrong types and keys that stand twice are errors with file, line and column. `localenv config check` checks all of",
        "it, `localenv config schema` prints the JSON Schema for editors. In the tables a key with `-` has no default: it",
        "must be given where its mapping is.",
        "",
        "The project's directory is the nearest one upwards with a `localenv.yaml`, else the nearest with a Compose file, up",
        "to the root of the git repository.",
        "",
        "## localenv.yaml",
        "",
    )
    yield from _struct_tables(Settings, "", skip={TierProfile})
    yield from ("## A tier", "", "`tiers.<name>` of localenv.yaml, or `profiles/tiers/<name>.yaml`.", "")
    yield from _struct_tables(TierProfile, "", skip=set())
    yield from (
        "### Templates",
        "",
        "`variables`, `data.profile` and `compose_profiles` may use Jinja2: values, `if`, and the filters `default`, `first`,",
        "`last`, `int`, `length`, `lower`, `replace`, `string`, `trim`, `upper`. The names are `project`, `environment`,",
        "`tier`, `urls` (by service: `{{ urls.web }}`) and `release`; an unknown one is an error with file and line.",
        "",
        "## A data profile",
        "",
        "`profiles/data/<name>.yaml`. Paths start at the project's directory and stay inside it.",
        "",
    )
    yield from _struct_tables(DataProfile, "", skip=set())
    yield from ("## Everything at once", "", "```yaml", (root / "docs/examples/localenv.yaml").read_text().rstrip(), "```")


def _struct_tables(struct: type[msgspec.Struct], prefix: str, *, skip: set[type[Any]]) -> Iterator[str]:
    """A table of the struct's keys, then one for each struct in it."""
    info = cast("kinds.StructType", kinds.type_info(struct))
    words = field_descriptions(struct)
    yield from ("| key | type | default | meaning |", "|---|---|---|---|")
    for field in info.fields:
        meaning = _prose(words[field.name])
        default = "" if struct is Settings and field.required else _default(field)
        yield f"| `{prefix}{field.encode_name}` | {_type_words(field.type)} | {default} | {meaning} |"
    yield ""
    for field in info.fields:
        for path, inner in _inner_structs(field.type, f"{prefix}{field.encode_name}"):
            if inner not in skip:
                yield from (f"### {path}", "", _prose((inner.__doc__ or "").partition("\n")[0]), "")
                yield from _struct_tables(inner, f"{path}.", skip=skip)


def _inner_structs(kind: kinds.Type, path: str) -> Iterator[tuple[str, type[Any]]]:
    match kind:
        case kinds.StructType():
            yield path, kind.cls
        case kinds.Metadata():
            yield from _inner_structs(kind.type, path)
        case kinds.UnionType():
            for each in kind.types:
                yield from _inner_structs(each, path)
        case kinds.DictType():
            yield from _inner_structs(kind.value_type, f"{path}.<name>")
        case kinds.VarTupleType():
            yield from _inner_structs(kind.item_type, f"{path}[]")


def _type_words(kind: kinds.Type) -> str:
    match kind:
        case kinds.Metadata():
            examples = ", ".join(f"`{each}`" for each in (kind.extra_json_schema or {}).get("examples", ()))
            return f"{_type_words(kind.type)}{f', such as {examples}' if examples else ''}"
        case kinds.UnionType():
            return " or ".join(_type_words(each) for each in kind.types if not isinstance(each, kinds.NoneType))
        case kinds.DictType():
            return f"mapping of names to {_plural(_type_words(kind.value_type))}"
        case kinds.VarTupleType():
            return f"list of {_plural(_type_words(kind.item_type))}"
        case kinds.LiteralType():
            return ", ".join(f"`{each}`" for each in kind.values)
        case kinds.IntType() | kinds.FloatType():
            return f"{'whole ' if isinstance(kind, kinds.IntType) else ''}number{_range(kind)}"
    return _PLAIN_TYPES[type(kind)]


_PLAIN_TYPES: dict[type[kinds.Type], str] = {
    kinds.StructType: "mapping",
    kinds.BoolType: "true or false",
    kinds.StrType: "text",
    kinds.AnyType: "anything",
}


def _plural(words: str) -> str:
    return {"mapping": "mappings", "text": "texts"}.get(words, words.replace("whole number", "whole numbers"))


def _range(kind: kinds.IntType | kinds.FloatType) -> str:
    low = f" from {kind.ge}" if kind.ge is not None else f" above {kind.gt:g}" if kind.gt is not None else ""
    return low + (f" to {kind.le:g}" if kind.le is not None else "")


def _default(field: kinds.Field) -> str:
    if field.required:
        return "-"
    if field.default_factory is not kinds.NODEFAULT or field.default is None:
        return ""
    value = list(field.default) if isinstance(field.default, tuple) else field.default
    return f"`{msgspec.json.encode(value).decode()}`" if value != [] else ""


def _prose(text: str) -> str:
    return " ".join(text.replace("``None``", "`null`").replace("``", "`").replace("|", "\\|").split())


# --- command line

_WIDTH = 100
"""Of the screen, whichever one this runs on."""


def _command_line() -> Iterator[str]:
    yield from (
        "# Command line",
        "",
        "```text",
        _top().get_help(),
        "```",
        "",
        "Exit codes: 0 done; 1 an expected failure, told in one paragraph; 2 wrong usage; 3 a bug in localenv, with the path",
        "of the saved traceback; 130 interrupted. With `--output json` an error is one `localenv.error/1` object on standard",
        "output, and the exit code is the same.",
        "",
    )
    top = _top()
    for entry in ENTRIES:
        command: click.Command = import_module(f"localenv.cli.{entry.name}").command
        yield from _command(command, top, entry.name, level=2)


def _top() -> click.Context:
    return click.Context(group, info_name="localenv", terminal_width=_WIDTH, **group.context_settings)


def _command(command: click.Command, parent: click.Context, name: str, *, level: int) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent, terminal_width=_WIDTH)
    yield from (f"{'#' * level} {context.command_path}", "", "```text", context.get_help(), "```", "")
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None and not found.hidden:
                yield from _command(found, context, inner, level=level + 1)


# --- errors and labels


def _errors(root: Path) -> Iterator[str]:
    yield from (
        "# Errors, refusals and notes",
        "",
        "Codes are stable: scripts may match `code` of `localenv.error/1`, and of `refusals` and `notes` of a plan.",
        "",
        "## Errors",
        "",
        "| code | says |",
        "|---|---|",
    )
    yield from (f"| `{code}` | {_prose(text)} |" for code, text in error_codes(root / "localenv"))
    for title, name in (("Refusals", "Refusal"), ("Notes", "Note")):
        yield from ("", f"## {title}", "", "| code | says |", "|---|---|")
        yield from (f"| `{code}` | {_prose(text)} |" for code, text in finding_codes(root / "localenv", name))


def _labels(root: Path) -> Iterator[str]:
    yield from (
        "# Labels",
        "",
        "On containers, networks and volumes. They hold only what never changes; nothing without this installation's own",
        "`localenv.owner` is ever changed or removed. Labels of this prefix in a Compose file are stripped.",
        "",
        "| label | meaning |",
        "|---|---|",
    )
    yield from (f"| `{name}` | {_prose(text)} |" for name, text in label_names(root / "localenv/core/labels.py"))
