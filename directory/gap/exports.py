"""One backlink export: how it is written, what its columns mean, and its text as UTF-8."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zipfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from directory.gap.headers import exporter, map_columns
from foundation.addresses import registrable_domain
from foundation.encodings import detect_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DELIMITERS = "\t,;|"
# Notes may stand above the header; more lines than these are not looked through.
_HEADER_LINES = 20
_HEAD = 1 << 19
# Larger ones take three times as long to decode: their memory is mapped anew each time.
_CHUNK = 1 << 16
# What a packed export may unpack to.
MAX_UNPACKED = 20 * 1024**3
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
# Where this share of the sample's targets is one domain, the file is that domain's.
_SHARE = 0.9


class UnreadableExportError(Exception):
    """The file is no backlink export; the message says why and what to do."""


@dataclass(frozen=True)
class Export:
    """One export: its way of writing, its columns, and whose links it lists."""

    path: str
    encoding: str
    delimiter: str
    skip: int
    columns: list[str]
    mapping: dict[str, int]
    source: str = ""
    targets: list[str] = field(default_factory=list)
    packed: bool = False

    @property
    def direct(self) -> bool:
        """Whether DuckDB can read the file itself, on every core."""
        return not self.packed and self.encoding in {"utf-8", "utf-8-sig", "ascii"}


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open an export, unpacked when it is gzip or a ZIP of one file.

    Raises `UnreadableExportError` when the ZIP holds anything else, or too much.
    """
    with path.open("rb") as raw:
        head = raw.read(4)
        raw.seek(0)
        if head.startswith(_GZIP):
            with gzip.open(raw) as unpacked:
                yield unpacked  # type: ignore[misc]  # a GzipFile reads bytes
        elif head.startswith(_ZIP):
            with zipfile.ZipFile(raw) as parts, parts.open(_only_table(parts)) as unpacked:
                yield unpacked
        else:
            yield raw


def _only_table(parts: zipfile.ZipFile) -> zipfile.ZipInfo:
    tables = [one for one in parts.infolist() if not one.is_dir()]
    if any(one.filename.startswith("xl/") for one in tables):
        raise UnreadableExportError(
            "This is an Excel workbook. Export as CSV instead: workbooks end at 1,048,576 rows."
        )
    tables = [one for one in tables if one.filename.lower().endswith((".csv", ".tsv", ".txt"))]
    if len(tables) != 1:
        raise UnreadableExportError(
            f"The ZIP holds {len(tables)} tables; it must hold exactly one .csv, .tsv or .txt."
        )
    if tables[0].file_size > MAX_UNPACKED:
        raise UnreadableExportError("The export is larger than 20 GB unpacked. Split it.")
    return tables[0]


def read_export(path: Path) -> Export:
    """Find out how an export is written and whose links it lists.

    Raises `UnreadableExportError` with what to do.
    """
    try:
        with open_bytes(path) as file:
            head = file.read(_HEAD)
    except (OSError, EOFError, zipfile.BadZipFile) as error:
        raise UnreadableExportError(f"The file cannot be unpacked: {error}.") from error
    if not head:
        raise UnreadableExportError("The file is empty.")
    encoding = detect_encoding(io.BytesIO(head)).name
    lines = head.decode(encoding, "ignore").splitlines()
    if len(head) == _HEAD:
        lines = lines[:-1]
    skip, delimiter, columns = _header(lines)
    mapping = map_columns(columns)
    with path.open("rb") as raw:
        packed = raw.read(4).startswith((_GZIP, _ZIP))
    return Export(
        path=str(path),
        encoding=encoding,
        delimiter=delimiter,
        skip=skip,
        columns=columns,
        mapping=mapping,
        source=exporter(columns),
        targets=_targets(lines[skip + 1 :], delimiter, mapping),
        packed=packed,
    )


def _header(lines: list[str]) -> tuple[int, str, list[str]]:
    for number, line in enumerate(lines[:_HEADER_LINES]):
        for delimiter in DELIMITERS:
            cells = next(csv.reader([line], delimiter=delimiter), [])
            if len(cells) > 1 and map_columns(cells):
                return number, delimiter, [cell.strip() for cell in cells]
        if map_columns([line]):
            return number, ",", [line.strip().strip('"')]
    raise UnreadableExportError(
        "No column of linking pages was found. Export “Backlinks” or “Referring domains” from "
        "Ahrefs or Semrush as CSV; the first line must name the columns "
        "(“Referring page URL”, “Source url” or “Domain”)."
    )


def _targets(lines: list[str], delimiter: str, mapping: dict[str, int]) -> list[str]:
    """Return the registrable domains the sample's links point to, most frequent first."""
    index = mapping.get("target_url")
    if index is None:
        return []
    found: Counter[str] = Counter()
    for cells in csv.reader(lines[:2000], delimiter=delimiter):
        if len(cells) > index and (domain := registrable_domain(cells[index])):
            found[domain] += 1
    most = found.most_common(20)
    if most and most[0][1] >= _SHARE * found.total():
        return [most[0][0]]
    return [domain for domain, _ in most]


def write_text(export: Export, path: Path, out: IO[bytes]) -> None:
    """Write an export's text to `out` as UTF-8, a chunk at a time.

    Bytes that are no text become U+FFFD. Raises `UnreadableExportError` past the bound.
    """
    decoder = codecs.getincrementaldecoder(export.encoding)(errors="replace")
    left = MAX_UNPACKED
    with open_bytes(path) as file:
        while chunk := file.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise UnreadableExportError("The export is larger than 20 GB unpacked. Split it.")
            out.write(decoder.decode(chunk).encode())
        out.write(decoder.decode(b"", final=True).encode())
