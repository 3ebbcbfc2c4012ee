"""Links between pages lead somewhere, and pictures and the reference are of today."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from localenv.cli.main import ENTRIES
from tests.docs.pages import ROOT, pages

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    broken = [link for link in _LINK.findall(page.read_text()) if not _leads_somewhere(page, link)]
    assert broken == []


def _leads_somewhere(page: Path, link: str) -> bool:
    if link.startswith(("http://", "https://")):
        return True
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(page: Path) -> set[str]:
    """As GitHub makes them: lower case, spaces to hyphens, punctuation dropped."""
    headings = _HEADING.findall(page.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_reached_from_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text()
    missing = [page.name for page in (ROOT / "docs").glob("*.md") if page.name != "README.md" and f"({page.name}" not in index]
    assert missing == []


def test_every_command_has_its_place_in_the_reference() -> None:
    reference = (ROOT / "docs/reference/command-line.md").read_text()
    assert [entry.name for entry in ENTRIES if f"localenv {entry.name}" not in reference] == []


@pytest.mark.parametrize("columns", ["60", "200"])
def test_no_picture_is_stale_whatever_the_terminal(columns: str) -> None:
    done = subprocess.run(
        [sys.executable, "scripts/pictures", "--check"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": columns, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_pictures_load_nothing_from_elsewhere() -> None:
    for picture in (ROOT / "docs/pictures").glob("*.svg"):
        assert re.findall(r"https?://(?!www\.w3\.org/2000/svg|[\w.-]*localhost)\S+", picture.read_text()) == []
