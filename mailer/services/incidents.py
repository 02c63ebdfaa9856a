"""Incidents: a mailbox's trouble from its first failure to its end, told to people once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership
from foundation.wake import wake
from mailer import rules
from mailer.enums import Trouble
from mailer.models import Mailbox, MailboxIncident
from mailer.signals import mailbox_recovered, mailbox_stopped

if TYPE_CHECKING:
    from datetime import datetime

log = structlog.get_logger(__name__)

# A mail server of ours that is away for longer than this many rounds gets no more alerts.
ALERT_TRIES = 20


@transaction.atomic
def note_trouble(
    mailbox: Mailbox, kind: Trouble, *, reason: str, tries: int | None, now: datetime
) -> MailboxIncident:
    """Write down that a mailbox cannot send or read; one incident for as long as it lasts.

    People are told at the first refusal of a login and the like, and of a server that
    cannot be reached only when it stays away (`rules.alert_after`). `tries` is how often
    it failed in a row; None counts one more than before.
    """
    reading = kind in {Trouble.READ_LOGIN, Trouble.READING}
    incident, new = _lasting(mailbox, kind, reading=reading, reason=reason, now=now)
    tries = tries or (1 if new else min(incident.tries + 1, 1000))
    changes: dict[str, object] = {"kind": kind, "reason": reason[:500], "tries": tries}
    rows = MailboxIncident.objects.filter(pk=incident.pk)
    rows.update(**changes)
    if tries >= rules.alert_after(kind) and rows.filter(alert_at=None).update(alert_at=now):
        wake(current_app.signature("mailer.tell_incidents"))
    incident.refresh_from_db()
    if new:
        mailbox_stopped.send(sender=MailboxIncident, incident=incident)
    return incident


def _lasting(
    mailbox: Mailbox, kind: Trouble, *, reading: bool, reason: str, now: datetime
) -> tuple[MailboxIncident, bool]:
    rows = MailboxIncident.objects.lasting().filter(mailbox=mailbox, reading=reading)
    found = rows.first()
    if found is not None:
        return found, False
    try:
        with transaction.atomic():
            made = MailboxIncident.objects.create(
                agency_id=mailbox.agency_id,
                mailbox=mailbox,
                reading=reading,
                kind=kind,
                reason=reason[:500],
                began_at=now,
            )
    except IntegrityError:  # another worker was quicker
        return rows.get(), False
    return made, True


@transaction.atomic
def end_trouble(mailbox_id: int, *, reading: bool, ending: str, now: datetime) -> None:
    """Write down that a mailbox's trouble is over, and why."""
    rows = MailboxIncident.objects.lasting().filter(mailbox=mailbox_id, reading=reading)
    for incident in rows.select_related("mailbox"):
        if rows.filter(pk=incident.pk).update(ended_at=now, ending=ending[:120]):
            incident.ended_at, incident.ending = now, ending
            mailbox_recovered.send(sender=MailboxIncident, incident=incident)


def tell_incidents() -> int:
    """Write to owner and managers about each incident they were not told of; returns how many.

    Marked before it is sent: a worker that dies in between leaves the notice in the
    product, never a second e-mail. A server that refuses the e-mail is tried again.
    """
    told = 0
    due = MailboxIncident.objects.lasting().filter(
        alert_at__isnull=False, alerted_at=None, alert_tries__lt=ALERT_TRIES
    )
    for incident in due.select_related("mailbox", "mailbox__owner", "agency").order_by("pk"):
        now = timezone.now()
        changes = {"alerted_at": now, "alert_tries": F("alert_tries") + 1}
        if due.filter(pk=incident.pk).update(**changes):
            told += _tell(incident, now)
    return told


def _tell(incident: MailboxIncident, now: datetime) -> bool:
    addresses = people_to_tell(incident.mailbox)
    context = {
        "incident": incident,
        "mailbox": incident.mailbox,
        "agency": incident.agency,
        "advice": rules.advice(incident.kind),
        "url": _url(incident.mailbox),
    }
    subject = _subject(incident)
    text = render_to_string("mailer/email/incident.txt", context)
    try:
        for address in addresses:
            EmailMessage(subject, text, to=[address]).send()
    except OSError as error:  # smtplib's errors are OSErrors
        log.warning("alert_not_sent", incident=incident.pk, error=str(error))
        MailboxIncident.objects.filter(pk=incident.pk, alerted_at=now).update(alerted_at=None)
        return False
    return True


def people_to_tell(mailbox: Mailbox) -> list[str]:
    """Return the addresses of the mailbox's owner and the agency's managers and owners."""
    wanted = Q(role__in=[Role.MANAGER, Role.OWNER])
    if mailbox.owner_id:
        wanted |= Q(user=mailbox.owner_id) & ~Q(role=Role.CLIENT)
    rows = Membership.objects.filter(wanted, agency=mailbox.agency_id, user__is_active=True)
    return sorted(set(rows.values_list("user__email", flat=True)))


def _subject(incident: MailboxIncident) -> str:
    what = "cannot be read" if incident.reading else "has stopped sending"
    return f"{incident.mailbox.address} {what}: {incident.get_kind_display().lower()}"


def _url(mailbox: Mailbox) -> str:
    path = reverse("mailer:mailbox", args=[mailbox.agency.slug, mailbox.pk])
    return f"{settings.SITE_URL}{path}"
