"""Health checks: which links are due, what was found, and what follows from it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from celery import current_app
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from directory.models import Backlink
from directory.pages.wishes import Wish
from directory.services.claiming import claim, claim_due
from directory.services.looking import Look, look_at
from directory.services.recording import record_looks, release
from foundation.wake import wake

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from accounts.models import Agency
    from directory.pages.verdicts import Finding

_BATCH = 400
# Findings are stored this often, so that a worker that dies loses little.
_FLUSH_SIZE = 40
_FLUSH_SECONDS = 2.0
# Nobody needs a page read again within this time.
_LEAST_PAUSE = timedelta(minutes=1)


class CheckError(Exception):
    """A link that cannot be checked now; the message says why."""


def check_due_links(*, seconds: float = 3000.0, size: int = _BATCH) -> int:
    """Check what is due until nothing is, or the time is up; return how many were checked.

    Any number of workers may do this at once.
    """
    end = time.monotonic() + seconds
    checked = 0
    while time.monotonic() < end:
        claimed = claim_due(size=size)
        if not claimed:
            break
        checked += _check(claimed)
    return checked


def check_links(ids: Sequence[int]) -> int:
    """Check these links if they are due and nobody else is at it; return how many."""
    return _check(claim(ids))


def check_now(backlink: Backlink) -> None:
    """Have a link checked as soon as a worker is free; called when a person asks for it.

    Raises `CheckError` when it has no page or target, or is being checked, or just was.
    """
    if not source_of(backlink) or not target_of(backlink):
        raise CheckError("Fill in the page that links and the page it links to first.")
    now = timezone.now()
    free = Q(check_claimed_until__isnull=True) | Q(check_claimed_until__lt=now)
    rested = Q(last_checked_at__isnull=True) | Q(last_checked_at__lt=now - _LEAST_PAUSE)
    if not Backlink.objects.filter(free, rested, pk=backlink.pk).update(next_check_at=now):
        raise CheckError("This link is being checked, or was a minute ago.")
    wake(current_app.signature("directory.check_links"), [backlink.pk])


def check_many(*, agency: Agency, backlink_ids: Iterable[int]) -> int:
    """Have many links checked as soon as workers are free; return how many will be.

    Those without a page or target, being checked, or just checked are left out.
    """
    now = timezone.now()
    free = Q(check_claimed_until__isnull=True) | Q(check_claimed_until__lt=now)
    rested = Q(last_checked_at__isnull=True) | Q(last_checked_at__lt=now - _LEAST_PAUSE)
    rows = Backlink.objects.for_agency(agency).filter(free, rested, pk__in=list(backlink_ids))
    known = rows.exclude(source_url="", proof_url="").exclude(expected_target="", target_url="")
    keys = list(known.order_by("pk").values_list("pk", flat=True))
    Backlink.objects.filter(pk__in=keys).update(next_check_at=now)
    if keys:
        wake(current_app.signature("directory.check_links"), keys)
    return len(keys)


def source_of(backlink: Backlink) -> str:
    """Return the page that should link, "" when it is not known."""
    return backlink.source_url or backlink.proof_url


def target_of(backlink: Backlink) -> str:
    """Return the address that should be linked to, "" when it is not known."""
    return backlink.expected_target or backlink.target_url


def _wish(link: Backlink) -> Wish:
    return Wish(target_of(link), link.expected_rel, link.expected_anchor)


def _check(claimed: Sequence[Backlink]) -> int:
    """Look at links held by us and store what is found, in small batches."""
    links = {link.pk: link for link in claimed}
    without = [link for link in claimed if not source_of(link) or not target_of(link)]
    release(without, next_check_at=None)
    looks = [
        Look(link.pk, source_of(link), _wish(link))
        for link in claimed
        if source_of(link) and target_of(link)
    ]
    checked = 0
    for part in _flushed(look_at(looks, patience=settings.LINK_CHECK_PATIENCE)):
        checked += record_looks([(links[look.key], finding) for look, finding in part])
    return checked


def _flushed(
    found: Iterable[tuple[Look, Finding]],
) -> Iterator[list[tuple[Look, Finding]]]:
    """Collect findings into parts that are stored together."""
    part: list[tuple[Look, Finding]] = []
    since = time.monotonic()
    for one in found:
        part.append(one)
        if len(part) >= _FLUSH_SIZE or time.monotonic() - since > _FLUSH_SECONDS:
            yield part
            part, since = [], time.monotonic()
    if part:
        yield part
