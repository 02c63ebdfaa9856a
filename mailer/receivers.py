"""Hears what stops mail: suppressions from compliance, and our own bounces."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from accounts.models import Agency
from compliance.enums import SuppressionKind, SuppressionReason
from compliance.signals import address_suppressed
from mailer.models import Message
from mailer.services.aliases import suppress_aliases
from mailer.services.gate import shut
from mailer.services.mailboxes import check_bounce_rate
from mailer.services.outbox import cancel_messages
from mailer.signals import message_bounced


@receiver(address_suppressed, dispatch_uid="mailer.cancel_suppressed")
def cancel_suppressed(
    *, agency: Agency | None, kind: str, values: Sequence[str], reason: str, **_: Any
) -> None:
    """Cancel what waits for a suppressed address or domain, in the same transaction."""
    words = f"Suppressed: {SuppressionReason(reason).label.lower()}."
    shut(agency)
    people = "domains" if kind == SuppressionKind.DOMAIN else "addresses"
    cancel_messages(agency=agency, reason=words, **{people: list(values)})  # type: ignore[arg-type]  # one of two lists


@receiver(address_suppressed, dispatch_uid="mailer.suppress_aliases")
def refuse_for_aliases(
    *, agency: Agency | None, kind: str, values: Sequence[str], reason: str, **_: Any
) -> None:
    """Suppress the other addresses of the person who refused."""
    suppress_aliases(agency, kind=kind, values=list(values), reason=reason)


@receiver(message_bounced, dispatch_uid="mailer.check_bounce_rate")
def watch_bounces(*, message: Message, hard: bool, **_: Any) -> None:
    """Pause a mailbox whose e-mails bounce too often."""
    if hard:
        check_bounce_rate(message.mailbox_id)
