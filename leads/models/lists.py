"""What members keep of their lists: saved views, and acts on many leads at once."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.tenancy import AgencyModel
from leads.enums import BulkAction, BulkStatus


class SavedView(AgencyModel):
    """A named set of filters and columns of a list, kept as its query string."""

    page = models.CharField(max_length=40, default="leads")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    shared = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "page", "name"], name="leads_savedview_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name


class BulkJob(AgencyModel):
    """One act on many leads, done in batches; its own progress and how to undo it."""

    action = models.CharField(max_length=10, choices=BulkAction.choices)
    value = models.CharField(max_length=300, blank=True, help_text="Status, key or text to set.")
    query = models.TextField(blank=True, help_text="Filters of the list, when all matching.")
    lead_ids = models.JSONField(default=list, help_text="The selection, when not all matching.")
    status = models.CharField(max_length=10, choices=BulkStatus.choices, default=BulkStatus.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    last_id = models.PositiveBigIntegerField(default=0, help_text="Leads up to here are done.")
    before = models.JSONField(default=dict, help_text="Lead → what it was, kept for undoing.")
    error = models.TextField(blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["agency", "-created_at"], name="leads_bulkjob_newest"),
            models.Index(fields=["status", "heartbeat_at"], name="leads_bulkjob_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.done} of {self.total}"
