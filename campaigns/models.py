"""Campaigns, their sequence, who is enrolled, each e-mail's review, daily figures."""

import datetime as dt

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from accounts.enums import ApprovalMode
from accounts.tenancy import AgencyModel
from campaigns.enums import (
    CampaignKind,
    CampaignStatus,
    EnrolmentStatus,
    ProspectType,
    Review,
    RunStatus,
    SkipReason,
    StopReason,
    ThreadMode,
    VariantStatus,
    WaitUnit,
)


class Campaign(AgencyModel):
    """A plan to write to many people for one client, and how far it has come."""

    client = models.ForeignKey(
        "accounts.Client",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140)
    kind = models.CharField(
        max_length=14, choices=CampaignKind.choices, default=CampaignKind.LINK_BUILDING
    )
    prospect_type = models.CharField(max_length=20, choices=ProspectType.choices, blank=True)
    status = models.CharField(
        max_length=10, choices=CampaignStatus.choices, default=CampaignStatus.DRAFT
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    content_version = models.PositiveIntegerField(default=1)
    approved_version = models.PositiveIntegerField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approval_mode = models.CharField(
        max_length=12, choices=ApprovalMode.choices, default=ApprovalMode.SEQUENCE
    )
    review_note = models.TextField(blank=True, max_length=1000)

    send_days = models.JSONField(
        default=list,
        help_text="ISO weekdays, 1 Monday to 7 Sunday; [] means Monday to Friday.",
    )
    send_from = models.TimeField(default=dt.time(9, 0))
    send_until = models.TimeField(default=dt.time(17, 0))
    time_zone = models.CharField(max_length=64, default="UTC")
    in_recipient_time_zone = models.BooleanField(default=True)
    holiday_countries = models.JSONField(default=list, blank=True)
    extra_holidays = models.JSONField(default=list, blank=True, help_text="ISO dates.")
    start_on = models.DateField(null=True, blank=True)
    daily_cap = models.PositiveIntegerField(
        default=200, validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )
    track_opens = models.BooleanField(default=True)
    track_clicks = models.BooleanField(default=True)
    stop_domain_on_reply = models.BooleanField(default=False)
    mailboxes = models.ManyToManyField("mailer.Mailbox", related_name="+", blank=True)

    total_enrolled = models.PositiveIntegerField(default=0)
    launched_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "slug"], name="campaigns_campaign_slug_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(send_from__lt=models.F("send_until")),
                name="campaigns_campaign_hours",
            ),
        ]
        indexes = [
            models.Index(
                fields=["agency", "status", "-created_at"],
                name="campaigns_campaign_list",
            )
        ]

    def __str__(self) -> str:
        return self.name


class EmailTemplate(AgencyModel):
    """A reusable e-mail of the library."""

    name = models.CharField(max_length=120)
    category = models.CharField(max_length=60, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    body = models.TextField(max_length=20_000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["category", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "name"], name="campaigns_template_name_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name


class SequenceStep(AgencyModel):
    """One e-mail of a sequence and how long to wait before it."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField()
    wait = models.PositiveSmallIntegerField(default=3, validators=[MaxValueValidator(365)])
    wait_unit = models.CharField(
        max_length=13, choices=WaitUnit.choices, default=WaitUnit.BUSINESS_DAYS
    )
    thread_mode = models.CharField(
        max_length=4, choices=ThreadMode.choices, default=ThreadMode.SAME
    )

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "order"], name="campaigns_step_order_unique"
            )
        ]

    def __str__(self) -> str:
        return f"Step {self.order}"


class StepVariant(AgencyModel):
    """One wording of a step; the weight is its share of those enrolled."""

    step = models.ForeignKey(SequenceStep, on_delete=models.CASCADE, related_name="variants")
    label = models.CharField(max_length=1, default="A")
    subject = models.CharField(max_length=500, blank=True)
    body = models.TextField(max_length=20_000)
    weight = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    status = models.CharField(
        max_length=6, choices=VariantStatus.choices, default=VariantStatus.ACTIVE
    )

    class Meta:
        ordering = ["label"]
        constraints = [
            models.UniqueConstraint(fields=["step", "label"], name="campaigns_variant_label_unique")
        ]

    def __str__(self) -> str:
        return f"{self.step}{self.label}"


class Enrolment(AgencyModel):
    """One lead's way through one campaign."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="enrolments")
    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="+")
    mailbox = models.ForeignKey(
        "mailer.Mailbox",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    thread = models.ForeignKey(
        "mailer.Thread",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    status = models.CharField(
        max_length=8, choices=EnrolmentStatus.choices, default=EnrolmentStatus.PENDING
    )
    next_step = models.PositiveSmallIntegerField(
        default=1, help_text="Order of the step to be composed next."
    )
    due_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=200, blank=True)
    stop_reason = models.CharField(max_length=14, choices=StopReason.choices, blank=True)
    cooldown_override = models.CharField(
        max_length=300, blank=True, help_text="The manager's reason, when overridden."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)
    first_sent_at = models.DateTimeField(null=True, blank=True)
    last_sent_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    clicked_at = models.DateTimeField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    interested_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "lead"], name="campaigns_enrolment_unique")
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(status__in=["pending", "active"]),
                name="campaigns_enrolment_due",
            ),
            models.Index(fields=["campaign", "status", "id"], name="campaigns_enrolment_status"),
            models.Index(fields=["agency", "lead"], name="campaigns_enrolment_lead"),
        ]

    def __str__(self) -> str:
        return f"{self.lead} in {self.campaign}"


class StepEmail(AgencyModel):
    """One e-mail of one enrolment: its text, its review and the message it became."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="emails")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="emails")
    step = models.ForeignKey(SequenceStep, on_delete=models.PROTECT, related_name="emails")
    variant = models.ForeignKey(StepVariant, on_delete=models.PROTECT, related_name="emails")
    message = models.OneToOneField(
        "mailer.Message",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    subject = models.CharField(max_length=500, blank=True)
    body = models.TextField(
        blank=True,
        max_length=20_000,
        help_text="Final wording, when a person edited it.",
    )
    edited = models.BooleanField(default=False)
    unresolved = models.JSONField(default=list, blank=True)
    content_version = models.PositiveIntegerField(default=1)
    attempt = models.PositiveSmallIntegerField(
        default=1, help_text="Counts what was cancelled or refused before it left, and retried."
    )
    review = models.CharField(max_length=8, choices=Review.choices, default=Review.DRAFTED)
    review_reason = models.CharField(max_length=300, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    counted = models.PositiveSmallIntegerField(
        default=0, help_text="Which daily figures count it already, a bit each."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "step"], name="campaigns_stepemail_unique")
        ]
        indexes = [
            models.Index(
                fields=["agency", "id"],
                condition=models.Q(review=Review.DRAFTED),
                name="campaigns_stepemail_queue",
            ),
            models.Index(fields=["campaign", "review", "id"], name="campaigns_stepemail_review"),
        ]

    def __str__(self) -> str:
        return f"{self.step} to {self.enrolment}"


class DailyStat(AgencyModel):
    """Counts of one day, step, variant and mailbox, kept by the transactions that make them."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="stats")
    step = models.ForeignKey(SequenceStep, on_delete=models.CASCADE, related_name="+")
    variant = models.ForeignKey(StepVariant, on_delete=models.CASCADE, related_name="+")
    mailbox = models.ForeignKey("mailer.Mailbox", on_delete=models.CASCADE, related_name="+")
    date = models.DateField(help_text="In the agency's time zone.")
    sent = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    clicked = models.PositiveIntegerField(default=0)
    replied = models.PositiveIntegerField(default=0)
    interested = models.PositiveIntegerField(default=0)
    bounced = models.PositiveIntegerField(default=0)
    unsubscribed = models.PositiveIntegerField(default=0)
    complained = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "step", "variant", "mailbox", "date"],
                name="campaigns_dailystat_unique",
            )
        ]
        indexes = [models.Index(fields=["agency", "date"], name="campaigns_dailystat_day")]

    def __str__(self) -> str:
        return f"{self.campaign} on {self.date}"


class EnrolmentRun(AgencyModel):
    """One enrolment of many leads, and how far it has come."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="runs")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    source = models.JSONField(
        default=dict, help_text="Whom to enrol: ids, query, import or the skipped of a run."
    )
    override_reason = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=8, choices=RunStatus.choices, default=RunStatus.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    enrolled = models.PositiveIntegerField(default=0)
    last_lead_id = models.BigIntegerField(default=0, help_text="Where the next batch begins.")
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["campaign", "-id"], name="campaigns_run_newest"),
            models.Index(fields=["status", "heartbeat_at"], name="campaigns_run_due"),
        ]

    def __str__(self) -> str:
        return f"Enrolment into {self.campaign}"


class EnrolmentSkip(AgencyModel):
    """One lead a run left out, and why."""

    run = models.ForeignKey(EnrolmentRun, on_delete=models.CASCADE, related_name="skips")
    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=12, choices=SkipReason.choices)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "lead"], name="campaigns_skip_unique")
        ]
        indexes = [models.Index(fields=["run", "reason", "id"], name="campaigns_skip_reason")]

    def __str__(self) -> str:
        return f"{self.lead}: {self.get_reason_display()}"
