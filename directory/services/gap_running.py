"""A started gap search: claimed by one worker, searched in a child process, stored."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from directory.enums import GapDomainStatus, GapStatus
from directory.models import GapDomain, GapRun
from directory.rules.gap import gap_strength
from directory.services.gaps import client_domain
from foundation.files import local_path

if TYPE_CHECKING:
    from collections.abc import Iterator

log = structlog.get_logger(__name__)

STALE = dt.timedelta(minutes=3)
_LOOK = 15.0
_BATCH = 5_000
_LOST = "The search broke off. Start it again; if it breaks off again, leave out the largest file."


class _TakenAwayError(Exception):
    """Someone stopped the search, or another worker holds it now."""


class _FailedError(Exception):
    """The search cannot be done; the message says why."""


def due_gap_runs() -> list[int]:
    """Return the searches nobody is running: queued, or left by a worker that died."""
    left = Q(status=GapStatus.RUNNING, heartbeat_at__lt=timezone.now() - STALE)
    due = GapRun.objects.filter(Q(status=GapStatus.QUEUED) | left)
    return list(due.order_by("pk").values_list("pk", flat=True)[:5])


def run_gap(run_id: int) -> GapRun | None:
    """Search to the end; None when the search is not waiting to be run."""
    if not _claim(run_id):
        return None
    run = GapRun.objects.select_related("agency", "client").get(pk=run_id)
    try:
        with tempfile.TemporaryDirectory(prefix="gap-run-") as folder:
            result = _search(run, Path(folder))
            _store(run, result)
    except _TakenAwayError:
        log.info("gap_taken_away", run=run_id)
    except _FailedError as error:
        _ours(run).update(status=GapStatus.FAILED, error=str(error)[:500])
    run.refresh_from_db()
    return run


def _claim(run_id: int) -> bool:
    now = timezone.now()
    free = Q(status=GapStatus.QUEUED) | Q(status=GapStatus.RUNNING, heartbeat_at__lt=now - STALE)
    return bool(
        GapRun.objects.filter(free, pk=run_id).update(
            status=GapStatus.RUNNING,
            heartbeat_at=now,
            attempts=F("attempts") + 1,
            files_done=0,
            rows_read=0,
            rows_unreadable=0,
        )
    )


def _ours(run: GapRun) -> Any:
    return GapRun.objects.filter(pk=run.pk, attempts=run.attempts, status=GapStatus.RUNNING)


def _beat(run: GapRun, **values: Any) -> None:
    if not _ours(run).update(heartbeat_at=timezone.now(), **values):
        raise _TakenAwayError


# Searching ---------------------------------------------------------------------------------


def _search(run: GapRun, folder: Path) -> Path:
    ours = client_domain(run)
    owners = {ours: 0} | {domain: n for n, domain in enumerate(run.competitors, start=1)}
    files = list(run.files.order_by("pk"))
    result = folder / "found.jsonl"
    with ExitStack() as paths:
        exports = [
            {
                "path": str(paths.enter_context(local_path(file.file, file.filename))),
                "owner": owners[file.owner_domain],
                "name": file.filename,
            }
            for file in files
        ]
        job = {
            "folder": str(folder),
            "result": str(result),
            "own": list(owners),
            "exports": exports,
            "wishes": {
                "lost": run.keep_lost,
                "spam": run.keep_spam,
                "nofollow": run.keep_nofollow,
            },
            "memory": settings.GAP_MEMORY,
        }
        # Read to the end, however it ends: a stopped search is noticed by what it says next.
        done = False
        for said in _child(run, job):
            done = done or "domains" in said
            _note(run, files, said)
    if not done:
        raise _FailedError(_LOST)
    return result


def _child(run: GapRun, job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what the child process says; it is killed when the search is taken away."""
    command = [sys.executable, "-m", "directory.gap.child"]
    with subprocess.Popen(  # noqa: S603  # our own module, no shell
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR
    ) as child:
        watch = _Watch(run, child)
        watch.start()
        try:
            if child.stdin is None or child.stdout is None:
                raise RuntimeError("the child has no pipes")
            with child.stdin as words:
                words.write(json.dumps(job))
            for line in child.stdout:
                yield json.loads(line)
        finally:
            watch.done.set()
            child.kill()
            watch.join()


class _Watch(threading.Thread):
    """Shows that the search lives; kills the child when it is stopped or takes too long."""

    def __init__(self, run: GapRun, child: subprocess.Popen[str]) -> None:
        super().__init__(name=f"gap-{run.pk}", daemon=True)
        self.mine, self.child = _ours(run), child
        self.done = threading.Event()

    def run(self) -> None:
        """Look every few seconds until the child has ended."""
        deadline = time.monotonic() + settings.GAP_SECONDS
        try:
            while not self.done.wait(_LOOK):
                alive = self.mine.update(heartbeat_at=timezone.now())
                if not alive or time.monotonic() > deadline:
                    self.child.kill()
                    return
        finally:
            connection.close()


def _note(run: GapRun, files: list[Any], said: dict[str, Any]) -> None:
    if "error" in said:
        raise _FailedError(said["error"])
    if "export" not in said:
        _beat(run)
        return
    file = files[said["export"]]
    file.rows_read, file.rows_unreadable = said["rows"], said["unreadable"]
    file.examples = said["examples"]
    file.save(update_fields=["rows_read", "rows_unreadable", "examples"])
    _beat(
        run,
        files_done=said["export"] + 1,
        rows_read=F("rows_read") + said["rows"],
        rows_unreadable=F("rows_unreadable") + said["unreadable"],
    )


# Storing -----------------------------------------------------------------------------------


def _store(run: GapRun, result: Path) -> None:
    """Write what was found in batches, then finish: a search half stored is not shown."""
    run.domains.all().delete()
    earlier = _decided(run)
    count = 0
    with result.open(encoding="utf-8") as lines:
        while batch := list(islice(lines, _BATCH)):
            rows = [_row(run, json.loads(line), earlier) for line in batch]
            with transaction.atomic():
                _beat(run)
                GapDomain.objects.bulk_create(rows, batch_size=1000)
            count += len(rows)
    files = [file.file for file in run.files.all()]
    with transaction.atomic():
        _beat(
            run,
            status=GapStatus.FINISHED,
            domains_count=count,
            finished_at=timezone.now(),
            error="",
        )
        # What was found stays; the exports themselves are not kept.
        for file in files:
            transaction.on_commit(lambda kept=file: kept.delete(save=False))  # type: ignore[misc]  # mypy takes no default


def _decided(run: GapRun) -> dict[str, tuple[str, int | None]]:
    """Return what was decided on a domain in this client's earlier searches."""
    decided = (
        GapDomain.objects.for_agency(run.agency)
        .filter(run__client=run.client)
        .exclude(status=GapDomainStatus.OPEN)
        .order_by("pk")
    )
    return {
        domain: (status, backlink)
        for domain, status, backlink in decided.values_list("domain", "status", "backlink")
    }


def _row(
    run: GapRun, found: dict[str, Any], earlier: dict[str, tuple[str, int | None]]
) -> GapDomain:
    owners = [link["owner"] for link in found["links"]]
    links = sum(link["links"] for link in found["links"])
    dofollow = sum(link["dofollow"] for link in found["links"])
    rating = found["rating"] or 0
    strength = gap_strength(len(owners), len(run.competitors), rating, links, dofollow)
    status, backlink = earlier.get(found["domain"], (GapDomainStatus.OPEN, None))
    return GapDomain(
        agency_id=run.agency_id,
        run=run,
        domain=found["domain"][:253],
        status=status,
        backlink_id=backlink,
        score=strength.score,
        rating=rating,
        competitors_count=len(owners),
        competitor_mask=sum(1 << (owner - 1) for owner in owners),
        links=links,
        dofollow=dofollow,
        evidence=[
            {
                "competitor": run.competitors[link["owner"] - 1],
                **{name: link[name] for name in link if name != "owner"},
            }
            for link in found["links"]
        ],
    )
