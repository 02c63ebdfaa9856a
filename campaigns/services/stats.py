"""The daily figures: kept by the transactions that change the facts, provable by rebuilding."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Count, F, Min, QuerySet
from django.db.models.functions import TruncDate

from campaigns.models import Campaign, DailyStat, StepEmail
from mailer.enums import InboundKind, Intent

FIGURES = (
    "sent",
    "opened",
    "clicked",
    "replied",
    "interested",
    "bounced",
    "unsubscribed",
    "complained",
)
_KEY = ("agency_id", "campaign_id", "step_id", "variant_id", "mailbox_id", "date")


class Cell(NamedTuple):
    """One row of the daily figures."""

    agency_id: int
    campaign_id: int
    step_id: int
    variant_id: int
    mailbox_id: int
    date: dt.date


def cell_of(email: StepEmail, at: dt.datetime, zone: ZoneInfo) -> Cell:
    """Return the row an e-mail's fact at `at` counts in (message at hand)."""
    assert email.message is not None  # noqa: S101  # only what was queued has figures
    return Cell(
        email.agency_id,
        email.campaign_id,
        email.step_id,
        email.variant_id,
        email.message.mailbox_id,
        at.astimezone(zone).date(),
    )


def count_once(email: StepEmail, figure: str, at: dt.datetime | None) -> bool:
    """Count one fact of an e-mail, however often it is reported; return whether it was new.

    The e-mail needs campaign.agency and message at hand; without a moment nothing is.
    """
    if at is None:
        return False
    bit = 1 << FIGURES.index(figure)
    fresh = (
        StepEmail.objects.annotate(seen=F("counted").bitand(bit))
        .filter(pk=email.pk, seen=0)
        .update(counted=F("counted").bitor(bit))
    )
    if fresh:
        count_figures(figure, [cell_of(email, at, email.campaign.agency.zone)])
    return bool(fresh)


def uncount(email: StepEmail, figure: str, at: dt.datetime) -> None:
    """Take one counted fact of an e-mail back."""
    bit = 1 << FIGURES.index(figure)
    known = (
        StepEmail.objects.annotate(seen=F("counted").bitand(bit))
        .filter(pk=email.pk, seen=bit)
        .update(counted=F("counted") - bit)
    )
    if known:
        uncount_figures(figure, [cell_of(email, at, email.campaign.agency.zone)])


def count_figures(figure: str, cells: Iterable[Cell]) -> None:
    """Add to one figure of many cells in one upsert statement."""
    counted = Counter(cells)
    if not counted or figure not in FIGURES:
        return
    rows = sorted(counted.items())
    columns = ", ".join([*_KEY, *FIGURES])
    place = f"({', '.join(['%s'] * (len(_KEY) + len(FIGURES)))})"
    sql = (
        f"INSERT INTO campaigns_dailystat ({columns})"  # noqa: S608  # fixed names
        f" VALUES {', '.join([place] * len(rows))}"
        " ON CONFLICT (campaign_id, step_id, variant_id, mailbox_id, date)"
        f" DO UPDATE SET {figure} = campaigns_dailystat.{figure} + excluded.{figure}"
    )
    params: list[Any] = []
    for cell, number in rows:
        params += [*cell, *(number if name == figure else 0 for name in FIGURES)]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def uncount_figures(figure: str, cells: Iterable[Cell]) -> None:
    """Take from one figure of many cells; a query for each different cell."""
    for cell, number in sorted(Counter(cells).items()):
        DailyStat.objects.filter(**cell._asdict(), **{f"{figure}__gte": number}).update(
            **{figure: F(figure) - number}
        )


def true_figures(campaign: Campaign) -> dict[Cell, dict[str, int]]:
    """Count a campaign's figures afresh from its messages and replies."""
    zone = campaign.agency.zone
    found: dict[Cell, dict[str, int]] = defaultdict(lambda: dict.fromkeys(FIGURES, 0))
    emails = StepEmail.objects.filter(campaign=campaign, message__isnull=False)
    for figure in FIGURES:
        counted = (
            _interested(emails, zone)
            if figure == "interested"
            else _by_day(emails, f"message__{figure}_at", zone)
        )
        for step, variant, mailbox, date, number in counted:
            cell = Cell(campaign.agency_id, campaign.pk, step, variant, mailbox, date)
            found[cell][figure] += number
    return dict(found)


def stored_figures(campaign: Campaign) -> dict[Cell, dict[str, int]]:
    """Return a campaign's figures as kept, rows of zeros left out."""
    return {
        Cell(*(getattr(row, name) for name in _KEY)): {
            figure: getattr(row, figure) for figure in FIGURES
        }
        for row in DailyStat.objects.filter(campaign=campaign)
        if any(getattr(row, figure) for figure in FIGURES)
    }


@transaction.atomic
def rebuild_figures(campaign: Campaign) -> None:
    """Replace a campaign's daily figures by what its messages and replies say."""
    DailyStat.objects.filter(campaign=campaign).delete()
    DailyStat.objects.bulk_create(
        DailyStat(**cell._asdict(), **figures)
        for cell, figures in sorted(true_figures(campaign).items())
    )


def _by_day(
    emails: QuerySet[StepEmail], field: str, zone: ZoneInfo
) -> Iterator[tuple[int, int, int, dt.date, int]]:
    rows = (
        emails.filter(**{f"{field}__isnull": False})
        .order_by()
        .annotate(day=TruncDate(field, tzinfo=zone))
        .values_list("step", "variant", "message__mailbox", "day")
        .annotate(Count("pk"))
    )
    yield from rows


def _interested(
    emails: QuerySet[StepEmail], zone: ZoneInfo
) -> Iterator[tuple[int, int, int, dt.date, int]]:
    rows = (
        emails.filter(
            message__answers__kind=InboundKind.REPLY,
            message__answers__intent=Intent.INTERESTED,
        )
        .order_by()
        .values_list("step", "variant", "message__mailbox", "pk")
        .annotate(Min("message__answers__received_at"))
    )
    for step, variant, mailbox, _, first in rows:
        yield step, variant, mailbox, first.astimezone(zone).date(), 1
