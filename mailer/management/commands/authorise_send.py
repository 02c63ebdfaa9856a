"""`manage.py authorise_send`: may this mailbox write to this address, and why (not)?"""

import argparse
import json
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Agency
from compliance.enums import Stage
from compliance.policy import Decision, LastContact, SendRequest
from compliance.services import authorise
from foundation.addresses import normalise_address
from mailer.enums import MailboxStatus
from mailer.models import Mailbox
from mailer.selectors import cap_today, prior_contacts

# A paused mailbox is resumed by a person: nobody knows when, so it is asked again later.
_ASK_AGAIN = timedelta(hours=1)


class Command(BaseCommand):
    """Ask the policy about a campaign e-mail; nothing is queued and no cap is used."""

    help = "Say whether a campaign e-mail may be sent, with every reason."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--agency", required=True, metavar="SLUG")
        parser.add_argument("--mailbox", required=True, metavar="ADDRESS")
        parser.add_argument("--to", required=True, metavar="ADDRESS")
        parser.add_argument("--country", default="", metavar="XX", help="ISO 3166, if known.")
        parser.add_argument("--subject", default="", help="To look for duplicates.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *args: object, **options: Any) -> None:
        """Ask and print."""
        agency = Agency.objects.filter(slug=options["agency"]).first()
        if agency is None:
            raise CommandError(f"There is no agency “{options['agency']}”.")
        mailbox = (
            Mailbox.objects.for_agency(agency).filter(address__iexact=options["mailbox"]).first()
        )
        if mailbox is None:
            raise CommandError(f"{agency} has no mailbox “{options['mailbox']}”.")
        now = timezone.now()
        request = _request(mailbox, options, now.astimezone(agency.zone))
        [decision] = authorise(agency, [request], stage=Stage.ASKED, now=now)
        answer = _answer(decision)
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            self._print(decision, answer)

    def _print(self, decision: Decision, answer: dict[str, Any]) -> None:
        for name, value in answer.items():
            if name != "trace":
                shown = " ".join(value) if isinstance(value, list) else value or "none"
                self.stdout.write(f"{name}: {shown}")
        for line in decision.trace:
            self.stdout.write(f"  {line['result']:<8} {line['sentence']}")


def _request(mailbox: Mailbox, options: dict[str, Any], local: datetime) -> SendRequest:
    recipient = options["to"]
    return SendRequest(
        reference="",
        mailbox_id=mailbox.pk,
        sender=mailbox.address,
        user_id=mailbox.owner_id,
        recipient=recipient,
        country=options["country"],
        subject=options["subject"],
        mailbox_daily_cap=cap_today(mailbox, local),
        mailbox_hourly_cap=mailbox.hourly_cap,
        mailbox_problem=_problem(mailbox),
        mailbox_until=_until(mailbox, local),
        last_contact=_last_contact(mailbox, recipient),
    )


def _problem(mailbox: Mailbox) -> str:
    if mailbox.status == MailboxStatus.ACTIVE:
        return ""
    return f"{mailbox.get_status_display()}. {mailbox.status_reason}".strip()


def _until(mailbox: Mailbox, now: datetime) -> datetime | None:
    """Return when a paused or failing mailbox is asked again; an archived one never is."""
    if mailbox.status in {MailboxStatus.PAUSED, MailboxStatus.FAILING}:
        return mailbox.retry_at or now + _ASK_AGAIN
    return None


def _last_contact(mailbox: Mailbox, recipient: str) -> LastContact | None:
    try:
        address = normalise_address(recipient)
    except ValidationError:
        return None
    contact = prior_contacts(mailbox.agency, [address]).get(address)
    if contact is None:
        return None
    return LastContact(at=contact.sent_at, sequence_key=contact.sequence_key, who=contact.who)


def _answer(decision: Decision) -> dict[str, Any]:
    return {
        "outcome": decision.outcome,
        "codes": list(decision.codes),
        "sentences": list(decision.sentences),
        "until": decision.until.isoformat() if decision.until else None,
        "region": decision.region,
        "legal_basis": decision.legal_basis,
        "trace": list(decision.trace),
    }
