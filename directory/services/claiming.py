"""Taking links to check: a lease by compare-and-swap, and few links of one site at a time."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from directory.models import Backlink

_OF_ONE_SITE = 5  # links of one site in a batch: a big site does not hold up the others


def claim_due(*, size: int) -> list[Backlink]:
    """Take up to `size` links whose check is due; nobody else takes them until the lease ends.

    The longest due of each site come first.
    """
    now = timezone.now()
    place = Window(
        RowNumber(),
        partition_by=[F("source_domain")],
        order_by=[F("next_check_at").asc(), F("pk").asc()],
    )
    due = _free().filter(next_check_at__lte=now).annotate(place=place)
    picked = due.filter(place__lte=_OF_ONE_SITE).order_by("place", "next_check_at", "pk")
    return _claim(list(picked.values_list("pk", flat=True)[:size]))


def claim(ids: Sequence[int]) -> list[Backlink]:
    """Take these links, as far as nobody else is checking them."""
    return _claim(ids)


def lease() -> timedelta:
    """Return how long links stay taken by a worker that is not heard of."""
    return timedelta(seconds=settings.LINK_CHECK_LEASE)


def _free() -> QuerySet[Backlink]:
    now = timezone.now()
    free = Q(check_claimed_until__isnull=True) | Q(check_claimed_until__lt=now)
    return Backlink.objects.filter(free, next_check_at__isnull=False)


def _claim(ids: Sequence[int]) -> list[Backlink]:
    if not ids:
        return []
    token = secrets.token_hex(16)
    # The condition is asked again by the statement that takes: of two workers one gets a row.
    _free().filter(pk__in=sorted(ids), next_check_at__lte=timezone.now()).update(
        check_token=token, check_claimed_until=timezone.now() + lease()
    )
    taken = Backlink.objects.filter(check_token=token).select_related("agency")
    return list(taken.order_by("pk"))
