"""Reading a suppression list from a CSV or XLSX file someone uploads, within bounds."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from django.core.exceptions import ValidationError

from compliance.enums import SuppressionKind, SuppressionReason
from foundation.addresses import normalise_address, normalise_domain
from foundation.workbooks import WorkbookError, is_workbook, read_workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.core.files.uploadedfile import UploadedFile

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 100_000

_VALUE_HEADS = ("email", "e-mail", "email address", "e-mail address", "address", "value",
                "suppressed", "entry", "mail", "recipient", "domain", "website")  # fmt: skip
_REASON_HEADS = ("reason", "type", "why")
_REASONS = {reason.value: reason for reason in SuppressionReason} | {
    reason.label.lower(): reason for reason in SuppressionReason
}  # fmt: skip


class Entry(NamedTuple):
    """One line of a list that can be suppressed."""

    kind: SuppressionKind
    value: str
    reason: SuppressionReason


class Rejected(NamedTuple):
    """One line that cannot be, and why."""

    line: int
    value: str
    reason: str


def read_list(file: UploadedFile[bytes]) -> Iterator[Entry | Rejected]:
    """Yield what each line of the file asks to suppress, or why it cannot.

    The first line may be a header; without one the first column counts. Raises
    `ValidationError` when the file cannot be read, or is larger than 10 MB or 100,000
    lines.
    """
    if (file.size or 0) > MAX_BYTES:
        raise ValidationError("The file is larger than 10 MB. Split it and import the parts.")
    rows = _sheet_rows(file) if _is_sheet(file) else _csv_rows(file)
    yield from _entries(rows)


def read_value(text: str) -> tuple[SuppressionKind, str]:
    """Return whether a line names an address or a domain, normalised.

    Raises `ValidationError` saying what is wrong with it.
    """
    plain = text.strip().strip("<>;,")
    if "@" in plain.lstrip("@"):
        return SuppressionKind.ADDRESS, normalise_address(plain)
    return SuppressionKind.DOMAIN, normalise_domain(plain)


def _entries(rows: Iterable[Sequence[str]]) -> Iterator[Entry | Rejected]:
    value_at, reason_at = 0, -1
    for line, row in enumerate(rows, 1):
        if line > MAX_ROWS + 1:
            raise ValidationError("The file has more than 100,000 lines. Split it.")
        if line == 1:
            heads = [cell.strip().lower() for cell in row]
            value_at, reason_at, is_head = _columns(heads)
            if is_head:
                continue
        text = row[value_at].strip() if value_at < len(row) else ""
        if not text:
            if any(cell.strip() for cell in row):
                yield Rejected(line, "", "There is no address or domain in this line.")
            continue
        try:
            kind, value = read_value(text)
        except ValidationError as error:
            yield Rejected(line, text[:120], " ".join(error.messages))
            continue
        reason = row[reason_at].strip().lower() if 0 <= reason_at < len(row) else ""
        found = _REASONS.get(reason, SuppressionReason.IMPORTED)
        yield Entry(kind, value, SuppressionReason.IMPORTED if found == "erased" else found)


def _columns(heads: Sequence[str]) -> tuple[int, int, bool]:
    """Return where values and reasons stand, and whether this line is a header at all."""
    value_at = next((heads.index(name) for name in _VALUE_HEADS if name in heads), -1)
    if value_at < 0:
        return 0, -1, False
    return value_at, next((heads.index(name) for name in _REASON_HEADS if name in heads), -1), True


def _is_sheet(file: UploadedFile[bytes]) -> bool:
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    return is_workbook(start)


def _sheet_rows(file: UploadedFile[bytes]) -> Iterator[list[str]]:
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as kept:
        shutil.copyfileobj(file, kept)
        kept.flush()
        try:
            with closing(read_workbook(Path(kept.name))) as rows:
                yield from (cells for number, cells in rows if number)
        except WorkbookError as error:
            raise ValidationError(str(error)) from error


def _csv_rows(file: UploadedFile[bytes]) -> Iterator[list[str]]:
    text = _decode(file.read())
    if "\x00" in text:
        raise ValidationError("This is neither a CSV nor an XLSX file.")
    head = text[:4096].splitlines()
    delimiter = max(",;\t|", key=head[0].count) if head else ","
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise ValidationError(f"The file cannot be read as CSV: {error}.") from error


def _decode(data: bytes) -> str:
    """Decode what a spreadsheet program writes: by its mark, else UTF-8, else Windows."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
