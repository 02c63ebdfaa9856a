"""What the DNS says of a mailbox's domain, and the keys its e-mails are signed with."""

from django.db import models
from django.utils import timezone

from accounts.tenancy import AgencyModel
from mailer.enums import CheckState, DkimAlgorithm, DkimKeyStatus
from mailer.models.mailbox import Mailbox
from mailer.models.secrets import SecretField


class DkimKey(AgencyModel):
    """A key pair of a sending domain; its private half is never shown."""

    domain = models.CharField(max_length=253, help_text="In ASCII (IDNA).")
    selector = models.CharField(max_length=63)
    algorithm = models.CharField(max_length=8, choices=DkimAlgorithm.choices)
    private_key = SecretField(blank=True, default="")
    public_key = models.TextField(help_text="Base64, as its DNS record says after p=.")
    status = models.CharField(
        max_length=8, choices=DkimKeyStatus.choices, default=DkimKeyStatus.WAITING
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    retiring_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["domain", "-created_at", "selector"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "domain", "selector"], name="mailer_dkimkey_selector_unique"
            ),
            models.UniqueConstraint(
                fields=["agency", "domain", "algorithm"],
                condition=models.Q(status="active"),
                name="mailer_dkimkey_one_active",
            ),
            models.UniqueConstraint(
                fields=["agency", "domain", "algorithm"],
                condition=models.Q(status="waiting"),
                name="mailer_dkimkey_one_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.record_name

    @property
    def record_name(self) -> str:
        """The name its TXT record is published under."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record_value(self) -> str:
        """The value of its TXT record (RFC 6376 3.6.1)."""
        return f"v=DKIM1; k={self.algorithm}; p={self.public_key}"


class MailboxCheck(AgencyModel):
    """The last look at the DNS of a mailbox's domain, finding by finding."""

    mailbox = models.OneToOneField(Mailbox, on_delete=models.CASCADE, related_name="check_result")
    state = models.CharField(max_length=7, choices=CheckState.choices)
    findings = models.JSONField(default=list)
    checked_at = models.DateTimeField(default=timezone.now)
    worse = models.JSONField(
        default=list, blank=True, help_text="Names of what became worse since it was last fine."
    )
    worse_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.mailbox}: {self.state}"
