"""Documents for tests, with their places."""

from __future__ import annotations

from localenv.adapters.yaml_files import load_document
from localenv.core.documents import Document

__all__ = ["document"]


def document(text: str, file: str = "compose.yaml") -> Document:
    return load_document(text.encode(), file)
