"""Searches for competitor gaps: their files, and the domains they found."""

from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone

from accounts.tenancy import AgencyModel, AgencyQuerySet
from directory.enums import GapDomainStatus, GapStatus


class GapRun(AgencyModel):
    """One search: who links to a client's competitors and not to the client."""

    client = models.ForeignKey("accounts.Client", on_delete=models.CASCADE, related_name="+")
    status = models.CharField(max_length=8, choices=GapStatus.choices, default=GapStatus.DRAFT)
    keep_lost = models.BooleanField("count lost links", default=False)
    keep_spam = models.BooleanField("count links marked as spam", default=False)
    keep_nofollow = models.BooleanField("count nofollow links", default=True)
    competitors = models.JSONField(
        default=list, help_text="Their domains; the first has bit 0 of a domain's mask."
    )
    rows_read = models.BigIntegerField(default=0)
    rows_unreadable = models.BigIntegerField(default=0)
    domains_count = models.PositiveIntegerField(default=0)
    files_done = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    attempts = models.PositiveIntegerField(
        default=0, help_text="Fencing number: a run goes on only while this is its own."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["agency", "-created_at", "-id"], name="directory_gap_newest"),
            models.Index(fields=["status", "heartbeat_at"], name="directory_gap_due"),
        ]

    def __str__(self) -> str:
        return f"Gap of {self.client}"


class GapFile(AgencyModel):
    """One backlink export of a search, and whose links it lists."""

    run = models.ForeignKey(GapRun, on_delete=models.CASCADE, related_name="files")
    filename = models.CharField(max_length=255)
    file = models.FileField(upload_to="gaps/%Y/%m/", max_length=300)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    exporter = models.CharField(max_length=60, blank=True)
    owner_domain = models.CharField(
        max_length=253, blank=True, help_text="Whose links it lists; empty until it is known."
    )
    rows_read = models.BigIntegerField(null=True, blank=True)
    rows_unreadable = models.BigIntegerField(default=0)
    examples = models.JSONField(default=list, help_text="First lines that could not be read.")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.filename


class GapDomainQuerySet(AgencyQuerySet["GapDomain"]):
    """Domains found in gaps."""

    def open(self) -> Self:
        """Return those nobody has decided on."""
        return self.filter(status=GapDomainStatus.OPEN)


class GapDomain(AgencyModel):
    """A registrable domain that links to competitors and not to the client."""

    agency = models.ForeignKey(
        "accounts.Agency", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    run = models.ForeignKey(GapRun, on_delete=models.CASCADE, related_name="domains")
    domain = models.CharField(max_length=253)
    status = models.CharField(
        max_length=9, choices=GapDomainStatus.choices, default=GapDomainStatus.OPEN
    )
    score = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(100)], help_text="0–100: how strong the gap is."
    )
    rating = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(100)], help_text="0 when not known."
    )
    competitors_count = models.PositiveSmallIntegerField(default=0)
    competitor_mask = models.BigIntegerField(default=0, help_text="Bit n: the run's nth one.")
    links = models.PositiveBigIntegerField(default=0)
    dofollow = models.PositiveBigIntegerField(default=0)
    evidence = models.JSONField(
        default=list,
        help_text="[{competitor, links, dofollow, url, target, anchor, first_seen, last_seen}].",
    )
    backlink = models.ForeignKey(
        "directory.Backlink", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = GapDomainQuerySet.as_manager()  # type: ignore[misc]  # narrows the abstract manager

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "domain"], name="directory_gapdomain_once")
        ]
        indexes = [
            models.Index(fields=["run", "-score", "-id"], name="directory_gapdomain_score"),
            models.Index(fields=["run", "-rating", "-id"], name="directory_gapdomain_rating"),
            models.Index(fields=["run", "-links", "-id"], name="directory_gapdomain_links"),
            models.Index(fields=["agency", "domain"], name="directory_gapdomain_name"),
        ]

    def __str__(self) -> str:
        return self.domain
