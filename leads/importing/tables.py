"""A file of leads as one table: where its header is, and the rows below it."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from leads.importing.delimited import Dialect, Row, read_dialect, read_rows
from leads.importing.limits import MAX_COLUMNS, UnreadableFileError
from leads.importing.mapping import known_names
from leads.importing.workbooks import is_workbook, read_workbook

_HEAD_ROWS = 20
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
WORKBOOK = "workbook"


@dataclass(frozen=True)
class Layout:
    """How a file is to be read: kept with the import, so that it is guessed once."""

    encoding: str
    delimiter: str
    header_row: int
    columns: list[str]
    rows: int | None = None  # about how many there are below the header


def read_layout(path: Path) -> Layout:
    """Find out encoding, delimiter, header and columns of a file.

    Raises `UnreadableFileError` when it is no table of leads.
    """
    with path.open("rb") as file:
        if is_workbook(file.read(8)):
            dialect = Dialect(WORKBOOK, "")
        else:
            file.seek(0)
            dialect = read_dialect(file)
    with _raw_rows(path, dialect) as rows:
        head = list(itertools.islice(rows, _HEAD_ROWS))
    about = int(head.pop(0).cells[0]) if head and not head[0].line else count_lines(path)
    if not head:
        raise UnreadableFileError("The file has no rows.")
    header = _header(head)
    cells = header.cells if header else _numbered(head)
    if len(cells) > MAX_COLUMNS:
        raise UnreadableFileError(
            f"The file has {len(cells):,} columns; {MAX_COLUMNS} are the most. Delete some."
        )
    start = header.line if header else 0
    rows_below = max(0, about - start)
    return Layout(dialect.encoding, dialect.delimiter, start, _distinct(cells), rows_below)


def count_lines(path: Path) -> int:
    """Return how many lines a text file has, which is about how many rows."""
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


@contextmanager
def open_rows(path: Path, layout: Layout) -> Iterator[Iterator[Row]]:
    """Give the rows below the header."""
    with _raw_rows(path, Dialect(layout.encoding, layout.delimiter)) as rows:
        yield itertools.dropwhile(lambda row: row.line <= layout.header_row, rows)


@contextmanager
def _raw_rows(path: Path, dialect: Dialect) -> Iterator[Iterator[Row]]:
    # Closing the generators ends the child process, and lets go of the file in time.
    if dialect.encoding == WORKBOOK:
        with closing(read_workbook(path)) as rows:
            yield rows
    else:
        with path.open("rb") as file, closing(read_rows(file, dialect)) as rows:
            yield rows


def _header(head: Sequence[Row]) -> Row | None:
    """The row that names most columns; notes above it, as LinkedIn writes, are passed over."""
    if any(_ADDRESS.fullmatch(cell.strip()) for cell in head[0].cells):
        return None
    width = Counter(len(row.cells) for row in head).most_common(1)[0][0]

    def merit(row: Row) -> tuple[int, bool, int]:
        filled = sum(1 for cell in row.cells if cell.strip())
        return known_names(row.cells), filled * 2 > width, -row.line

    first_data = next(
        (i for i, row in enumerate(head) if any(_ADDRESS.fullmatch(c.strip()) for c in row.cells)),
        len(head),
    )
    return max(head[: max(1, first_data)], key=merit)


def _numbered(head: Sequence[Row]) -> list[str]:
    width = max(len(row.cells) for row in head)
    return [f"Column {number}" for number in range(1, width + 1)]


def _distinct(cells: Sequence[str]) -> list[str]:
    """Trim names, name the nameless, number the repeated; drop the empty end."""
    names: list[str] = []
    seen: Counter[str] = Counter()
    last = max((i for i, cell in enumerate(cells) if cell.strip()), default=-1)
    for position, cell in enumerate(cells[: last + 1], start=1):
        name = " ".join(cell.replace("\ufeff", "").split())[:100] or f"Column {position}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names
