"""Workbooks as the rows of an import."""

from collections.abc import Generator
from contextlib import closing
from pathlib import Path

from foundation import workbooks
from foundation.workbooks import WorkbookError, is_workbook
from leads.importing.delimited import Row
from leads.importing.limits import UnreadableFileError

__all__ = ["is_workbook", "read_workbook"]


def read_workbook(path: Path) -> Generator[Row, None, None]:
    """Yield the rows of the first visible sheet that has any; row 0 says how many.

    Raises `UnreadableFileError`.
    """
    try:
        with closing(workbooks.read_workbook(path)) as rows:
            for number, cells in rows:
                yield Row(number, cells)
    except WorkbookError as error:
        raise UnreadableFileError(str(error)) from error
