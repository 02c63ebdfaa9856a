"""What each look at a linking page found."""

from django.db import models
from django.utils import timezone

from accounts.tenancy import AgencyModel
from directory.enums import CheckSource, LinkType, Verdict
from directory.models.backlink import Backlink


class BacklinkCheck(AgencyModel):
    """One look at one page, with its evidence; written once, never changed."""

    agency = models.ForeignKey(
        "accounts.Agency", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    backlink = models.ForeignKey(
        Backlink, on_delete=models.CASCADE, related_name="checks", db_index=False
    )
    at = models.DateTimeField(default=timezone.now)
    source = models.CharField(
        max_length=9, choices=CheckSource.choices, default=CheckSource.CRAWLER
    )
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    final_url = models.CharField(max_length=2000, blank=True)
    verdict = models.CharField(max_length=13, choices=Verdict.choices)
    reason = models.CharField(max_length=300, blank=True, help_text="The verdict in words.")
    is_recheck = models.BooleanField(default=False, help_text="Asked again before an alarm.")
    changes = models.JSONField(default=list, blank=True, help_text="[{what, expected, found}].")
    found_rel = models.CharField(max_length=10, choices=LinkType.choices, blank=True)
    found_anchor = models.CharField(max_length=500, blank=True)
    found_target = models.CharField(max_length=2000, blank=True)
    found_context = models.CharField(max_length=500, blank=True, help_text="Text around it.")
    is_indexed = models.BooleanField(null=True, blank=True)
    evidence = models.JSONField(default=dict, blank=True)
    evidence_digest = models.CharField(max_length=64, blank=True, help_text="SHA-256.")

    class Meta:
        indexes = [
            models.Index(fields=["backlink", "-at", "-id"], name="directory_check_backlink"),
            models.Index(fields=["agency", "-at", "-id"], name="directory_check_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}, {self.at:%Y-%m-%d}"
