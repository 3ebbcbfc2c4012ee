"""What the pages tell to type works, and prints what they say."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks, pages
from tests.docs.readers import Reader
from tests.e2e import scenario

TYPED = {"sh", "console"}
RUN = [page for page in pages() if any(block.role in {"run", "file"} for block in blocks(page))]


@pytest.mark.engine
@pytest.mark.e2e
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
def test_a_reader_can_follow_the_page(page: Path, tmp_path: Path) -> None:
    pool = f"10.239.{zlib.crc32(page.name.encode()) % 16 * 16}.0/20"
    for own in scenario.installation(tmp_path / "home", pool):
        reader = Reader(own=own, room=tmp_path / "room")
        reader.prepare()
        for block in blocks(page):
            if block.role in {"run", "file"}:
                reader.follow(block)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_no_command_stands_there_untried_without_a_reason(page: Path) -> None:
    assert [block.where for block in blocks(page) if block.language in TYPED and block.role == "none"] == []


def test_what_is_not_run_stays_the_exception() -> None:
    everything = [block for page in pages() for block in blocks(page) if block.language in TYPED]
    left_out = [block.where for block in everything if block.role == "not run"]
    assert len(left_out) * 4 <= len(everything), left_out
