"""One wanted or won link, from prospect to proven live, and what happened to it."""

from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.tenancy import AgencyModel, AgencyQuerySet
from directory.enums import (
    FAULTS,
    OPPORTUNITY_STATUSES,
    OUTREACH_STATUSES,
    PLACED,
    BacklinkEventKind,
    BacklinkStatus,
    LinkType,
    ProspectType,
    SourceType,
    Verdict,
)


class BacklinkQuerySet(AgencyQuerySet["Backlink"]):
    """Backlinks of an agency."""

    def opportunities(self) -> Self:
        """Return those worked by hand; untouched ones only while their directory is active."""
        gone = Q(directory__is_active=False, status=BacklinkStatus.OPPORTUNITY, is_touched=False)
        worked = self.filter(source_type__in=[SourceType.DIRECTORY, SourceType.GAP])
        return worked.exclude(gone)

    def placed(self) -> Self:
        """Return those whose link should be on the page."""
        return self.filter(status__in=PLACED)


class Backlink(AgencyModel):
    """A link a client wants or has: where from, where to, on which terms, and is it there."""

    # Every index below begins with the agency or belongs to the checker.
    agency = models.ForeignKey(
        "accounts.Agency", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    client = models.ForeignKey("accounts.Client", on_delete=models.CASCADE, related_name="+")
    source_type = models.CharField(
        max_length=21, choices=SourceType.choices, default=SourceType.OUTREACH
    )
    directory = models.ForeignKey(
        # A directory that was worked is switched off, never deleted: else it would come back.
        "directory.Directory",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="backlinks",
    )
    steps = models.JSONField(
        default=list,
        blank=True,
        help_text="[{title, description, url, done_at, done_by, done_by_name}], in order.",
    )
    steps_revision = models.PositiveIntegerField(
        default=0, editable=False, help_text="Counts changes of the steps: compare and swap."
    )
    source_domain = models.CharField(max_length=253, help_text="Registrable domain that links.")
    source_url = models.CharField(max_length=2000, blank=True, help_text="Page that links.")
    target_url = models.CharField(max_length=2000, blank=True, help_text="Page linked to.")
    anchor_text = models.CharField(max_length=300, blank=True, help_text="Wanted or actual.")
    domain_rating = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    link_type = models.CharField(max_length=10, choices=LinkType.choices, default=LinkType.DOFOLLOW)
    prospect_type = models.CharField(max_length=20, choices=ProspectType.choices, blank=True)
    relevance = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(10)], help_text="1–10; 0 when not scored."
    )
    relevance_reasons = models.JSONField(default=list, blank=True, help_text="In words.")
    pitch_rationale = models.TextField(blank=True, max_length=2000)
    status = models.CharField(
        max_length=14, choices=BacklinkStatus.choices, default=BacklinkStatus.PROSPECTING
    )
    closed_reason = models.CharField(
        max_length=300, blank=True, help_text="Why it is not applicable or was rejected."
    )
    is_touched = models.BooleanField(
        default=False, help_text="A person has worked on it; matching leaves it alone."
    )

    outreach_sent_at = models.DateTimeField(null=True, blank=True)
    responded_at = models.DateTimeField(null=True, blank=True)
    agreed_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    expected_rel = models.CharField(max_length=10, choices=LinkType.choices, blank=True)
    expected_anchor = models.CharField(max_length=300, blank=True)
    expected_target = models.CharField(max_length=2000, blank=True)
    expected_until = models.DateField(null=True, blank=True, help_text="Last day agreed.")
    expected_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    expected_currency = models.CharField(max_length=3, blank=True, help_text="ISO 4217.")

    is_live = models.BooleanField(null=True, blank=True, help_text="Empty until checked.")
    is_indexed = models.BooleanField(null=True, blank=True, help_text="Empty when not known.")
    verdict = models.CharField(max_length=13, choices=Verdict.choices, blank=True)
    verdict_since = models.DateTimeField(null=True, blank=True, help_text="Stands since then.")
    changes = models.JSONField(
        default=list, blank=True, help_text="[{what, expected, found}] of the last verdict."
    )
    first_live_at = models.DateTimeField(null=True, blank=True)
    lost_at = models.DateTimeField(null=True, blank=True)
    last_checked_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True)
    check_token = models.CharField(
        max_length=32, blank=True, editable=False, help_text="Who is checking it now."
    )
    check_claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    check_attempts = models.PositiveSmallIntegerField(
        default=0, help_text="Doubtful checks in a row, before anyone is alarmed."
    )

    gap_competitors = models.JSONField(default=list, blank=True, help_text="Their domains.")
    notes = models.TextField(blank=True, max_length=5000)
    cost = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    cost_currency = models.CharField(max_length=3, blank=True, help_text="ISO 4217.")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    minutes_spent = models.PositiveIntegerField(default=0)
    proof_url = models.CharField(max_length=2000, blank=True, help_text="Where to see it.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = BacklinkQuerySet.as_manager()  # type: ignore[misc]  # narrows the abstract manager

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "directory"],
                condition=Q(directory__isnull=False),
                name="directory_backlink_once",
            ),
            models.CheckConstraint(
                condition=Q(source_type=SourceType.OUTREACH, status__in=sorted(OUTREACH_STATUSES))
                | Q(
                    source_type__in=[SourceType.DIRECTORY, SourceType.GAP],
                    status__in=sorted(OPPORTUNITY_STATUSES),
                ),
                name="directory_backlink_status",
            ),
            models.CheckConstraint(
                condition=Q(relevance__lte=10), name="directory_backlink_relevance"
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "status", "-id"], name="directory_bl_status"),
            models.Index(fields=["agency", "source_type", "-id"], name="directory_bl_source"),
            models.Index(fields=["agency", "-created_at", "-id"], name="directory_bl_newest"),
            models.Index(fields=["agency", "is_live", "last_checked_at"], name="directory_bl_live"),
            models.Index(
                fields=["agency", "client", "-relevance", "-id"], name="directory_bl_work"
            ),
            models.Index(fields=["agency", "source_domain"], name="directory_bl_domain"),
            models.Index(
                # What begins with the letters typed, whatever the database's language.
                fields=["agency", "source_domain"],
                opclasses=["int8_ops", "varchar_pattern_ops"],
                name="directory_bl_prefix",
            ),
            models.Index(
                fields=["agency", "client", "-created_at", "-id"], name="directory_bl_client"
            ),
            models.Index(
                fields=["agency", "verdict", "-created_at", "-id"], name="directory_bl_verdict"
            ),
            models.Index(
                fields=["agency", "-created_at", "-id"],
                condition=Q(verdict__in=sorted(FAULTS)),
                name="directory_bl_faults",
            ),
            models.Index(
                fields=["next_check_at"],
                condition=Q(next_check_at__isnull=False),
                name="directory_bl_due",
            ),
        ]

    def __str__(self) -> str:
        return self.source_url or self.source_domain

    @property
    def steps_done(self) -> int:
        """How many steps are ticked."""
        return sum(1 for step in self.steps if step.get("done_at"))


class BacklinkEvent(AgencyModel):
    """One thing that happened to a backlink; written once, never changed."""

    agency = models.ForeignKey(
        "accounts.Agency", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    backlink = models.ForeignKey(
        Backlink, on_delete=models.CASCADE, related_name="events", db_index=False
    )
    kind = models.CharField(max_length=8, choices=BacklinkEventKind.choices)
    summary = models.CharField(max_length=300)
    details = models.JSONField(default=dict, blank=True)
    url = models.CharField(max_length=300, blank=True, help_text="Path inside the product.")
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
            models.Index(fields=["backlink", "-at", "-id"], name="directory_event_backlink"),
            models.Index(fields=["agency", "-at"], name="directory_event_agency"),
        ]

    def __str__(self) -> str:
        return self.summary
