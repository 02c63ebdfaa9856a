"""The main job from spreadsheet to answered mail, each step through the code people use."""

import datetime as dt
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Agency, Client, Membership, User
from campaigns.models import Campaign
from campaigns.services import campaigns, moves
from campaigns.services.enrolment import enrol_leads
from compliance.enums import SuppressionKind, SuppressionReason
from compliance.models import Consent, PolicyDecision, Suppression
from compliance.services import suppress
from leads.models import Lead, LeadImport
from mailer.enums import AgentClass, EventKind, InboundKind, MessageStatus
from mailer.models import InboundMessage, Mailbox, Message, MessageEvent
from outreach_project.demo.building import build_agency, import_prospects, write_sequence
from outreach_project.demo.engines import Here, Workers, workers
from outreach_project.demo.play import Play
from outreach_project.demo.prospects import Prospects, prospect_file
from outreach_project.demo.report import (
    Caps,
    duplicates,
    sent_after_stop,
    sent_by_step,
    sent_over_cap,
)
from outreach_project.demo.sequence import STEPS

MAILBOXES = 5
MAILBOX_CAP = 450
CAMPAIGN_CAP = 2200
MOST_DAYS = 30
STRICT = ("DE", "FR", "GB", "CA")


def play_journey(
    *, rows: int, workers_wanted: int, tell: Callable[[str], object]
) -> dict[str, Any]:
    """Play everything for a new demo agency and return the report.

    Args:
        rows: prospects in the file.
        workers_wanted: worker processes; 0 does the work here.
        tell: takes a line about what happens now.
    """
    started = time.monotonic()
    with sandbox_running():
        agency = _new_agency()
        owner = _member(agency, Role.OWNER)
        tell(f"Agency {agency.slug}: {MAILBOXES} sandbox mailboxes, {rows} prospects.")
        prospects = prospect_file(rows, tag=f"-{agency.slug}")
        _refusals_of_old(agency, prospects)
        lead_import = import_prospects(agency, prospects, owner)
        _consents(agency, owner)
        tell(f"Imported {lead_import.created_count}, rejected {lead_import.rejected_count}.")
        campaign = _launched(agency, owner)
        tell("Launched. Days pass: we send, prospects answer, we read.")
        logins = [box.address for box in Mailbox.objects.for_agency(agency)]
        engine = Workers(campaign) if workers_wanted else Here(campaign)
        with workers(workers_wanted) if workers_wanted else nullcontext():
            play = Play(agency, logins, engine)
            play.run(MOST_DAYS)
        report = _report(agency, lead_import, play, time.monotonic() - started)
    tell(f"Look at it: {settings.SITE_URL}/w/{agency.slug}/ as owner@{agency.slug}.example")
    return report


def _new_agency() -> Agency:
    number = 1
    while Agency.objects.filter(slug=f"demo-{number}").exists():
        number += 1
    return build_agency(
        slug=f"demo-{number}",
        name=f"Demo Agency {number}",
        mailboxes=MAILBOXES,
        daily_cap=MAILBOX_CAP,
    )


def _member(agency: Agency, role: Role) -> User:
    return Membership.objects.select_related("user").get(agency=agency, role=role).user


def _refusals_of_old(agency: Agency, prospects: Prospects) -> None:
    """Suppress a few of the file's people beforehand: they must not come back."""
    text = prospects.content.decode("cp1252").lower()
    addresses = re.findall(r"[a-z0-9.]+@[a-z0-9.-]+\.example", text)
    suppress(
        agency=agency,
        kind=SuppressionKind.ADDRESS,
        values=sorted(set(addresses))[:10],
        reason=SuppressionReason.UNSUBSCRIBED,
        source="demo: opted out last year",
    )


def _consents(agency: Agency, owner: User) -> None:
    """Record consent of every third person where the law asks for it; the rest stay out."""
    strict = Lead.objects.for_agency(agency).filter(country__in=STRICT, email__isnull=False)
    Consent.objects.bulk_create(
        Consent(
            agency=agency,
            address=lead.email or "",
            evidence="Asked for contributors on their own page, screenshot kept.",
            obtained_at=timezone.now() - dt.timedelta(days=90),
            actor=owner,
        )
        for number, lead in enumerate(strict.order_by("pk"))
        if number % 3 == 0
    )


def _launched(agency: Agency, owner: User) -> Campaign:
    campaign = campaigns.create_campaign(
        agency=agency,
        actor=owner,
        fields={
            "name": "Trail food guest posts",
            "client": Client.objects.for_agency(agency).get(),
            "prospect_type": "guest_post",
            "daily_cap": CAMPAIGN_CAP,
            "send_days": [1, 2, 3, 4, 5, 6, 7],
            "send_from": dt.time(0, 0),
            "send_until": dt.time(23, 59, 59),
            "in_recipient_time_zone": False,
        },
        mailboxes=list(Mailbox.objects.for_agency(agency)),
    )
    write_sequence(campaign, owner)
    enrol_leads(campaign=campaign, leads=Lead.objects.for_agency(agency), actor=owner)
    manager = _member(agency, Role.MANAGER)
    moves.submit(campaign, actor=owner)
    moves.approve(campaign, actor=manager)
    moves.launch(campaign, actor=owner)
    campaign.refresh_from_db()
    return campaign


def _report(agency: Agency, lead_import: LeadImport, play: Play, seconds: float) -> dict[str, Any]:
    mails = play.ledger.mails
    inbound = InboundMessage.objects.for_agency(agency)
    events = MessageEvent.objects.for_agency(agency)
    human = events.exclude(agent=AgentClass.MACHINE)
    caps = Caps(MAILBOX_CAP, agency.recipient_domain_daily_cap, CAMPAIGN_CAP)
    messages = Message.objects.for_agency(agency)
    return {
        "agency": agency.slug,
        "rows": lead_import.rows_total,
        "imported": lead_import.created_count,
        "updated": lead_import.updated_count,
        "skipped": lead_import.skipped_count,
        "rejected": lead_import.rejected_count,
        "sent": {"total": len(mails), "per_step": sent_by_step(mails)},
        "opens": human.filter(kind=EventKind.OPENED).values("message").distinct().count(),
        "clicks": human.filter(kind=EventKind.CLICKED).values("message").distinct().count(),
        "machine_fetches": events.filter(agent=AgentClass.MACHINE).count(),
        "replies": dict(
            Counter(inbound.filter(kind=InboundKind.REPLY).values_list("intent", flat=True))
        ),
        "out_of_office": inbound.filter(kind=InboundKind.OUT_OF_OFFICE).count(),
        "bounces": inbound.filter(kind=InboundKind.BOUNCE).count(),
        "unsubscribes": Suppression.objects.for_agency(agency)
        .filter(reason=SuppressionReason.UNSUBSCRIBED)
        .exclude(source__startswith="demo:")
        .count(),
        "suppressed": Suppression.objects.for_agency(agency).count(),
        "blocked_by_policy": messages.filter(status=MessageStatus.BLOCKED).count(),
        "decisions": PolicyDecision.objects.for_agency(agency).count(),
        "duplicates": duplicates(mails, len(STEPS)),
        "sent_after_stop": sent_after_stop(mails, play.ledger.stopped),
        "sent_over_cap": sent_over_cap(play.ledger.days, caps),
        "uncertain": messages.filter(status=MessageStatus.UNCERTAIN).count(),
        "claimed_sent_but_not_received": messages.filter(status=MessageStatus.SENT).count()
        - len({mail.message_id for mail in mails}),
        "days_played": len(play.ledger.days),
        "prospects_did": dict(play.acts),
        "seconds": round(seconds, 1),
    }


@contextmanager
def sandbox_running() -> Iterator[None]:
    """Make sure the sandbox answers; one started here stops with the block."""
    if _sandbox_answers():
        yield
        return
    child = subprocess.Popen(
        [sys.executable, "manage.py", "sandbox"], cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(150):
            if _sandbox_answers():
                break
            time.sleep(0.2)
        else:
            raise TimeoutError("The sandbox did not start within 30 s.")
        yield
    finally:
        child.terminate()
        child.wait(timeout=30)


def _sandbox_answers() -> bool:
    for port in (settings.SANDBOX_SMTP_PORT, settings.SANDBOX_IMAP_PORT):
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)):
                return False
    return True
