"""What the source says of errors, findings and labels, read as syntax trees and never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

PLACEHOLDER = "…"
Node = TypeVar("Node", bound=ast.AST)


def error_codes(package: Path) -> list[tuple[str, str]]:
    """Every code that an error may have, with what its class says or, for a case of a class, its message."""
    trees = list(_trees(package))
    classes = _error_classes(trees)
    found: dict[str, str] = {}
    for node in _nodes(trees, ast.Call):
        code = _keyword(node, "code")
        if isinstance(node.func, ast.Name) and node.func.id in classes and code is not None:
            message = _text(node.args[0]) if node.args else ""
            found.setdefault(code, message if message != PLACEHOLDER else classes[node.func.id][1])
    found.update({code: doc for code, doc in classes.values() if code})
    return sorted(found.items())


def finding_codes(package: Path, name: str) -> list[tuple[str, str]]:
    """Every code of ``Refusal(...)`` or ``Note(...)`` with the first message that comes with it."""
    found: dict[str, str] = {}
    for node in _nodes(list(_trees(package)), ast.Call):
        code = _keyword(node, "code")
        if isinstance(node.func, ast.Name) and node.func.id == name and code is not None:
            message = next((_text(keyword.value) for keyword in node.keywords if keyword.arg == "message"), "")
            found[code] = found.get(code) or message
    return sorted(found.items())


def label_names(module: Path) -> list[tuple[str, str]]:
    """Labels with what stands below their names; what has no words is Compose's own."""
    body = ast.parse(module.read_text()).body
    found = []
    for statement, following in zip(body, [*body[1:], None], strict=True):
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.value, ast.Constant):
            continue
        name = str(statement.value.value)
        words = following.value.value if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant) else ""
        if not name.endswith("."):
            found.append((name, str(words) or _plain_meaning(name)))
    return found


def _plain_meaning(name: str) -> str:
    if name.startswith("com.docker.compose."):
        return "Compose's own, with Compose's meaning."
    return f"The {name.rpartition('.')[2].replace('-', ' ')}."


def _error_classes(trees: list[ast.Module]) -> dict[str, tuple[str, str]]:
    """Code and first line of the docstring of ``LocalenvError`` and everything below it."""
    definitions = list(_nodes(trees, ast.ClassDef))
    known: dict[str, tuple[str, str]] = {}
    grew = True
    while grew:
        grew = False
        for node in definitions:
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
            if node.name not in known and (node.name == "LocalenvError" or bases & known.keys()):
                doc = (ast.get_docstring(node) or "").partition("\n")[0]
                known[node.name] = (_class_code(node), doc)
                grew = True
    return known


def _class_code(node: ast.ClassDef) -> str:
    for statement in node.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        names = {target.id for target in targets if isinstance(target, ast.Name)}
        value = getattr(statement, "value", None)
        if "code" in names and isinstance(value, ast.Constant):
            return str(value.value)
    return ""


def _keyword(node: ast.Call, name: str) -> str | None:
    for keyword in node.keywords:
        if keyword.arg == name and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            return keyword.value.value
    return None


def _text(node: ast.expr) -> str:
    """A message with a mark for each value that is filled in."""
    match node:
        case ast.Constant():
            return str(node.value)
        case ast.JoinedStr():
            return "".join(_text(part) if isinstance(part, ast.Constant) else PLACEHOLDER for part in node.values)
        case ast.BinOp():
            return _text(node.left) + _text(node.right)
        case _:
            return PLACEHOLDER


def _trees(package: Path) -> Iterator[ast.Module]:
    for path in sorted(package.rglob("*.py")):
        yield ast.parse(path.read_text())


def _nodes(trees: list[ast.Module], kind: type[Node]) -> Iterator[Node]:
    for tree in trees:
        yield from (node for node in ast.walk(tree) if isinstance(node, kind))
