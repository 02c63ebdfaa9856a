"""Leads and what happened to them."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone

from accounts.tenancy import AgencyModel
from leads.enums import (
    EventKind,
    InferenceSource,
    LeadSourceKind,
    LeadStatus,
    Tier,
    Verification,
)


class Lead(AgencyModel):
    """One contact, or one site without a contact yet, the agency may write to."""

    # Every index below begins with the agency; one more on each key alone slows imports.
    agency = models.ForeignKey(
        "accounts.Agency", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    client = models.ForeignKey(
        "accounts.Client",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    email = models.CharField(max_length=320, null=True, blank=True)  # noqa: DJ001  # absent is not "", unique where present
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    job_title = models.CharField(max_length=150, blank=True)
    company = models.CharField(max_length=200, blank=True)
    website = models.CharField(max_length=500, blank=True)
    domain = models.CharField(
        max_length=253, blank=True, help_text="Registrable domain of the site."
    )
    phone = models.CharField(max_length=60, blank=True)
    linkedin = models.CharField(max_length=300, blank=True)
    city = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166-1 alpha-2.")
    country_source = models.CharField(
        max_length=8, choices=InferenceSource.choices, default=InferenceSource.NONE
    )
    region = models.CharField(max_length=120, blank=True, help_text="State or province.")
    time_zone = models.CharField(max_length=64, blank=True)
    time_zone_source = models.CharField(
        max_length=8, choices=InferenceSource.choices, default=InferenceSource.NONE
    )
    source = models.CharField(
        max_length=10, choices=LeadSourceKind.choices, default=LeadSourceKind.MANUAL
    )
    source_detail = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=12, choices=LeadStatus.choices, default=LeadStatus.NEW)
    verification = models.CharField(
        max_length=8, choices=Verification.choices, default=Verification.UNKNOWN
    )
    verification_reasons = models.JSONField(default=list, blank=True)
    domain_rating = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    score = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(100)])
    score_parts = models.JSONField(
        default=list, blank=True, help_text="[{part, points, of, reason}], 100 in all."
    )
    tier = models.CharField(max_length=4, choices=Tier.choices, default=Tier.COLD)
    custom = models.JSONField(default=dict, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    batch = models.ForeignKey(
        "leads.LeadImport",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    search = models.TextField(
        blank=True,
        editable=False,
        help_text="Lower-case text the list is searched by; read by selectors/search.py only.",
    )
    last_contacted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "email"],
                condition=models.Q(email__isnull=False),
                name="leads_lead_email_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(score__lte=100), name="leads_lead_score_range"
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "-created_at", "-id"], name="leads_lead_newest"),
            models.Index(fields=["agency", "-score", "-id"], name="leads_lead_score"),
            models.Index(fields=["agency", "status", "-id"], name="leads_lead_status"),
            models.Index(fields=["agency", "domain", "id"], name="leads_lead_domain"),
            models.Index(fields=["agency", "client", "-id"], name="leads_lead_client"),
            models.Index(fields=["agency", "batch"], name="leads_lead_batch"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email or self.domain or self.company

    @property
    def full_name(self) -> str:
        """First and last name, as far as known."""
        return f"{self.first_name} {self.last_name}".strip()


class LeadEvent(AgencyModel):
    """One thing that happened to a person or site; apps above write here, none delete."""

    lead = models.ForeignKey(
        Lead, on_delete=models.CASCADE, null=True, blank=True, related_name="events"
    )
    domain = models.CharField(max_length=253, blank=True)
    kind = models.CharField(max_length=14, choices=EventKind.choices)
    summary = models.CharField(max_length=300)
    url = models.CharField(max_length=300, blank=True, help_text="Path inside the product.")
    client = models.ForeignKey(
        "accounts.Client",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["lead", "-at", "-id"], name="leads_event_lead"),
            models.Index(fields=["agency", "domain", "-at"], name="leads_event_domain"),
        ]

    def __str__(self) -> str:
        return self.summary
