"""What ``Reports`` promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from localenv.adapters.report_files import ReportFiles
from localenv.errors import LocalenvError


def test_a_report_is_replaced_as_a_whole_and_readable_for_everybody(tmp_path: Path) -> None:
    target = tmp_path / "out/logs/web-1.log"
    ReportFiles().write(str(target), ["first ", "edition\n"])
    ReportFiles().write(str(target), ["naïve \ud800\n"])
    assert target.read_text() == "naïve ?\n"
    assert target.stat().st_mode & 0o777 == 0o644
    assert list(target.parent.iterdir()) == [target]


def test_what_cannot_be_read_to_its_end_leaves_what_was_there(tmp_path: Path) -> None:
    def pieces() -> Iterator[str]:
        yield "half"
        raise LocalenvError("the engine is gone")

    target = tmp_path / "web-1.log"
    target.write_text("whole")
    with pytest.raises(LocalenvError, match="the engine is gone"):
        ReportFiles().write(str(target), pieces())
    assert [path.read_text() for path in tmp_path.iterdir()] == ["whole"]


def test_a_place_that_nothing_can_be_written_to_is_told_before_anything_is_brought_up(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = str(tmp_path / "file/report/summary.json")
    with pytest.raises(LocalenvError, match="no report can be written") as refused:
        ReportFiles().prepare(path)
    assert refused.value.code_of_case == "not-writable"
    with pytest.raises(LocalenvError, match="no report can be written"):
        ReportFiles().write(path, ["x"])
