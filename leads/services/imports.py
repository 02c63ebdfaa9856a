"""An import from upload to start: made, mapped, previewed, queued, cancelled."""

from collections.abc import Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from celery import current_app
from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from accounts.models import Agency, Client, User
from foundation import files
from foundation.choices import MoveError, check_move
from foundation.wake import wake
from leads.enums import IMPORT_MOVES, ImportStatus
from leads.importing.limits import UnreadableFileError
from leads.importing.mapping import CUSTOM, FIELDS, guess_mapping, slug
from leads.importing.planning import Lookups, Wishes, as_rejected, plan_batch
from leads.importing.runs import read_batches
from leads.importing.tables import Layout, open_rows, read_layout
from leads.models import LeadImport
from leads.rules.completion import ClientFacts
from leads.selectors.duplicates import batch_lookups

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods")
PREVIEW_ROWS = 20
_SHOWN = (*FIELDS, "domain", "country_source", "time_zone_source", "score", "tier", "custom")


class ImportRefusedError(Exception):
    """A file or a mapping cannot be taken; the message says why and what to do."""


@dataclass
class PreviewRow:
    """One row as it will be stored, or why it will not be."""

    line: int
    outcome: str
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[dict[str, str]] = field(default_factory=list)


def create_import(
    *,
    agency: Agency,
    file: "IO[bytes] | File[Any]",
    filename: str,
    actor: User | None,
    client: Client | None = None,
    options: Mapping[str, Any] | None = None,
) -> LeadImport:
    """Keep an uploaded file and guess how it is to be read and mapped.

    Raises `ImportRefusedError` when the file is no table of leads.
    """
    kept = File(file, name=filename) if not isinstance(file, File) else file
    _check_upload(kept, filename)
    lead_import = LeadImport(
        agency=agency,
        client=client,
        filename=filename[-255:],
        size=kept.size,
        actor=actor,
        options=dict(options or {}),
    )
    lead_import.file.save(f"{filename[-80:]}", kept, save=False)
    try:
        with local_path(lead_import) as path:
            layout = read_layout(path)
            sample = sample_rows(path, layout)
    except UnreadableFileError as error:
        lead_import.file.delete(save=False)
        raise ImportRefusedError(str(error)) from error
    lead_import.encoding, lead_import.delimiter = layout.encoding, layout.delimiter
    lead_import.header_row, lead_import.columns = layout.header_row, layout.columns
    lead_import.rows_total = layout.rows
    lead_import.mapping = guess_mapping(layout.columns, sample)
    lead_import.save()
    return lead_import


def _check_upload(file: "File[Any]", filename: str) -> None:
    if not filename.lower().endswith(SUFFIXES):
        raise ImportRefusedError(
            f"“{filename}” is not a spreadsheet. Choose one of {', '.join(SUFFIXES)}."
        )
    if not file.size:
        raise ImportRefusedError("The file is empty.")
    if file.size > settings.IMPORT_MAX_BYTES:
        most = settings.IMPORT_MAX_BYTES // 1024**2
        raise ImportRefusedError(f"The file is larger than {most} MB. Split it and import both.")


@contextmanager
def local_path(lead_import: LeadImport) -> "Iterator[Path]":
    """Give the uploaded file as a path on this machine, wherever it is kept."""
    with files.local_path(lead_import.file, lead_import.filename) as path:
        yield path


def layout_of(lead_import: LeadImport) -> Layout:
    """Return how an import's file is to be read."""
    return Layout(
        lead_import.encoding,
        lead_import.delimiter,
        lead_import.header_row,
        list(lead_import.columns),
    )


def sample_rows(path: Path, layout: Layout, size: int = PREVIEW_ROWS) -> list[list[str]]:
    """Return the first rows below the header, as they stand in the file."""
    with open_rows(path, layout) as rows:
        return [row.cells for _, row in zip(range(size), rows, strict=False)]


def set_mapping(lead_import: LeadImport, mapping: Mapping[str, str]) -> None:
    """Keep a person's mapping of columns, and know the import as mapped.

    Raises `ImportRefusedError` when it leaves nothing to know a lead by.
    """
    lead_import.mapping = checked_mapping(lead_import.columns, mapping)
    if lead_import.status not in {ImportStatus.UPLOADED, ImportStatus.MAPPED}:
        raise ImportRefusedError("This import has started; its columns are fixed.")
    lead_import.status = ImportStatus.MAPPED
    lead_import.save(update_fields=["mapping", "options", "client", "status"])


def checked_mapping(columns: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Return column → target for every column, or raise `ImportRefusedError`."""
    targets = {column: _target(mapping.get(column, ""), column) for column in columns}
    used = [target for target in targets.values() if target]
    twice = next((target for target in used if used.count(target) > 1), None)
    if twice:
        names = " and ".join(f"“{c}”" for c, target in targets.items() if target == twice)
        raise ImportRefusedError(f"{names} are both mapped to {twice}. Choose one of them.")
    if not {"email", "website"} & set(used):
        raise ImportRefusedError(
            "No column is mapped to E-mail or Website; a lead is known by one of them."
        )
    return targets


def _target(target: str, column: str) -> str:
    if target == "custom":
        return f"{CUSTOM}{slug(column)}"
    if target.startswith(CUSTOM):
        return f"{CUSTOM}{slug(target.removeprefix(CUSTOM))}"
    if target and target not in FIELDS:
        raise ImportRefusedError(f"There is no field “{target}”.")
    return target


def wishes_of(lead_import: LeadImport) -> Wishes:
    """Return what a person chose for an import."""
    options = lead_import.options
    client = lead_import.client
    return Wishes(
        overwrite=options.get("duplicates") == "overwrite",
        only_new=options.get("duplicates") == "skip",
        client_id=client.pk if client else None,
        client=client_facts(client),
        owner_id=options.get("owner_id"),
    )


def client_facts(client: Client | None) -> ClientFacts | None:
    """Return what of a client makes a site relevant."""
    if client is None:
        return None
    topics = tuple(str(topic) for topic in (client.industry, *client.subcategories) if topic)
    return ClientFacts(topics, tuple(str(region) for region in client.regions))


def preview(lead_import: LeadImport, *, size: int = PREVIEW_ROWS) -> list[PreviewRow]:
    """Return the first rows as they will be stored, and what will become of each."""
    with local_path(lead_import) as path:
        return preview_file(
            path,
            layout_of(lead_import),
            lead_import.mapping,
            wishes_of(lead_import),
            agency=lead_import.agency,
            size=size,
        )


def preview_file(
    path: Path,
    layout: Layout,
    mapping: dict[str, str],
    wishes: Wishes,
    *,
    agency: Agency | None,
    size: int = PREVIEW_ROWS,
) -> list[PreviewRow]:
    """Return a file's first rows as they would be stored; without an agency, as in a new one."""
    with closing(read_batches(path, layout, mapping, wishes, size=size)) as batches:
        batch = next(batches, None)
    if batch is None:
        return []
    rows = [values for _, values in batch.clean]
    lookups = batch_lookups(agency, rows) if agency and rows else Lookups()
    plan = plan_batch(batch.clean, lookups, wishes)
    found = [
        PreviewRow(clean.line, plan.rows[clean.line], _shown(values))
        for clean, values in batch.clean
    ]
    found += [
        PreviewRow(row.line, "rejected", {"cells": row.cells}, as_rejected(problems))
        for row, problems in batch.rejected
    ]
    return sorted(found, key=lambda row: row.line)


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: values[name] for name in _SHOWN if values.get(name) not in (None, "", {})}
    shown["verification"] = values["verification"]
    return shown


def start_import(lead_import: LeadImport) -> None:
    """Queue an import and wake a worker; raises `MoveError` once it has run."""
    check_move("import", IMPORT_MOVES, lead_import.status, ImportStatus.QUEUED)
    with transaction.atomic():
        move_import(lead_import, ImportStatus.QUEUED)
        wake(current_app.signature("leads.run_import"), lead_import.pk)


def cancel_import(lead_import: LeadImport) -> None:
    """Stop an import where it is; the leads it brought so far stay."""
    move_import(lead_import, ImportStatus.CANCELLED, finished_at=timezone.now())


def move_import(lead_import: LeadImport, to: ImportStatus, **also: Any) -> None:
    """Move an import's status by compare-and-swap; raises `MoveError` when it may not."""
    allowed = [old for old, new in IMPORT_MOVES.items() if to in new]
    moved = LeadImport.objects.filter(pk=lead_import.pk, status__in=allowed).update(
        status=to, **also
    )
    if not moved:
        lead_import.refresh_from_db(fields=["status"])
        raise MoveError("import", lead_import.status, to)
    lead_import.status = to


def as_json(rows: Sequence[PreviewRow]) -> list[dict[str, Any]]:
    """Return preview rows as plain data."""
    return [asdict(row) for row in rows]
