"""A gap search from upload to start: made, given its files, told whose links they list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F

from directory.enums import GAP_MOVES, GapStatus
from directory.gap.exports import UnreadableExportError, read_export
from directory.models import GapFile, GapRun
from foundation.addresses import registrable_domain
from foundation.choices import check_move
from foundation.files import local_path
from foundation.wake import wake

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.files import File

    from accounts.models import Client, User

# A bit each in a domain's mask.
MAX_COMPETITORS = 30
MAX_FILES = 40
SUFFIXES = (".csv", ".tsv", ".txt", ".gz", ".zip")


class GapRefusedError(Exception):
    """A file or a search cannot be taken; the message says why and what to do."""


def create_run(*, client: Client, actor: User | None) -> GapRun:
    """Begin a search for a client; it waits for its files."""
    return GapRun.objects.create(agency=client.agency, client=client, actor=actor)


def add_file(run: GapRun, file: File[Any], filename: str) -> GapFile:
    """Keep one export and guess whose links it lists.

    Raises `GapRefusedError` when it is no backlink export or the search has begun.
    """
    _check_open(run)
    _check_upload(run, file, filename)
    kept = GapFile(agency=run.agency, run=run, filename=filename[-255:], size=file.size)
    kept.file.save(filename[-80:], file, save=False)
    try:
        with local_path(kept.file, filename) as path:
            export = read_export(path)
    except UnreadableExportError as error:
        kept.file.delete(save=False)
        raise GapRefusedError(f"“{filename}”: {error}") from error
    kept.exporter = export.source
    if len(export.targets) == 1:
        kept.owner_domain = export.targets[0]
    kept.save()
    return kept


def _check_upload(run: GapRun, file: File[Any], filename: str) -> None:
    if not filename.lower().endswith(SUFFIXES):
        raise GapRefusedError(
            f"“{filename}” is not an export. Choose {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}."
        )
    if not file.size:
        raise GapRefusedError(f"“{filename}” is empty.")
    if file.size > settings.GAP_MAX_BYTES:
        most = settings.GAP_MAX_BYTES // 1024**2
        raise GapRefusedError(
            f"“{filename}” is larger than {most:,} MB. Pack it as .gz or .zip, or split it."
        )
    if run.files.count() >= MAX_FILES:
        raise GapRefusedError(f"A search takes at most {MAX_FILES} files.")


def _check_open(run: GapRun) -> None:
    if run.status != GapStatus.DRAFT:
        raise GapRefusedError("This search has started; begin a new one for other files.")


def remove_file(file: GapFile) -> None:
    """Take an export out of a search that has not begun. Raises `GapRefusedError`."""
    _check_open(file.run)
    file.file.delete(save=False)
    file.delete()


def set_owners(run: GapRun, owners: Mapping[int, str]) -> None:
    """Keep whose links each file lists: file key → registrable domain.

    Raises `GapRefusedError` when the search has begun.
    """
    _check_open(run)
    for file in run.files.all():
        if file.pk in owners:
            file.owner_domain = registrable_domain(owners[file.pk])[:253]
            file.save(update_fields=["owner_domain"])


def client_domain(run: GapRun) -> str:
    """Return the registrable domain of the client searched for."""
    return registrable_domain(run.client.domain) if run.client.domain else ""


@transaction.atomic
def start_run(run: GapRun) -> None:
    """Queue a search. Raises `GapRefusedError` with what is still wanted."""
    check_move("search", GAP_MOVES, run.status, GapStatus.QUEUED)
    ours = client_domain(run)
    files = list(run.files.all())
    competitors = list(dict.fromkeys(f.owner_domain for f in files if f.owner_domain != ours))
    _check_start(ours, files, competitors)
    moved = GapRun.objects.filter(pk=run.pk, status=run.status).update(
        status=GapStatus.QUEUED,
        competitors=competitors,
        keep_lost=run.keep_lost,
        keep_spam=run.keep_spam,
        keep_nofollow=run.keep_nofollow,
        error="",
        files_done=0,
    )
    if not moved:
        raise GapRefusedError("Someone else has just started this search.")
    wake(current_app.signature("directory.run_gap"), run.pk)
    run.refresh_from_db()


def _check_start(ours: str, files: list[GapFile], competitors: list[str]) -> None:
    if not ours:
        raise GapRefusedError("The client has no website yet. Add it, then search.")
    unknown = next((file for file in files if not file.owner_domain), None)
    if unknown:
        raise GapRefusedError(f"Say whose links “{unknown.filename}” lists.")
    if not competitors:
        raise GapRefusedError("Add at least one export of a competitor’s backlinks.")
    if len(competitors) > MAX_COMPETITORS:
        raise GapRefusedError(f"At most {MAX_COMPETITORS} competitors are compared at once.")


def stop_run(run: GapRun) -> None:
    """Stop a search that waits or runs; it goes back to its files. Raises `MoveError`."""
    check_move("search", GAP_MOVES, run.status, GapStatus.DRAFT)
    GapRun.objects.filter(pk=run.pk, status=run.status).update(
        status=GapStatus.DRAFT, attempts=F("attempts") + 1, heartbeat_at=None
    )
    run.refresh_from_db()


def delete_run(run: GapRun) -> None:
    """Forget a search, its files and what it found; the register keeps what was taken."""
    files = [file.file for file in run.files.all()]
    run.delete()
    for file in files:
        transaction.on_commit(lambda kept=file: kept.delete(save=False))  # type: ignore[misc]  # mypy takes no default
