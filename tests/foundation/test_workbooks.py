"""Workbooks: what is in them, and that bombs go off in the child at most."""

from pathlib import Path

import pytest

from benchmarks import bombs
from foundation.workbooks import WorkbookError, is_workbook, read_workbook


def test_rows_are_numbered_and_counted_first(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    cell = '<c r="A{0}" t="inlineStr"><is><t>x{0}</t></is></c>'
    bombs.book(path, bombs._rows(f'<row r="{n}">{cell.format(n)}</row>' for n in (1, 2, 3)))

    assert list(read_workbook(path))[1:] == [(1, ["x1"]), (2, ["x2"]), (3, ["x3"])]


@pytest.mark.parametrize(("head", "is_one"), [(b"PK\x03\x04....", True), (b"a,b\n", False)])
def test_workbook_is_known_by_its_first_bytes(head: bytes, is_one: bool) -> None:  # noqa: FBT001  # a case
    assert is_workbook(head) is is_one


def test_damaged_workbook_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04 and then nothing")

    with pytest.raises(WorkbookError, match="save it as CSV"):
        list(read_workbook(path))


@pytest.mark.slow
def test_bombs_are_refused_or_read_within_bounds() -> None:
    assert bombs.main(["--share", "0.1"]) == 0
