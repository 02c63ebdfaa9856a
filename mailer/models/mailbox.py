"""A sending identity: SMTP to send, IMAP to read, caps, and the lease on it."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from accounts.tenancy import AgencyModel, AgencyQuerySet
from foundation.secrets import SecretField
from mailer.enums import ConnectionSecurity, MailboxAuth, MailboxStatus


class MailboxQuerySet(AgencyQuerySet["Mailbox"]):
    """Which mailboxes may be used, and which have work."""

    def in_use(self) -> Self:
        """Return those that were not archived."""
        return self.exclude(status=MailboxStatus.ARCHIVED)

    def sendable(self, now: datetime) -> Self:
        """Return active ones, and stopped ones whose time to try again has come."""
        stopped = models.Q(status__in=[MailboxStatus.FAILING, MailboxStatus.PAUSED])
        return self.filter(
            models.Q(status=MailboxStatus.ACTIVE) | stopped & models.Q(retry_at__lte=now)
        )

    def free(self, now: datetime) -> Self:
        """Return those no worker holds and whose gap between two e-mails is over."""
        return self.filter(
            models.Q(lease_until=None) | models.Q(lease_until__lt=now),
            models.Q(next_send_at=None) | models.Q(next_send_at__lte=now),
        )


class Mailbox(AgencyModel):
    """A sending identity. One worker at a time holds its lease, numbered by the fence."""

    address = models.EmailField()
    display_name = models.CharField(max_length=120, blank=True)
    reply_to = models.EmailField(blank=True)
    signature = models.TextField(blank=True, max_length=2000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    provider = models.CharField(max_length=20, blank=True)
    auth = models.CharField(
        max_length=8, choices=MailboxAuth.choices, default=MailboxAuth.PASSWORD, editable=False
    )
    smtp_host = models.CharField(max_length=253)
    smtp_port = models.PositiveIntegerField(
        default=587, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    smtp_security = models.CharField(
        max_length=8,
        choices=ConnectionSecurity.choices,
        default=ConnectionSecurity.STARTTLS,
    )
    smtp_username = models.CharField(max_length=320, blank=True)
    smtp_password = SecretField(blank=True, default="")
    imap_host = models.CharField(max_length=253, blank=True)
    imap_port = models.PositiveIntegerField(
        default=993, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    imap_security = models.CharField(
        max_length=8, choices=ConnectionSecurity.choices, default=ConnectionSecurity.TLS
    )
    imap_username = models.CharField(max_length=320, blank=True)
    imap_password = SecretField(blank=True, default="")
    imap_folder = models.CharField(max_length=200, default="INBOX")
    imap_sent_folder = models.CharField(max_length=200, blank=True)

    daily_cap = models.PositiveIntegerField(
        default=50, validators=[MinValueValidator(1), MaxValueValidator(50_000)]
    )
    hourly_cap = models.PositiveIntegerField(
        default=20, validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )
    gap_seconds = models.PositiveIntegerField(
        default=60,
        validators=[MaxValueValidator(86_400)],
        help_text="Least time between two e-mails.",
    )
    gap_jitter_seconds = models.PositiveIntegerField(
        default=30,
        validators=[MaxValueValidator(86_400)],
        help_text="A random part added to the gap.",
    )
    ramp_start = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(50_000)],
        help_text="E-mails on the first day; empty for no ramp-up.",
    )
    ramp_step = models.PositiveIntegerField(
        default=5, validators=[MaxValueValidator(10_000)], help_text="More each day."
    )
    ramp_started_on = models.DateField(null=True, blank=True)
    bounce_pause_percent = models.PositiveSmallIntegerField(
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="Hard bounces among the last 100 e-mails that pause the mailbox.",
    )
    tracking_domain = models.CharField(max_length=253, blank=True)
    tracking_verified_at = models.DateTimeField(
        null=True, blank=True, help_text="When that name was last seen to lead to us."
    )
    tracking_problem = models.CharField(max_length=300, blank=True)

    status = models.CharField(
        max_length=8, choices=MailboxStatus.choices, default=MailboxStatus.ACTIVE
    )
    status_reason = models.CharField(max_length=500, blank=True)
    status_at = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(
        null=True, blank=True, help_text="When a stopped mailbox is tried again by itself."
    )
    failures = models.PositiveSmallIntegerField(
        default=0, help_text="Connections failed in a row; sets when to try again."
    )
    last_sent_at = models.DateTimeField(null=True, blank=True)
    next_send_at = models.DateTimeField(null=True, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)
    last_read_error = models.CharField(max_length=500, blank=True)
    slow_until = models.DateTimeField(
        null=True, blank=True, help_text="Its sending server is slow: it has lanes of its own."
    )
    read_slow_until = models.DateTimeField(
        null=True, blank=True, help_text="The same for its reading server."
    )
    tested_at = models.DateTimeField(null=True, blank=True)

    read_uidvalidity = models.BigIntegerField(null=True, blank=True)
    read_uid = models.BigIntegerField(default=0)
    read_tries = models.PositiveSmallIntegerField(
        default=0, help_text="Readings broken off at the next mail."
    )
    read_stuck_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when reading gets no further."
    )

    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.BigIntegerField(default=0)
    read_lease_owner = models.CharField(max_length=80, blank=True)
    read_lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = MailboxQuerySet.as_manager()  # type: ignore[misc]  # narrows the abstract manager

    class Meta:
        verbose_name_plural = "mailboxes"
        ordering = ["address"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "address"], name="mailer_mailbox_address_unique"
            )
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def is_trying(self) -> bool:
        """Whether it sends, or will try to by itself."""
        tries = {MailboxStatus.ACTIVE, MailboxStatus.FAILING}
        return self.status in tries or (
            self.status == MailboxStatus.PAUSED and self.retry_at is not None
        )
