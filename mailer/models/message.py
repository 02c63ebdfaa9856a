"""Outgoing e-mail: the table is the queue. Threads and events."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.tenancy import AgencyModel, AgencyQuerySet
from mailer.enums import (
    AgentClass,
    EventKind,
    MessageKind,
    MessageStatus,
    ThreadStatus,
)
from mailer.models.mailbox import Mailbox


class Thread(AgencyModel):
    """A conversation of one mailbox with one counterpart."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="threads")
    counterpart = models.CharField(max_length=320, help_text="Normalised address.")
    counterpart_name = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    context = models.CharField(
        max_length=200,
        blank=True,
        help_text="The caller's words, e.g. the campaign's name.",
    )
    status = models.CharField(max_length=8, choices=ThreadStatus.choices, default=ThreadStatus.DONE)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    intent = models.CharField(max_length=16, blank=True)
    is_unread = models.BooleanField(default=False)
    preview = models.CharField(max_length=200, blank=True)
    last_message_at = models.DateTimeField(null=True, blank=True)
    last_inbound_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["agency", "status", "-last_inbound_at", "-id"],
                name="mailer_thread_inbox",
            ),
            models.Index(fields=["agency", "counterpart"], name="mailer_thread_counterpart"),
            models.Index(fields=["mailbox", "counterpart"], name="mailer_thread_mailbox_cp"),
        ]

    def __str__(self) -> str:
        return f"{self.counterpart}: {self.subject}"


class MessageQuerySet(AgencyQuerySet["Message"]):
    """What is due, what is being worked on, and by whom."""

    def due(self, now: datetime) -> Self:
        """Return queued messages whose time has come, of campaigns that are not paused."""
        return self.filter(status=MessageStatus.QUEUED, held=False, next_attempt_at__lte=now)

    def claimed_under(self, owner: str, fence: int) -> Self:
        """Return what one holder of a mailbox has in hand."""
        return self.filter(claimed_by=owner, claimed_fence=fence)

    def abandoned(self, now: datetime) -> Self:
        """Return messages in flight whose worker no longer holds the mailbox."""
        held = models.Q(mailbox__fence=models.F("claimed_fence"), mailbox__lease_until__gte=now)
        in_flight = (MessageStatus.CLAIMED, MessageStatus.HANDING_OVER)
        return self.filter(~held, status__in=in_flight)


class Message(AgencyModel):
    """One outgoing e-mail, from draft to sent, and what came of it."""

    kind = models.CharField(max_length=8, choices=MessageKind.choices, default=MessageKind.CAMPAIGN)
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="messages")
    thread = models.ForeignKey(
        Thread,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="messages",
    )
    sender_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The member accountable, whose daily cap counts it.",
    )
    to_address = models.CharField(max_length=320)
    to_name = models.CharField(max_length=200, blank=True)
    recipient_domain = models.CharField(max_length=253)
    country = models.CharField(max_length=2, blank=True)
    subject = models.CharField(max_length=500)
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict, blank=True)
    message_id = models.CharField(max_length=255, unique=True, help_text="With its angle brackets.")
    in_reply_to = models.CharField(max_length=255, blank=True)
    references = models.TextField(blank=True)
    idempotency_key = models.CharField(max_length=120)
    links = models.JSONField(default=list, blank=True, help_text="Targets, by index.")
    track_opens = models.BooleanField(default=True)
    track_clicks = models.BooleanField(default=True)
    with_unsubscribe = models.BooleanField(default=True)

    # What the policy needs and the caller knows.
    sequence_key = models.CharField(
        max_length=60,
        blank=True,
        help_text="Groups the e-mails of one sequence to one person.",
    )
    campaign_key = models.CharField(max_length=60, blank=True)
    campaign_daily_cap = models.PositiveIntegerField(null=True, blank=True)
    window = models.JSONField(
        null=True,
        blank=True,
        help_text="When it may go: compliance.windows.Window as JSON.",
    )
    cooldown_override = models.BooleanField(default=False)
    publisher_rule = models.CharField(max_length=300, blank=True)
    unresolved = models.JSONField(default=list, blank=True)

    status = models.CharField(
        max_length=12, choices=MessageStatus.choices, default=MessageStatus.QUEUED
    )
    held = models.BooleanField(
        default=False, help_text="Queued, but its campaign is paused: not claimed."
    )
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    claimed_by = models.CharField(max_length=80, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    claimed_fence = models.BigIntegerField(null=True, blank=True)
    reservations = models.JSONField(default=list, blank=True)
    spent = models.JSONField(
        default=list,
        blank=True,
        help_text="Cap slots of earlier tries that may have gone out: never given back.",
    )
    deaths = models.PositiveSmallIntegerField(
        default=0, help_text="Workers in a row that died, or failed, with it in hand."
    )
    recalled = models.CharField(
        max_length=1000,
        blank=True,
        help_text="Stopped while it was handed over: cancelled if the server does not take it.",
    )
    smtp_reply = models.CharField(max_length=1000, blank=True)
    last_error = models.CharField(max_length=1000, blank=True)
    wait_reason = models.CharField(
        max_length=500, blank=True, help_text="Why it waits until next_attempt_at."
    )
    announced = models.BooleanField(
        default=False, help_text="Sent, and the other apps have been told."
    )
    decision = models.ForeignKey(
        "compliance.PolicyDecision",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    clicked_at = models.DateTimeField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)
    complained_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()  # type: ignore[misc]  # narrows the abstract manager

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "idempotency_key"], name="mailer_message_key_unique"
            ),
            models.CheckConstraint(
                condition=~models.Q(status=MessageStatus.SENT) | models.Q(sent_at__isnull=False),
                name="mailer_message_sent_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=MessageStatus.SENT) | ~models.Q(smtp_reply=""),
                name="mailer_message_sent_has_reply",
            ),
        ]
        indexes = [
            models.Index(
                fields=["mailbox", "next_attempt_at", "id"],
                condition=models.Q(status=MessageStatus.QUEUED, held=False),
                name="mailer_message_due",
            ),
            models.Index(
                fields=["mailbox", "status"],
                condition=models.Q(
                    status__in=[
                        MessageStatus.CLAIMED,
                        MessageStatus.HANDING_OVER,
                        MessageStatus.UNCERTAIN,
                    ]
                ),
                name="mailer_message_in_flight",
            ),
            models.Index(
                fields=["mailbox", "id"],
                condition=models.Q(status=MessageStatus.SENT, announced=False),
                name="mailer_message_unannounced",
            ),
            models.Index(fields=["agency", "to_address", "-sent_at"], name="mailer_message_to"),
            models.Index(
                fields=["agency", "recipient_domain", "-sent_at"],
                name="mailer_message_domain",
            ),
            models.Index(fields=["agency", "-created_at", "-id"], name="mailer_message_list"),
            models.Index(fields=["agency", "campaign_key", "-id"], name="mailer_message_campaign"),
            models.Index(fields=["mailbox", "-sent_at"], name="mailer_message_mailbox_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to_address}"


class MessageEvent(AgencyModel):
    """One thing that happened to a sent message; append-only."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=14, choices=EventKind.choices)
    at = models.DateTimeField(default=timezone.now)
    url = models.TextField(blank=True)
    agent = models.CharField(max_length=8, choices=AgentClass.choices, default=AgentClass.UNKNOWN)
    evidence = models.JSONField(default=dict, blank=True)
    network = models.CharField(
        max_length=43, blank=True, help_text="Of who fetched: /24 or /48, never the address."
    )
    nth = models.PositiveSmallIntegerField(
        default=0, help_text="Which fetch of its message, counted as far as stories are read."
    )

    class Meta:
        indexes = [
            models.Index(fields=["message", "at"], name="mailer_event_message"),
            # The story of a message is its first fetches, found without reading the rest.
            models.Index(
                fields=["message", "nth"],
                condition=models.Q(nth__gt=0),
                name="mailer_event_story",
            ),
            models.Index(
                fields=["agency", "network", "at"],
                condition=models.Q(kind=EventKind.CLICKED) & ~models.Q(network=""),
                name="mailer_event_network",
            ),
            models.Index(fields=["agency", "kind", "-at"], name="mailer_event_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"
