"""What an import would do: each row new, changed, unchanged, or rejected with its reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.text import slugify

from directory.importing.cells import (
    COLUMNS,
    READERS,
    REQUIRED,
    CellError,
    as_text,
    show,
)
from foundation.addresses import registrable_domain

Kind = Literal["new", "changed", "unchanged", "rejected"]


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row: the column, and what to do about it."""

    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.column}: {self.message}"


@dataclass(frozen=True)
class Change:
    """One cell that differs from what is there."""

    column: str
    before: str
    after: str


@dataclass
class Known:
    """A directory as it stands: its key in the table and the values of its columns."""

    pk: int | None
    values: dict[str, Any]


@dataclass
class RowPlan:
    """What would become of one row."""

    number: int
    cells: Mapping[str, object]
    kind: Kind = "rejected"
    values: dict[str, Any] = field(default_factory=dict)
    pk: int | None = None
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What the row is about, as far as known."""
        return str(self.values.get("name") or as_text(self.cells.get("name")) or "")


@dataclass
class Plan:
    """What would become of a file."""

    rows: list[RowPlan]
    unknown_columns: list[str]

    def of(self, kind: Kind) -> list[RowPlan]:
        """Return the rows of one kind."""
        return [row for row in self.rows if row.kind == kind]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each kind."""
        return {kind: len(self.of(kind)) for kind in ("new", "changed", "unchanged", "rejected")}


class UnreadableTableError(ValueError):
    """A file no row of which can be read; the message says what to do."""


def tidy_header(header: Sequence[object]) -> list[str]:
    """Return column names as we write them: `Domain Rating` is domain_rating."""
    return ["_".join(as_text(name).lower().split()) for name in header]


def plan_rows(
    header: Sequence[str], rows: Iterable[Sequence[object]], known: Iterable[Known]
) -> Plan:
    """Return what importing the rows would do; rows are numbered as a spreadsheet shows them.

    Raises `UnreadableTableError` when the columns do not say which directory a row is.
    """
    if not {"key", "url"} & set(header):
        raise UnreadableTableError(
            "The first line must name the columns, and one of them must be key or url."
        )
    index = _Index(known)
    plans = []
    for number, cells in enumerate(rows, start=2):
        row = RowPlan(number, dict(zip(header, cells, strict=False)))
        if any(as_text(cell) for cell in row.cells.values()):
            _plan_row(row, index)
            plans.append(row)
    return Plan(plans, [name for name in header if name and name not in READERS])


class _Index:
    """The directories there are, and the rows already read, by key and by URL."""

    def __init__(self, known: Iterable[Known]) -> None:
        self.by_key = {row.values["key"]: row for row in known}
        self.by_url = {row.values["url"]: row for row in self.by_key.values()}
        self.seen: dict[tuple[str, str], int] = {}

    def find(self, values: Mapping[str, Any]) -> Known | None:
        """Return the directory a row is about: by its key, or else by its URL."""
        if values.get("key"):
            return self.by_key.get(values["key"])
        return self.by_url.get(values.get("url", ""))

    def free_key(self, values: Mapping[str, Any]) -> str:
        """Return a key for a new directory, from its name or its domain."""
        domain = registrable_domain(values["url"]).replace(".", "-")
        stem = slugify(values["name"])[:70] or slugify(domain)[:70] or "directory"
        key, number = stem, 1
        while key in self.by_key or ("key", key) in self.seen:
            number += 1
            key = f"{stem}-{number}"
        return key


def _plan_row(row: RowPlan, index: _Index) -> None:
    given = _read(row)
    found = index.find(given)
    if found is None:
        _complete(row, given)
    values = {**(found.values if found else {}), **{k: v for k, v in given.items() if k != "key"}}
    if found is None:
        values["key"] = given.get("key", "")
    _check_whole(row, values, given)
    _check_unique(row, values, found, index)
    if row.problems:
        return
    values["key"] = values["key"] or index.free_key(values)
    index.seen |= {("key", values["key"]): row.number, ("url", values["url"]): row.number}
    row.values, row.pk = values, found.pk if found else None
    row.changes = _changes(found.values, values) if found else []
    row.kind = ("changed" if row.changes else "unchanged") if found else "new"


def _read(row: RowPlan) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for column, cell in row.cells.items():
        reader = READERS.get(column)
        if reader is None:
            continue
        try:
            given[column] = reader(as_text(cell))
        except CellError as error:
            row.problems.append(Problem(column, str(error)))
    return given


def _complete(row: RowPlan, given: dict[str, Any]) -> None:
    """Give a new directory the columns its row does not have."""
    for column in COLUMNS:
        if column in row.cells or column == "key":
            continue
        if column in REQUIRED:
            row.problems.append(Problem(column, "is missing. Add the column; a new row needs it."))
        else:
            given[column] = READERS[column]("")


def _check_whole(row: RowPlan, values: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    if values.get("paid_price") is not None and values.get("is_paid") is False:
        column = "paid_price" if "paid_price" in given else "is_paid"
        row.problems.append(
            Problem(column, "has a price, but is_paid is no. Set is_paid to yes or drop the price.")
        )


def _check_unique(
    row: RowPlan, values: Mapping[str, Any], found: Known | None, index: _Index
) -> None:
    for column in ("key", "url"):
        value = values.get(column)
        before = index.seen.get((column, str(value))) if value else None
        if before:
            row.problems.append(
                Problem(column, f"is the same as in row {before}. Keep one of the two rows.")
            )
            return
    owner = index.by_url.get(str(values.get("url")))
    if owner is not None and owner is not found:
        row.problems.append(
            Problem("url", f"belongs to the directory {owner.values['key']}. Use that key.")
        )


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    return [
        Change(column, show(column, before[column]), show(column, after[column]))
        for column in COLUMNS
        if before[column] != after[column]
    ]
