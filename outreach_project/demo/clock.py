"""Makes days pass for one agency by moving all its past, and its plans, back in time.

Nothing is skipped: whatever was to happen in three days is due three days sooner, and
whatever happened, caps used included, happened that much longer ago.
"""

import datetime as dt

from django.db import models, transaction
from django.db.models import F

from accounts.models import Agency
from campaigns.models import Campaign, DailyStat, Enrolment, StepEmail
from compliance.models import AuditEntry, Consent, PolicyDecision, SendCounter, Suppression
from leads.models import Lead, LeadEvent
from mailer.models import InboundMessage, Mailbox, Message, MessageEvent, Thread

_TABLES: tuple[type[models.Model], ...] = (
    AuditEntry,
    Campaign,
    Consent,
    Enrolment,
    InboundMessage,
    Lead,
    LeadEvent,
    Mailbox,
    Message,
    MessageEvent,
    PolicyDecision,
    StepEmail,
    Suppression,
    Thread,
)


@transaction.atomic
def pass_time(agency: Agency, days: int) -> None:
    """Let `days` days pass for this agency.

    Every date and time of its rows, and of the counters of its mailboxes, members,
    campaigns and recipient domains, moves back; return dates people named stay ahead by
    the same measure. One UPDATE a table.
    """
    delta = dt.timedelta(days=days)
    for table in _TABLES:
        moved = {
            field.name: F(field.name) - delta
            for field in table._meta.concrete_fields
            if isinstance(field, models.DateTimeField)
        }
        table._base_manager.filter(agency=agency).update(**moved)
    _pass_days_of_stats(agency, delta)
    _pass_counters(agency, delta)


def _pass_days_of_stats(agency: Agency, delta: dt.timedelta) -> None:
    """Move the daily figures, oldest first, so that no two rows ever share a day."""
    for date in (
        DailyStat.objects.filter(agency=agency)
        .order_by("date")
        .values_list("date", flat=True)
        .distinct()
    ):
        DailyStat.objects.filter(agency=agency, date=date).update(date=date - delta)


def _pass_counters(agency: Agency, delta: dt.timedelta) -> None:
    keys = [
        f"campaign:{pk}"
        for pk in Campaign.objects.filter(agency=agency).values_list("pk", flat=True)
    ]
    keys += [str(pk) for pk in Mailbox.objects.filter(agency=agency).values_list("pk", flat=True)]
    ours = models.Q(key__in=keys) | models.Q(key__startswith=f"{agency.pk}:")
    for period in (
        SendCounter.objects.filter(ours)
        .order_by("period")
        .values_list("period", flat=True)
        .distinct()
    ):
        SendCounter.objects.filter(ours, period=period).update(period=period - delta)
