"""Accounts at other companies: the key, what may be spent, and what was."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.tenancy import AgencyQuerySet
from foundation.secrets import SecretField
from integrations.enums import CallOutcome, Provider


class ProviderAccount(models.Model):
    """An agency's account at a provider; one without agency is the platform's, for everyone."""

    agency = models.ForeignKey(
        "accounts.Agency", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    provider = models.CharField(max_length=20, choices=Provider.choices)
    login = models.CharField(max_length=200, help_text="The login or address at the provider.")
    secret = SecretField("API password", blank=True)
    plan = models.CharField(max_length=60, blank=True)
    monthly_limit = models.PositiveIntegerField(
        "calls a month", default=1000, help_text="No call is made past it; 0 makes none."
    )
    cost_per_unit = models.DecimalField(
        "cost of a call",
        max_digits=9,
        decimal_places=5,
        default=0,
        validators=[MinValueValidator(0)],
        help_text="In US dollars, where the provider does not tell.",
    )
    priority = models.PositiveSmallIntegerField(default=10, help_text="Lower is asked first.")
    is_active = models.BooleanField(default=True)
    last_ok_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_error = models.CharField(max_length=300, blank=True, editable=False)
    last_error_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "provider"], name="integrations_account_once"
            ),
            models.UniqueConstraint(
                fields=["provider"],
                condition=Q(agency__isnull=True),
                name="integrations_platform_account_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} of {self.agency or 'the platform'}"


class ProviderUsage(models.Model):
    """What an account has used in a calendar month (UTC); reserved before a call."""

    account = models.ForeignKey(ProviderAccount, on_delete=models.CASCADE, related_name="usage")
    month = models.DateField(help_text="Its first day.")
    units = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=5, default=0)

    class Meta:
        verbose_name_plural = "provider usage"
        constraints = [
            models.UniqueConstraint(fields=["account", "month"], name="integrations_usage_once")
        ]

    def __str__(self) -> str:
        return f"{self.account}, {self.month:%Y-%m}"


class ProviderCall(models.Model):
    """One call to a provider: how it ended, how long it took, what it cost."""

    account = models.ForeignKey(
        ProviderAccount, on_delete=models.CASCADE, related_name="calls", db_index=False
    )
    agency = models.ForeignKey(
        "accounts.Agency", on_delete=models.CASCADE, null=True, related_name="+"
    )
    purpose = models.CharField(max_length=40)
    outcome = models.CharField(max_length=8, choices=CallOutcome.choices)
    error = models.CharField(max_length=300, blank=True)
    latency_ms = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=5, default=0)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        indexes = [models.Index(fields=["account", "-at"], name="integrations_call_newest")]

    def __str__(self) -> str:
        return f"{self.purpose}, {self.at:%Y-%m-%d %H:%M}"
