"""Work of the outbox and the inbox that repeats; each task calls one service."""

from celery import shared_task
from django.conf import settings

from mailer.models import Mailbox
from mailer.services import (
    deliverability,
    draining,
    incidents,
    invariants,
    reading,
    sending,
    signing,
)


@shared_task(name="mailer.send_due")  # type: ignore[untyped-decorator]  # celery has no types
def send_due() -> None:
    """Send what is due, many mailboxes at once."""
    sending.send_due(threads=settings.SEND_THREADS)


@shared_task(name="mailer.send_mailbox")  # type: ignore[untyped-decorator]  # celery has no types
def send_mailbox(mailbox_id: int) -> None:
    """Send what is due from one mailbox."""
    sending.send_mailbox(mailbox_id)


@shared_task(name="mailer.reap")  # type: ignore[untyped-decorator]  # celery has no types
def reap() -> None:
    """Take up what dead workers left."""
    sending.reap()


@shared_task(name="mailer.reconcile_uncertain")  # type: ignore[untyped-decorator]  # celery has no types
def reconcile_uncertain() -> None:
    """Look for uncertain messages in their Sent folders."""
    sending.reconcile_uncertain()


@shared_task(name="mailer.tell_incidents")  # type: ignore[untyped-decorator]  # celery has no types
def tell_incidents() -> None:
    """Write to people about stopped mailboxes they were not told of."""
    incidents.tell_incidents()


@shared_task(name="mailer.check_outbox")  # type: ignore[untyped-decorator]  # celery has no types
def check_outbox() -> None:
    """Check the outbox's invariants, and keep what was found for operators."""
    invariants.record_check()


@shared_task(name="mailer.read_inboxes")  # type: ignore[untyped-decorator]  # celery has no types
def read_inboxes() -> None:
    """Have every mailbox read, the longest unread first."""
    reading.read_inboxes()


@shared_task(name="mailer.read_mailboxes")  # type: ignore[untyped-decorator]  # celery has no types
def read_mailboxes(mailbox_ids: list[int]) -> None:
    """Read some mailboxes at once."""
    reading.read_mailboxes(mailbox_ids)


@shared_task(name="mailer.read_mailbox")  # type: ignore[untyped-decorator]  # celery has no types
def read_mailbox(mailbox_id: int) -> None:
    """Read what is new in one mailbox."""
    reading.read_mailbox(mailbox_id)


@shared_task(name="mailer.check_deliverability")  # type: ignore[untyped-decorator]  # celery has no types
def check_deliverability() -> None:
    """Look up the domains of every mailbox."""
    deliverability.check_every_mailbox()


@shared_task(name="mailer.check_mailbox")  # type: ignore[untyped-decorator]  # celery has no types
def check_mailbox(mailbox_id: int) -> None:
    """Look up the domain of one mailbox, if it is still there."""
    mailbox = Mailbox.objects.filter(pk=mailbox_id).first()
    if mailbox is not None:
        deliverability.check_mailbox(mailbox, seconds=deliverability.PATIENT_SECONDS)


@shared_task(name="mailer.retire_dkim_keys")  # type: ignore[untyped-decorator]  # celery has no types
def retire_dkim_keys() -> None:
    """Forget the private halves of keys that no longer sign."""
    signing.retire_keys()


@shared_task(name="mailer.drain_spool")  # type: ignore[untyped-decorator]  # celery has no types
def drain_spool() -> None:
    """Store the visits that this host's web processes answered."""
    draining.drain()


@shared_task(name="mailer.forget_spools")  # type: ignore[untyped-decorator]  # celery has no types
def forget_spools() -> None:
    """Forget how far spool files long gone were read."""
    draining.forget_positions()
