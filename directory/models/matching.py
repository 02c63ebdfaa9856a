"""What a client wants of directories, and the searches made for them."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from accounts.tenancy import AgencyModel
from directory.enums import Difficulty, MatchStatus


class MatchingPreference(AgencyModel):
    """Which directories are worth a client's time; without a row everything is."""

    client = models.OneToOneField(
        "accounts.Client", on_delete=models.CASCADE, related_name="matching_preference"
    )
    max_price = models.PositiveIntegerField(
        "highest price",
        null=True,
        blank=True,
        validators=[MaxValueValidator(1_000_000)],
        help_text="In US dollars; 0 for free listings only, empty for any price.",
    )
    max_difficulty = models.CharField(
        "hardest to take on",
        max_length=6,
        choices=Difficulty.choices,
        default=Difficulty.HARD,
    )
    min_rating = models.PositiveSmallIntegerField(
        "lowest domain rating",
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
        help_text="0–100; sites whose rating is not known are left in.",
    )
    min_relevance = models.PositiveSmallIntegerField(
        "lowest relevance",
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text="1–10; less relevant sites are not offered.",
    )
    categories = models.JSONField(default=list, blank=True, help_text="Empty for all.")

    def __str__(self) -> str:
        return f"What {self.client} wants"


class MatchRun(AgencyModel):
    """One search for opportunities, for one client or for all of an agency."""

    client = models.ForeignKey(
        "accounts.Client", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    status = models.CharField(max_length=8, choices=MatchStatus.choices, default=MatchStatus.QUEUED)
    clients_total = models.PositiveIntegerField(default=0)
    clients_done = models.PositiveIntegerField(default=0)
    created_count = models.PositiveIntegerField(default=0)
    updated_count = models.PositiveIntegerField(default=0)
    withdrawn_count = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["agency", "-id"], name="directory_match_newest")]

    def __str__(self) -> str:
        return f"Search of {self.created_at:%Y-%m-%d}"
