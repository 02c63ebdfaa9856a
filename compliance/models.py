"""What is remembered of permissions, refusals, caps and decisions."""

import hashlib
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.tenancy import AgencyModel, AgencyQuerySet
from compliance.enums import (
    Check,
    CheckResult,
    ConsentBasis,
    CounterScope,
    Outcome,
    Region,
    Requirement,
    SecurityKind,
    Stage,
    SuppressionKind,
    SuppressionReason,
)
from compliance.wording import action_words


class Suppression(models.Model):
    """Someone, or a whole domain, this agency (or the platform) must not write to.

    After erasure only the digest remains, and still suppresses.
    """

    agency = models.ForeignKey(
        "accounts.Agency",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty for the whole platform.",
    )
    kind = models.CharField(
        max_length=8, choices=SuppressionKind.choices, default=SuppressionKind.ADDRESS
    )
    value = models.CharField(max_length=320, blank=True)
    digest = models.CharField(max_length=64, editable=False)
    reason = models.CharField(max_length=16, choices=SuppressionReason.choices)
    source = models.CharField(max_length=200, blank=True, help_text="Where the refusal was heard.")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "kind", "digest"],
                name="compliance_suppression_unique",
            ),
            models.UniqueConstraint(
                fields=["kind", "digest"],
                condition=models.Q(agency__isnull=True),
                name="compliance_suppression_platform_unique",
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "-created_at", "-id"], name="compliance_supp_list"),
            models.Index(fields=["agency", "value", "id"], name="compliance_supp_value"),
            # Platform rows and the agency's are looked up together, by digest.
            models.Index(fields=["digest"], name="compliance_supp_digest"),
        ]

    def __str__(self) -> str:
        return self.value or f"erased {self.digest[:12]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the digest in step with the value; an erased value leaves it as it was."""
        if self.value:
            self.digest = digest_of(self.value)
        super().save(*args, **kwargs)


def digest_of(value: str) -> str:
    """Return the SHA-256 of a normalised address or domain, which outlives its erasure."""
    return hashlib.sha256(value.encode()).hexdigest()


class Consent(AgencyModel):
    """Evidence that someone agreed to be written to: who, when, how, proof."""

    address = models.EmailField()
    basis = models.CharField(
        max_length=20, choices=ConsentBasis.choices, default=ConsentBasis.CONSENT
    )
    evidence = models.TextField(max_length=2000)
    obtained_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["agency", "address"], name="compliance_consent_addr"),
            models.Index(fields=["agency", "-created_at", "-id"], name="compliance_consent_list"),
        ]

    def __str__(self) -> str:
        return f"{self.get_basis_display()} of {self.address}"

    @property
    def standing(self) -> tuple[str, str]:
        """Whether it holds, in a word, and that word's tone."""
        if self.withdrawn_at:
            return "Withdrawn", "bad"
        if self.expires_at and self.expires_at <= timezone.now():
            return "Expired", "warn"
        return "Holds", "ok"


class InterestAssessment(AgencyModel):
    """The agency's recorded balancing test for legitimate interest (GDPR art. 6(1)(f))."""

    purpose = models.TextField(max_length=2000)
    necessity = models.TextField(max_length=2000)
    balancing = models.TextField(max_length=2000)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Assessment of {self.recorded_at:%Y-%m-%d}"


class RegionRule(AgencyModel):
    """What this agency requires in a region, where it differs from the default."""

    region = models.CharField(max_length=8, choices=Region.choices)
    requirement = models.CharField(max_length=20, choices=Requirement.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "region"], name="compliance_regionrule_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_region_display()}: {self.get_requirement_display()}"


class SendCounter(models.Model):
    """How many e-mails one scope has sent, or reserved, in one period.

    The cap is the one the last reservation was made under, so that the database itself
    refuses a row past it.
    """

    scope = models.CharField(max_length=16, choices=CounterScope.choices)
    key = models.CharField(max_length=300)
    period = models.DateTimeField(help_text="Start of the day or hour counted.")
    used = models.PositiveIntegerField(default=0)
    cap = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "key", "period"], name="compliance_counter_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(used__lte=models.F("cap")), name="compliance_counter_under_cap"
            ),
        ]
        indexes = [models.Index(fields=["period"], name="compliance_counter_period")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}: {self.used}"


class PolicyDecision(AgencyModel):
    """One answer of the policy, with its full trace."""

    stage = models.CharField(max_length=8, choices=Stage.choices)
    reference = models.CharField(
        max_length=120, blank=True, help_text="The caller's key of the e-mail."
    )
    sender = models.CharField(max_length=320)
    recipient = models.CharField(max_length=320)
    subject_digest = models.CharField(max_length=64, blank=True)
    text_digest = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    codes = models.JSONField(default=list)
    sentences = models.JSONField(default=list)
    trace = models.JSONField(default=list)
    legal_basis = models.CharField(max_length=20, choices=ConsentBasis.choices, blank=True)
    region = models.CharField(max_length=8, choices=Region.choices, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    handed_back = models.BooleanField(
        default=False, help_text="Allowed, but not sent: its slots were given back."
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["agency", "recipient", "-at"], name="compliance_decision_rcpt"),
            models.Index(fields=["agency", "-at", "-id"], name="compliance_decision_list"),
            models.Index(fields=["at"], name="compliance_decision_at"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.recipient}"

    @property
    def lines(self) -> list[dict[str, str]]:
        """The trace as a checklist: label, tone, icon and sentence of every check."""
        labels = dict(Check.choices)
        return [
            {
                "label": str(labels.get(line["check"], line["check"])),
                "tone": CheckResult(line["result"]).tone,
                "icon": _ICONS[CheckResult(line["result"])],
                "result": CheckResult(line["result"]).label,
                "sentence": line["sentence"],
            }
            for line in self.trace
        ]


_ICONS = {
    CheckResult.PASSED: "check-circle",
    CheckResult.SKIPPED: "minus-circle",
    CheckResult.DEFERRED: "clock",
    CheckResult.BLOCKED: "x-circle",
}


class AuditEntry(models.Model):
    """One state-changing request or act, with secrets redacted; append-only."""

    agency = models.ForeignKey(
        "accounts.Agency", on_delete=models.CASCADE, null=True, related_name="+"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    action = models.CharField(max_length=120)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=60, blank=True)
    changes = models.JSONField(default=dict)
    address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=40, blank=True)
    status = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The HTTP status answered."
    )
    at = models.DateTimeField(default=timezone.now)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["agency", "-at", "-id"], name="compliance_audit_list"),
            models.Index(fields=["at"], name="compliance_audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"

    @property
    def words(self) -> str:
        """The action as a person reads it: `campaigns:step_edit` is “Step changed”."""
        return action_words(self.action)


class SecurityEvent(models.Model):
    """A failed login, a forged token, an attempt on another agency's object."""

    kind = models.CharField(max_length=40, choices=SecurityKind.choices)
    agency = models.ForeignKey(
        "accounts.Agency", on_delete=models.CASCADE, null=True, related_name="+"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    address = models.GenericIPAddressField(null=True)
    detail = models.JSONField(default=dict)
    request_id = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["agency", "-at", "-id"], name="compliance_security_list"),
            models.Index(fields=["kind", "-at"], name="compliance_security_kind"),
            models.Index(fields=["at"], name="compliance_security_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"
