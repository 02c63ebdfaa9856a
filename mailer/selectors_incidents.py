"""What people see of a mailbox's trouble: what lasts, what to do, and what is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailer import rules
from mailer.models import MailboxIncident

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import Agency
    from mailer.models import Mailbox

SHOWN = 10


def incidents_of(mailbox: Mailbox) -> list[MailboxIncident]:
    """Return a mailbox's latest incidents, those that last first, each with its `advice`."""
    rows = MailboxIncident.objects.filter(mailbox=mailbox).order_by("-began_at", "-pk")[:SHOWN]
    return _advised(sorted(rows, key=lambda incident: incident.ended_at is not None))


def lasting_incidents(
    agency: Agency, mailboxes: Iterable[Mailbox]
) -> dict[int, list[MailboxIncident]]:
    """Return what troubles each of some mailboxes now, in one query."""
    rows = MailboxIncident.objects.for_agency(agency).lasting().filter(mailbox__in=mailboxes)
    found: dict[int, list[MailboxIncident]] = {}
    for incident in _advised(rows.order_by("reading", "pk")):
        found.setdefault(incident.mailbox_id, []).append(incident)
    return found


def _advised(incidents: Iterable[MailboxIncident]) -> list[MailboxIncident]:
    found = list(incidents)
    for incident in found:
        incident.advice = rules.advice(incident.kind)
    return found
