"""What the nightly look at the outbox found."""

from django.db import models
from django.utils import timezone


class OutboxCheck(models.Model):
    """One check of the outbox's invariants, over all agencies."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    seconds = models.FloatField(default=0)
    messages = models.PositiveBigIntegerField(default=0)
    states = models.JSONField(default=dict, help_text="Messages by status.")
    broken = models.PositiveIntegerField(default=0, help_text="Rows that break an invariant.")
    findings = models.JSONField(
        default=list, help_text="Each broken invariant, how many rows break it, and some of them."
    )

    class Meta:
        verbose_name = "outbox check"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}: {self.broken or 'nothing'} broken"
