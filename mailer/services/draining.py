"""Reads this host's spool of visits into the tables, each exactly once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from django.db import DataError, IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from mailer import spool
from mailer.models import SpoolPosition
from mailer.services.fetches import Visit, record_visits

if TYPE_CHECKING:
    from pathlib import Path

log = structlog.get_logger(__name__)

# Some two thousand visits: a transaction of a fraction of a second.
BATCH = 512 * 1024
_FORGET_AFTER = timedelta(days=30)
# A file that is still there says so this often, or it would be read from its start again.
_SEEN_EVERY = timedelta(days=1)
_BAD = (ValueError, TypeError, OverflowError, KeyError, DataError, IntegrityError)


@dataclass
class DrainReport:
    """What one drain did."""

    visits: int = 0
    files_removed: int = 0
    set_aside: int = 0


def drain(*, wait: bool = False) -> DrainReport:
    """Store everything in this host's spool, and delete what nobody writes to any more.

    One reader a host at a time: another one's call returns at once, or with `wait` when
    that reader has finished and the rest is read.
    """
    report = DrainReport()
    with spool.reader(wait=wait) as ours:
        if ours:
            for path in spool.files():
                drain_file(path, report)
    return report


def drain_file(path: Path, report: DrainReport) -> None:
    """Store what is in one file; the caller is this host's reader."""
    known = SpoolPosition.objects.filter(name=path.name)
    known.filter(moved_at__lt=timezone.now() - _SEEN_EVERY).update(moved_at=timezone.now())
    position = known.values_list("position", flat=True).first() or 0
    while True:
        lines, after = spool.read_lines(path, position, BATCH)
        if after == position:
            break
        if not _take(path.name, position, after, lines, report):
            return  # another host reads a copy of this file, and was quicker
        position = after
    if spool.remove_finished(path, position):
        report.files_removed += 1


def _take(name: str, position: int, after: int, lines: list[bytes], report: DrainReport) -> bool:
    """Store one batch and move the position past it, both or neither."""
    bad: list[bytes] = []
    visits = []
    for line in lines:
        try:
            visits.append(Visit.from_line(line))
        except ValueError:
            bad.append(line)
    with transaction.atomic():
        if not _move(name, position, after):
            return False
        bad += _record(visits)
    for line in bad:
        log.error("visit_set_aside", file=name)
        spool.set_aside(line)
    report.visits += len(visits)
    report.set_aside += len(bad)
    return True


def _move(name: str, old: int, new: int) -> bool:
    """Compare and swap; the common row makes batches of all hosts wait for each other."""
    SpoolPosition.objects.bulk_create(
        [SpoolPosition(name=SpoolPosition.LOCK), SpoolPosition(name=name)], ignore_conflicts=True
    )
    SpoolPosition.objects.filter(name=SpoolPosition.LOCK).update(position=F("position") + 1)
    rows = SpoolPosition.objects.filter(name=name, position=old)
    return bool(rows.update(position=new, moved_at=timezone.now()))


def _record(visits: list[Visit]) -> list[bytes]:
    """Store a batch; when one in it cannot be stored, all but that one. Returns those."""
    try:
        with transaction.atomic():
            record_visits(visits)
    except _BAD:
        return [visit.line() for visit in visits if not _record_one(visit)]
    return []


def _record_one(visit: Visit) -> bool:
    try:
        with transaction.atomic():
            record_visits([visit])
    except _BAD:
        log.exception("visit_refused", message=visit.message_id)
        return False
    return True


def forget_positions() -> int:
    """Drop the positions of files long gone; returns how many."""
    old = SpoolPosition.objects.filter(moved_at__lt=timezone.now() - _FORGET_AFTER)
    return old.exclude(name=SpoolPosition.LOCK).delete()[0]
