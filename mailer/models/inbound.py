"""Incoming e-mail that belongs to a thread or a known contact."""

from django.db import models
from django.utils import timezone

from accounts.tenancy import AgencyModel
from mailer.enums import InboundKind, Intent, IntentSource, SetAsideStatus
from mailer.models.mailbox import Mailbox
from mailer.models.message import Message, Thread


class InboundMessage(AgencyModel):
    """One incoming e-mail, read once, told apart, matched to what it answers."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="inbound")
    folder = models.CharField(max_length=200, default="INBOX")
    uidvalidity = models.BigIntegerField(default=0)
    uid = models.BigIntegerField(default=0)
    message_id = models.CharField(max_length=500)
    in_reply_to = models.CharField(max_length=500, blank=True)
    references = models.TextField(blank=True)
    from_address = models.CharField(max_length=320, blank=True)
    from_name = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    new_text = models.TextField(blank=True, help_text="Without quotes and signature.")
    html = models.TextField(blank=True, help_text="Sanitised.")
    kind = models.CharField(max_length=14, choices=InboundKind.choices)
    intent = models.CharField(max_length=16, choices=Intent.choices, blank=True)
    intent_source = models.CharField(
        max_length=8, choices=IntentSource.choices, default=IntentSource.RULES
    )
    intent_reasons = models.JSONField(default=list, blank=True)
    return_date = models.DateField(null=True, blank=True)
    facts = models.JSONField(
        default=dict, blank=True, help_text="Bounced recipients, price, right person…"
    )
    original = models.ForeignKey(
        Message,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="answers",
    )
    thread = models.ForeignKey(
        Thread, on_delete=models.CASCADE, null=True, blank=True, related_name="inbound"
    )
    received_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "folder", "uidvalidity", "uid"],
                name="mailer_inbound_uid_unique",
            ),
            models.UniqueConstraint(
                fields=["mailbox", "message_id"], name="mailer_inbound_msgid_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "-received_at", "-id"], name="mailer_inbound_newest"),
            models.Index(fields=["agency", "from_address"], name="mailer_inbound_from"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} from {self.from_address}"


class SetAsideMail(AgencyModel):
    """A mail that could not be taken in, left in its folder with the reason."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="set_aside")
    folder = models.CharField(max_length=200)
    uidvalidity = models.BigIntegerField()
    uid = models.BigIntegerField()
    sender = models.CharField(max_length=320, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)
    status = models.CharField(
        max_length=9, choices=SetAsideStatus.choices, default=SetAsideStatus.WAITING
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "folder", "uidvalidity", "uid"],
                name="mailer_setaside_uid_unique",
            )
        ]
        indexes = [models.Index(fields=["agency", "-at"], name="mailer_setaside_list")]

    def __str__(self) -> str:
        return f"mail {self.uid} of {self.folder}"
