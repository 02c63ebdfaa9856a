"""What a provider allows us to do with a mailbox, instead of a password."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.tenancy import AgencyModel
from foundation.secrets import SecretField
from mailer.enums import OAuthKind
from mailer.models.mailbox import Mailbox


class MailboxGrant(AgencyModel):
    """Consent at Google or Microsoft; its tokens change by compare-and-swap on `version`."""

    mailbox = models.OneToOneField(Mailbox, on_delete=models.CASCADE, related_name="grant")
    provider = models.CharField(max_length=10, choices=OAuthKind.choices)
    account = models.EmailField()
    access_token = SecretField(blank=True, default="")
    refresh_token = SecretField(blank=True, default="")
    expires_at = models.DateTimeField()
    version = models.PositiveBigIntegerField(default=0)
    renewing_until = models.DateTimeField(
        null=True, blank=True, help_text="A worker asks the provider for new tokens until then."
    )
    problem = models.CharField(
        max_length=500, blank=True, help_text="Why only a person can connect it again."
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    granted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["mailbox"]

    def __str__(self) -> str:
        return f"{self.account} at {self.get_provider_display()}"
