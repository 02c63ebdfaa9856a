"""A test e-mail to oneself, through the same outbox as every other."""

from django.utils import timezone

from accounts.models import User
from mailer.enums import MessageKind
from mailer.models import Mailbox, Message
from mailer.services.outbox import MessageDraft, queue_messages


def queue_trial(mailbox: Mailbox, *, to: User) -> Message:
    """Queue a test e-mail; pressing the button twice in a minute sends one."""
    now = timezone.now()
    text = (
        f"This is a test of {mailbox.address}, sent by Outreach Desk at {now:%H:%M} UTC on"
        f" {now:%-d %B %Y}.\n\nIf you read this, sending works."
    )
    draft = MessageDraft(
        agency=mailbox.agency,
        mailbox=mailbox,
        kind=MessageKind.TEST,
        to_address=to.email,
        to_name=" ".join(to.name.split()),
        subject=f"Test of {mailbox.address}",
        text=text,
        idempotency_key=f"trial-{mailbox.pk}-{to.pk}-{now:%Y%m%d%H%M}",
        sender_user=to,
        track_opens=False,
        track_clicks=False,
        with_unsubscribe=False,
    )
    return queue_messages([draft])[0]
