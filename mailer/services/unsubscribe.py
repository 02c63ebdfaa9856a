"""Unsubscribing by the link in a message: heard once, kept for ever, taken back if meant so."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Agency
from accounts.tenancy import AgencyQuerySet
from compliance import audit
from compliance.enums import SuppressionKind, SuppressionReason
from compliance.models import Suppression, digest_of
from compliance.services import suppress, suppress_digest
from mailer.enums import EventKind
from mailer.models import Message, MessageEvent
from mailer.services import gate
from mailer.services.patience import persist
from mailer.signals import recipient_unsubscribed
from mailer.tokens import Token

# How suppressions heard by a link say so; only those can be taken back on the page.
SOURCE = "Unsubscribe link"
# Seconds: whoever asks waits; a mail program's one click is not repeated by it.
PATIENCE = 10.0
TAKE_BACK_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Recipient:
    """Whom an unsubscribe link is for; without `message` when that is gone or erased."""

    agency: Agency
    digest: str
    message: Message | None = None

    @property
    def address(self) -> str:
        """The address, where it is still known."""
        return self.message.to_address if self.message else ""


def recipient_of(token: Token) -> Recipient | None:
    """Return whom a link is for; None only when the agency itself is gone.

    The link names its recipient by digest, so it works without message, lead and campaign.
    A database that is away for a moment is waited for.
    """
    return persist(lambda: _recipient_of(token), patience=PATIENCE)


def _recipient_of(token: Token) -> Recipient | None:
    agency = Agency.objects.filter(pk=token.agency_id).first()
    if agency is None or not token.digest:
        return None
    message = Message.objects.for_agency(agency).filter(pk=token.message_id).first()
    if message is not None and digest_of(message.to_address) != token.digest:
        message = None  # erased: it names nobody any more
    return Recipient(agency, token.digest, message)


def unsubscribe(recipient: Recipient, *, one_click: bool, now: datetime | None = None) -> bool:
    """Suppress a recipient for the whole agency; False when that was so already."""
    if recipient.message is not None:
        return unsubscribe_by_link(
            recipient.agency, recipient.message, one_click=one_click, now=now
        )
    return persist(lambda: _unsubscribe_digest(recipient), patience=PATIENCE)


@transaction.atomic
def _unsubscribe_digest(recipient: Recipient) -> bool:
    gate.shut(recipient.agency)
    return suppress_digest(
        agency=recipient.agency,
        digest=recipient.digest,
        reason=SuppressionReason.UNSUBSCRIBED,
        source=f"{SOURCE} of an e-mail no longer kept",
    )


def unsubscribe_by_link(
    agency: Agency, message: Message, *, one_click: bool, now: datetime | None = None
) -> bool:
    """Suppress a message's recipient for the whole agency; False when that was so already.

    The suppression cancels whatever waits for the address, in one transaction, tried
    again when the database gives up on it (a deadlock, a restart).
    """
    at = now or timezone.now()
    return persist(
        lambda: _unsubscribe(agency, message, one_click=one_click, now=at), patience=PATIENCE
    )


@transaction.atomic
def _unsubscribe(agency: Agency, message: Message, *, one_click: bool, now: datetime) -> bool:
    added = suppress(
        agency=agency,
        kind=SuppressionKind.ADDRESS,
        values=[message.to_address],
        reason=SuppressionReason.UNSUBSCRIBED,
        source=f"{SOURCE} of “{message.subject}”"[:200],
    )
    first = Message.objects.filter(pk=message.pk, unsubscribed_at=None)
    fresh = bool(first.update(unsubscribed_at=now))
    if fresh or added:
        _note(message, EventKind.UNSUBSCRIBED, now, "one click" if one_click else "page")
    if fresh:
        recipient_unsubscribed.send(
            sender=Message, agency=agency, address=message.to_address, message=message, inbound=None
        )
    return fresh or bool(added)


def is_unsubscribed(recipient: Recipient) -> bool:
    """Return whether nobody of the agency may write to the recipient."""
    return _suppressions(recipient).exists()


def may_take_back(recipient: Recipient, *, now: datetime | None = None) -> bool:
    """Return whether the recipient used a link here within the last day, and nothing else."""
    since = (now or timezone.now()) - TAKE_BACK_WITHIN
    return _suppressions(recipient).filter(_by_link(), created_at__gte=since).exists()


@transaction.atomic
def take_back(recipient: Recipient, *, now: datetime | None = None) -> bool:
    """Lift a suppression the recipient asked for by mistake; False when there is none to lift.

    What was stopped stays stopped, and both acts stay on record: only new e-mails, written
    by people who see that history, are possible again.
    """
    now = now or timezone.now()
    since = now - TAKE_BACK_WITHIN
    rows = _suppressions(recipient).filter(_by_link(), created_at__gte=since)
    if not rows.delete()[0]:
        return False
    if recipient.message is not None:
        _note(recipient.message, EventKind.TAKEN_BACK, now, "page")
    audit.record(
        agency=recipient.agency,
        actor=None,
        action="unsubscription taken back",
        object_type="suppression",
        object_id=recipient.digest[:16],
        changes={"by": "the recipient, on the unsubscribe page"},
    )
    return True


def _suppressions(recipient: Recipient) -> AgencyQuerySet[Suppression]:
    return Suppression.objects.for_agency(recipient.agency).filter(
        kind=SuppressionKind.ADDRESS, digest=recipient.digest
    )


def _by_link() -> Q:
    return Q(reason=SuppressionReason.UNSUBSCRIBED, source__startswith=SOURCE)


def _note(message: Message, kind: EventKind, at: datetime, how: str) -> None:
    MessageEvent.objects.create(
        agency_id=message.agency_id, message=message, kind=kind, at=at, evidence={"how": how}
    )
