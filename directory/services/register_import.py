"""Taking links that exist already into the register, from a file of another tool."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction

from directory.models import Backlink
from directory.services.register import new_backlink, record_added
from foundation.encodings import detect_encoding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from accounts.models import Client, User

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 2_000
_HEADER_LINES = 10
# Header, in letters and digits only → field. BuzzStream's, those of our export, and usual ones.
COLUMNS = {
    "linkingfrom": "source_url", "page": "source_url", "pagethatlinks": "source_url",
    "sourceurl": "source_url", "sourcepage": "source_url", "referringpageurl": "source_url",
    "linkingto": "target_url", "target": "target_url", "targeturl": "target_url",
    "targetpage": "target_url", "anchor": "anchor_text", "anchortext": "anchor_text",
    "rel": "link_type", "linktype": "link_type", "status": "status",
    "domainrating": "domain_rating", "dr": "domain_rating", "notes": "notes",
    "paymentamount": "cost", "cost": "cost", "costcurrency": "cost_currency",
    "paymentexpiration": "expected_until", "expecteduntil": "expected_until",
    "expectedrel": "expected_rel", "expectedanchor": "expected_anchor",
    "expectedtarget": "expected_target", "expectedprice": "expected_price",
    "expectedcurrency": "expected_currency",
}  # fmt: skip


class UnreadableFileError(Exception):
    """The file is no list of links; the message says why and what to do."""


@dataclass(frozen=True)
class RejectedRow:
    """A row that was not taken, and why."""

    line: int
    page: str
    target: str
    reason: str


@dataclass
class LinkImport:
    """What became of a file."""

    added: int = 0
    known: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)


def read_links(file: BinaryIO, size: int) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row's line number and its cells by field.

    Raises `UnreadableFileError` when it is too large, or no header names both pages.
    """
    if size > MAX_BYTES:
        raise UnreadableFileError("The file is larger than 2 MB. Split it.")
    text = file.read().decode(detect_encoding(_rewound(file)).name, errors="replace")
    text = text.removeprefix("\ufeff").replace("\0", "")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        yield from _cells(rows)
    except csv.Error as error:
        raise UnreadableFileError("The file is no CSV. Export it as CSV and try again.") from error


def _rewound(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    return file


def _delimiter(text: str) -> str:
    head = text[:4000]
    return max(",;\t", key=head.count)


def _cells(rows: Any) -> Iterator[tuple[int, dict[str, str]]]:
    names: dict[str, int] = {}
    for cells in rows:
        if not names:
            names = _header(cells)
            if not names and rows.line_num >= _HEADER_LINES:
                break
        elif any(cell.strip() for cell in cells):
            found = {name: cells[at].strip() for name, at in names.items() if at < len(cells)}
            yield rows.line_num, found
    if not names:
        raise UnreadableFileError(
            "No header names the two pages. Call the columns “Linking from” and “Linking to”."
        )


def _header(cells: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(cells):
        name = COLUMNS.get("".join(filter(str.isalnum, cell.lower())))
        if name:
            found.setdefault(name, at)
    return found if {"source_url", "target_url"} <= set(found) else {}


@transaction.atomic
def import_links(
    *,
    client: Client,
    rows: Iterator[tuple[int, dict[str, str]]],
    check: Callable[[dict[str, str]], tuple[Mapping[str, Any], str]],
    actor: User | None,
) -> LinkImport:
    """Add the rows that are right and new; name what is wrong with each other one.

    Args:
        client: whose links they are.
        rows: what `read_links` yields.
        check: gives a row's clean values, or what is wrong with it.
        actor: who imports them.

    Raises `UnreadableFileError` when there are more than 2,000 rows. The number of queries
    does not grow with the rows, but for batches of 500.
    """
    report, fresh = LinkImport(), {}
    for number, (line, cells) in enumerate(rows):
        if number >= MAX_ROWS:
            raise UnreadableFileError(f"The file has more than {MAX_ROWS:,} rows. Split it.")
        values, wrong = check(cells)
        key = (str(values.get("source_url")), str(values.get("target_url")))
        if wrong:
            page, target = cells.get("source_url", ""), cells.get("target_url", "")
            report.rejected.append(RejectedRow(line, page, target, wrong))
        elif key in fresh:
            report.known += 1
        else:
            fresh[key] = values
    stored = Backlink.objects.for_agency(client.agency).filter(
        client=client, source_url__in=[page for page, _ in fresh]
    )
    for key in stored.order_by("pk").values_list("source_url", "target_url"):
        report.known += 1 if fresh.pop(key, None) else 0
    links = [new_backlink(client, values, actor) for values in fresh.values()]
    record_added(Backlink.objects.bulk_create(links, batch_size=500), "Imported", actor)
    report.added = len(links)
    return report
