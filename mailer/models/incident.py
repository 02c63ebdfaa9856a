"""When a mailbox could not send or read, why, and whether people were told."""

from typing import Self

from django.db import models
from django.utils import timezone

from accounts.tenancy import AgencyModel, AgencyQuerySet
from mailer.enums import Trouble
from mailer.models.mailbox import Mailbox


class IncidentQuerySet(AgencyQuerySet["MailboxIncident"]):
    """Which incidents still last."""

    def lasting(self) -> Self:
        """Return those that have not ended."""
        return self.filter(ended_at=None)


class MailboxIncident(AgencyModel):
    """One stretch of trouble of a mailbox, however often it was tried meanwhile."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="incidents")
    reading = models.BooleanField(default=False, help_text="Reading stopped rather than sending.")
    kind = models.CharField(max_length=10, choices=Trouble.choices)
    reason = models.CharField(max_length=500, blank=True, help_text="What happened last.")
    tries = models.PositiveSmallIntegerField(default=1, help_text="Failures in a row.")
    began_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=120, blank=True)
    alert_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when people are to be told."
    )
    alerted_at = models.DateTimeField(null=True, blank=True, help_text="When they were told.")
    alert_tries = models.PositiveSmallIntegerField(default=0)

    # What a person can do about it; filled in where it is shown.
    advice = ""

    objects = IncidentQuerySet.as_manager()  # type: ignore[misc]  # narrows the abstract manager

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "reading"],
                condition=models.Q(ended_at=None),
                name="mailer_incident_one_lasting",
            )
        ]
        indexes = [models.Index(fields=["agency", "-began_at"], name="mailer_incident_newest")]

    def __str__(self) -> str:
        return f"{self.mailbox}: {self.get_kind_display().lower()}"
