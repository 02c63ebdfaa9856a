"""What mail holds on a person, handed over and erased by address."""

from typing import Any

from django.db.models import Q

from accounts.models import Agency
from accounts.tenancy import AgencyQuerySet
from compliance.personal_data import ERASED, mark_of
from mailer.models import Alias, InboundMessage, Message, MessageEvent, SetAsideMail, Thread
from mailer.services.outbox import cancel_messages

_SENT = ("mailbox__address", "to_address", "to_name", "subject", "text", "status", "sent_at")
_EVENT = ("kind", "at", "url", "evidence")
_SET_ASIDE = ("mailbox__address", "sender", "subject", "at")
_RECEIVED = ("from_address", "from_name", "subject", "text", "kind", "received_at")


def collect(agency: Agency, address: str) -> dict[str, list[dict[str, Any]]]:
    """Return the e-mails to and from an address and what was noticed about them."""
    sent = Message.objects.for_agency(agency).filter(to_address=address)
    events = MessageEvent.objects.for_agency(agency).filter(message__in=sent)
    return {
        "sent e-mails": [dict(row) for row in sent.order_by("pk").values(*_SENT)],
        "other addresses": [
            dict(row) for row in _aliases(agency, address).order_by("pk").values("alias", "address")
        ],
        "e-mail events": [dict(row) for row in events.order_by("at").values(*_EVENT)],
        "received e-mails": [
            dict(row) for row in _received(agency, address).order_by("pk").values(*_RECEIVED)
        ],
        "e-mails not read": [
            dict(row) for row in _set_aside(agency, address).order_by("pk").values(*_SET_ASIDE)
        ],
    }


def erase(agency: Agency, address: str) -> dict[str, int]:
    """Blank name, address and words out of every e-mail; that there was one stays counted."""
    mark = mark_of(address)
    cancel_messages(agency=agency, reason="The person was erased.", addresses=[address])
    _aliases(agency, address).delete()
    _set_aside(agency, address).update(sender="", subject=ERASED, reason="")
    sent = Message.objects.for_agency(agency).filter(to_address=address)
    MessageEvent.objects.for_agency(agency).filter(message__in=sent).update(
        evidence={}, network="", url=""
    )
    received = _received(agency, address).update(
        from_address=mark,
        from_name="",
        subject=ERASED,
        text="",
        new_text="",
        html="",
        facts={},
        intent_reasons=[],
    )
    Thread.objects.for_agency(agency).filter(counterpart=address).update(
        counterpart=mark, counterpart_name="", subject=ERASED, preview=""
    )
    # A server's answer often repeats the address; a sent message must keep some answer.
    sent.exclude(smtp_reply="").update(smtp_reply=ERASED)
    count = sent.update(
        to_address=mark,
        to_name="",
        subject=ERASED,
        text=ERASED,
        html="",
        headers={},
        last_error="",
        unresolved=[],
        links=[],  # may name the person; who follows one now is told that it is gone
    )
    return {"sent e-mails": count, "received e-mails": received}


def _aliases(agency: Agency, address: str) -> AgencyQuerySet[Alias]:
    return Alias.objects.for_agency(agency).filter(Q(alias=address) | Q(address=address))


def _set_aside(agency: Agency, address: str) -> AgencyQuerySet[SetAsideMail]:
    # Whole addresses only: another person's may end in this one.
    return SetAsideMail.objects.for_agency(agency).filter(
        Q(sender__iexact=address) | Q(sender__icontains=f"<{address}>")
    )


def _received(agency: Agency, address: str) -> AgencyQuerySet[InboundMessage]:
    """Return what the person wrote, and what servers answered about them (bounces)."""
    return InboundMessage.objects.for_agency(agency).filter(
        Q(from_address=address) | Q(thread__counterpart=address) | Q(original__to_address=address)
    )
