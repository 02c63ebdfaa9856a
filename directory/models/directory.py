"""The platform-wide sites that accept listings, with their steps."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from directory.enums import Category, Difficulty, LinkType

STEP_LIMIT = 20


def everywhere() -> list[str]:
    """Return the regions of a site that takes listings from anywhere."""
    return ["GLOBAL"]


class DirectoryQuerySet(models.QuerySet["Directory"]):
    """Directories, of no agency."""

    def active(self) -> "DirectoryQuerySet":
        """Return those offered to clients."""
        return self.filter(is_active=True)


class Directory(models.Model):
    """A site that accepts listings; run by superadmins, shared by all agencies."""

    key = models.SlugField(
        max_length=80,
        unique=True,
        help_text="Says which directory a row of an import is; never changes.",
    )
    name = models.CharField(max_length=120)
    url = models.URLField(
        "submission URL", max_length=500, unique=True, help_text="Where a listing is made."
    )
    domain = models.CharField(
        max_length=253, blank=True, editable=False, help_text="Registrable domain of the URL."
    )
    category = models.CharField(max_length=20, choices=Category.choices)
    subcategory = models.CharField(
        max_length=60, default="General", help_text="Industry or topic; General takes all."
    )
    domain_rating = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(100)], help_text="0–100, if known."
    )
    link_type = models.CharField(max_length=10, choices=LinkType.choices, default=LinkType.NOFOLLOW)
    is_free = models.BooleanField("free listing", default=True)
    is_paid = models.BooleanField("paid listing", default=False)
    paid_price = models.PositiveIntegerField(
        "price in USD",
        null=True,
        blank=True,
        validators=[MaxValueValidator(1_000_000)],
        help_text="What the paid listing costs, about, in whole US dollars.",
    )
    regions = models.JSONField(
        default=everywhere,
        blank=True,
        help_text="Two-letter country codes, or GLOBAL for anywhere.",
    )
    languages = models.JSONField(
        default=list, blank=True, help_text="Two-letter codes; empty for any language."
    )
    industries = models.JSONField(
        default=list,
        blank=True,
        help_text="Further industries it suits, beside the subcategory.",
    )
    difficulty = models.CharField(
        max_length=6, choices=Difficulty.choices, default=Difficulty.MEDIUM
    )
    estimated_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )
    is_active = models.BooleanField("active", default=True, help_text="Offered to clients.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = DirectoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "directories"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(domain_rating__isnull=True) | models.Q(domain_rating__lte=100),
                name="directory_directory_rating",
            )
        ]
        indexes = [
            models.Index(fields=["category", "subcategory"], name="directory_category"),
            models.Index(fields=["is_active"], name="directory_active"),
            models.Index(fields=["domain"], name="directory_domain"),
        ]

    def __str__(self) -> str:
        return self.name


class DirectoryStep(models.Model):
    """One step of getting listed, in its place."""

    directory = models.ForeignKey(Directory, on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField(default=0, db_index=True)
    title = models.CharField(max_length=120)
    description = models.TextField(max_length=1000, blank=True)
    url = models.URLField("direct link", max_length=500, blank=True)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.title
