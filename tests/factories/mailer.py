"""Mailboxes, threads, messages and drafts."""

import datetime as dt
from typing import Any

import factory
from django.utils import timezone

from mailer.enums import ConnectionSecurity, EventKind, MessageStatus
from mailer.models import DkimKey, Mailbox, Message, Thread
from mailer.services.fetches import Visit
from mailer.services.outbox import MessageDraft
from tests.factories.accounts import AgencyFactory


class MailboxFactory(factory.django.DjangoModelFactory[Mailbox]):
    """A mailbox without a gap, on a port nobody listens at."""

    class Meta:
        model = Mailbox

    agency = factory.SubFactory(AgencyFactory)
    address = factory.Sequence(lambda n: f"ann{n}@agency.example")
    display_name = "Ann Sender"
    smtp_host = "127.0.0.1"
    smtp_port = 1
    smtp_security = ConnectionSecurity.NONE
    gap_seconds = 0
    gap_jitter_seconds = 0
    daily_cap = 1000
    hourly_cap = 1000


class ThreadFactory(factory.django.DjangoModelFactory[Thread]):
    class Meta:
        model = Thread

    mailbox = factory.SubFactory(MailboxFactory)
    agency = factory.SelfAttribute("mailbox.agency")
    counterpart = factory.Sequence(lambda n: f"editor{n}@site{n}.example")
    subject = "A question about your guide"


class MessageFactory(factory.django.DjangoModelFactory[Message]):
    """A queued message; `sent=True` makes it one that was sent."""

    class Meta:
        model = Message

    class Params:
        sent = factory.Trait(
            status=MessageStatus.SENT,
            sent_at=dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC),
            smtp_reply="250 2.0.0 taken",
            announced=True,
        )

    mailbox = factory.SubFactory(MailboxFactory)
    agency = factory.SelfAttribute("mailbox.agency")
    thread = factory.SubFactory(
        ThreadFactory,
        mailbox=factory.SelfAttribute("..mailbox"),
        counterpart=factory.SelfAttribute("..to_address"),
        subject=factory.SelfAttribute("..subject"),
    )
    to_address = factory.Sequence(lambda n: f"editor{n}@site{n}.example")
    recipient_domain = factory.LazyAttribute(lambda row: row.to_address.rpartition("@")[2])
    country = "US"
    subject = "A question about your guide"
    text = "Hello Editor,\n\nmay I ask something?"
    message_id = factory.Sequence(lambda n: f"<message{n}@agency.example>")
    idempotency_key = factory.Sequence(lambda n: f"key-{n}")


class DkimKeyFactory(factory.django.DjangoModelFactory[DkimKey]):
    """A waiting RSA key of agency.example; what it says is no real key."""

    class Meta:
        model = DkimKey

    agency = factory.SubFactory(AgencyFactory)
    domain = "agency.example"
    selector = factory.Sequence(lambda n: f"desk{n}")
    algorithm = "rsa"
    private_key = "none"
    public_key = "none"


PERSON = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/142.0.0.0 Safari/537.36"
)


def visit(message: Message, kind: str, **changes: Any) -> Visit:
    """Return a person's visit to a message an hour after it was sent."""
    sent = message.sent_at or timezone.now()
    values: dict[str, Any] = {
        "agency_id": message.agency_id,
        "message_id": message.pk,
        "kind": EventKind(kind),
        "link": 0,
        "at": (sent + dt.timedelta(hours=1)).timestamp(),
        "method": "GET",
        "address": "198.51.100.7",
        "agent": PERSON,
        "hints": "lms",
    }
    return Visit(**(values | changes))


_numbers = iter(range(1, 10**9))


def draft(mailbox: Mailbox, **changes: Any) -> MessageDraft:
    """Return a campaign e-mail to a US editor that the policy lets through."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "agency": mailbox.agency,
        "mailbox": mailbox,
        "to_address": f"editor{number}@site{number}.example",
        "to_name": "Erin Editor",
        "country": "US",
        "subject": f"A question about your guide {number}",
        "text": "Hello Erin,\n\nmay I ask something?",
        "html": "<p>Hello Erin,</p><p>may I ask something?</p>",
        "idempotency_key": f"draft-{number}",
        "sequence_key": f"enrolment-{number}",
        "campaign_key": "campaign-1",
    }
    return MessageDraft(**(values | changes))
