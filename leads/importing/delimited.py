"""Delimited text, row by row, with memory for one row."""

import csv
import io
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from foundation.encodings import detect_encoding
from leads.importing.limits import MAX_CELL, MAX_LINE, MAX_RECORD_LINES, UnreadableFileError

DELIMITERS = ",;\t|"
_SAMPLE_LINES = 60
_SAMPLE_CHARACTERS = 200_000
# Cells are cut to size when they are cleaned; csv itself must only not swallow a file.
csv.field_size_limit(4 * MAX_CELL)


@dataclass
class Row:
    """One row of a file: the line it starts on, its cells, and why it cannot be read."""

    line: int
    cells: list[str]
    problem: str = ""


@dataclass(frozen=True)
class Dialect:
    """How a text file is written."""

    encoding: str
    delimiter: str
    quote: str = '"'


@dataclass
class _Lines:
    """Lines of a text file, each of bounded length, that remembers a record's lines."""

    file: io.TextIOBase
    number: int = 0
    since: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.again.pop() if self.again else self.file.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) >= MAX_LINE:
            raise UnreadableFileError(
                f"Line {self.number:,} is longer than {MAX_LINE:,} characters. "
                "This is not a table of leads; save it as CSV with one lead a line."
            )
        if len(self.since) >= MAX_RECORD_LINES:
            raise csv.Error("record too long")
        self.since.append(line)
        return line.replace("\0", "\ufffd") if "\0" in line else line


def read_dialect(file: BinaryIO) -> Dialect:
    """Return encoding and delimiter of a text file, leaving it at its start."""
    encoding = detect_encoding(file).name
    sample = _sample(file, encoding)
    return Dialect(encoding, guess_delimiter(sample))


def _sample(file: BinaryIO, encoding: str) -> str:
    text = io.TextIOWrapper(file, encoding, errors="replace", newline="")
    lines = _Lines(text)
    taken: list[str] = []
    size = 0
    for line in lines:
        taken.append(line)
        lines.since.clear()
        size += len(line)
        if len(taken) >= _SAMPLE_LINES or size > _SAMPLE_CHARACTERS:
            break
    text.detach()
    file.seek(0)
    return "".join(taken)


def guess_delimiter(sample: str) -> str:
    """Return the delimiter under which most rows have the same number of cells.

    A file of one column has none that splits it; it gets a comma.
    """
    scores = {delimiter: _evenness(sample, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    if scores[best] > (0.0, 0):
        return best
    try:
        return csv.Sniffer().sniff(sample, DELIMITERS).delimiter
    except csv.Error:
        return ","


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    try:
        rows = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
    except csv.Error:
        return 0.0, 0
    widths = Counter(len(row) for row in rows if any(row))
    if not widths:
        return 0.0, 0
    width, times = max(widths.items(), key=lambda item: (item[1] if item[0] > 1 else 0, item[0]))
    if width == 1:
        return 0.0, 0
    # An uneven file splits differently on every line; so does prose on its commas.
    share = times / sum(widths.values())
    return (round(share, 1), width) if share > 0.3 else (0.0, 0)  # noqa: PLR2004


def read_rows(file: BinaryIO, dialect: Dialect) -> Generator[Row, None, None]:
    """Yield every row that is not blank.

    A quote that never closes costs its own line only: the row carries a problem and
    reading goes on with the next line.
    """
    text = io.TextIOWrapper(file, dialect.encoding, errors="replace", newline="")
    lines = _Lines(text)
    try:
        while True:
            try:
                yield from _records(lines, dialect)
            except csv.Error:
                yield _give_up(lines, dialect)
            else:
                return
    finally:
        text.detach()


def _records(lines: _Lines, dialect: Dialect) -> Iterator[Row]:
    since = lines.since
    since.clear()
    start = lines.number + 1
    for cells in csv.reader(lines, delimiter=dialect.delimiter):
        if len(since) > 1 and "".join(since).count(dialect.quote) % 2:
            raise csv.Error("a quote never closes")
        since.clear()
        if any(cells):
            yield Row(start, cells)
        start = lines.number + 1


def _give_up(lines: _Lines, dialect: Dialect) -> Row:
    """Take the first line of a broken record alone and put the others back."""
    first, *others = lines.since
    lines.number -= len(others)
    lines.again.extend(reversed(others))
    lines.since.clear()
    plain = first.rstrip("\r\n").replace(dialect.quote, "")
    return Row(
        lines.number,
        [cell[:MAX_CELL] for cell in plain.split(dialect.delimiter)],
        problem="A quotation mark opens in this line and never closes; close it or remove it.",
    )
