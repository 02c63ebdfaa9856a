"""Imports: a file on its way in, and the rows it could not bring."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.tenancy import AgencyModel
from leads.enums import ImportStatus


class LeadImport(AgencyModel):
    """One file of leads on its way in, row by row accounted for."""

    client = models.ForeignKey(
        "accounts.Client",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    filename = models.CharField(max_length=255)
    file = models.FileField(upload_to="imports/%Y/%m/", max_length=300)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    encoding = models.CharField(max_length=40, blank=True)
    delimiter = models.CharField(max_length=4, blank=True)
    header_row = models.PositiveIntegerField(
        default=1, help_text="Line of the header, counted from 1."
    )
    columns = models.JSONField(default=list, help_text="Header cells, in order.")
    mapping = models.JSONField(
        default=dict,
        help_text='Header cell → field name, custom:<name>, or "" to leave out.',
    )
    options = models.JSONField(default=dict)
    status = models.CharField(
        max_length=10, choices=ImportStatus.choices, default=ImportStatus.UPLOADED
    )
    rows_total = models.PositiveIntegerField(null=True, blank=True)
    rows_done = models.PositiveIntegerField(default=0)
    created_count = models.PositiveIntegerField(default=0)
    updated_count = models.PositiveIntegerField(default=0)
    skipped_count = models.PositiveIntegerField(default=0)
    rejected_count = models.PositiveIntegerField(default=0)
    skip_reasons = models.JSONField(default=dict, help_text="Reason → rows.")
    error = models.TextField(blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    attempts = models.PositiveIntegerField(
        default=0, help_text="Fencing number: a run goes on only while this is its own."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["agency", "-created_at"], name="leads_import_newest"),
            models.Index(fields=["status", "heartbeat_at"], name="leads_import_due"),
        ]

    def __str__(self) -> str:
        return self.filename


class ImportReject(models.Model):
    """One row an import could not take, with its cells and what is wrong with them."""

    lead_import = models.ForeignKey(LeadImport, on_delete=models.CASCADE, related_name="rejects")
    line = models.PositiveIntegerField(help_text="Line of the file, counted from 1.")
    cells = models.JSONField(help_text="Cells as they were, in the order of the columns.")
    problems = models.JSONField(help_text="[{column, value, reason}].")

    class Meta:
        ordering = ["lead_import", "pk"]

    def __str__(self) -> str:
        return f"Line {self.line}"
