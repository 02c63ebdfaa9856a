"""Directories in the admin site, with their steps beside them."""

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextareaWidget

from directory.admin.forms import DirectoryForm
from directory.admin.uploads import DirectoryTransfer
from directory.models import Directory, DirectoryStep
from directory.services.directories import set_active
from foundation.addresses import registrable_domain
from foundation.backstage import Backstage, RowsInline


class StepInline(RowsInline):
    """The steps of a directory, put in order by dragging."""

    model = DirectoryStep
    fields = ("title", "description", "url", "order")
    ordering_field = "order"
    hide_ordering_field = True
    formfield_overrides = {
        models.TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 2})},
    }


@admin.register(DirectoryStep)
class DirectoryStepAdmin(Backstage):
    """Single steps, to search them all."""

    list_display = ("title", "directory", "order")
    list_select_related = ("directory",)
    search_fields = ("title", "directory__name")
    autocomplete_fields = ("directory",)
    ordering = ("-pk",)


@admin.register(Directory)
class DirectoryAdmin(DirectoryTransfer, Backstage):
    """Sites that accept listings, for every agency."""

    form = DirectoryForm
    fieldsets = (
        (None, {"fields": ("name", "key", "url", "is_active")}),
        (
            "What it is",
            {"fields": ("category", "subcategory", "industries", "regions", "languages")},
        ),
        ("The link", {"fields": ("link_type", "domain_rating")}),
        (
            "What it takes",
            {"fields": ("difficulty", "estimated_minutes", "is_free", "is_paid", "paid_price")},
        ),
        ("Kept by the product", {"fields": ("domain", "created_at", "updated_at")}),
    )
    list_display = (
        "name",
        "category",
        "subcategory",
        "domain_rating",
        "link_type",
        "is_free",
        "difficulty",
        "step_count",
        "is_active",
    )
    list_filter = ("category", "is_active", "link_type", "difficulty", "is_free", "is_paid")
    search_fields = ("name", "url", "subcategory")
    search_help_text = "Part of the name, the URL or the subcategory."
    ordering = ("name", "pk")
    readonly_fields = ("domain", "created_at", "updated_at")
    inlines = (StepInline,)
    actions = ("activate", "deactivate")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Directory]:
        """Count each directory's steps in the one query of the list."""
        rows: QuerySet[Directory] = super().get_queryset(request)
        return rows.annotate(steps_counted=Count("steps"))

    def save_model(
        self,
        request: HttpRequest,
        obj: Directory,
        form: object,
        change: bool,  # noqa: FBT001  # Django's signature
    ) -> None:
        """Store a directory with the domain of its URL."""
        obj.domain = registrable_domain(obj.url)
        super().save_model(request, obj, form, change)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Directory | None = None
    ) -> tuple[str, ...]:
        """Keep the key of a directory once it has one."""
        fields: tuple[str, ...] = tuple(super().get_readonly_fields(request, obj))
        return (*fields, "key") if obj else fields

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Directory | None = None
    ) -> dict[str, Any]:
        """Suggest a key for a new directory."""
        return {} if obj else {"key": ("name",)}

    @admin.display(description="steps", ordering="steps_counted")
    def step_count(self, directory: Directory) -> int:
        """Return how many steps it has."""
        counted: int = getattr(directory, "steps_counted", 0)
        return counted

    @admin.action(description="Offer the selected directories to clients")
    def activate(self, request: HttpRequest, queryset: QuerySet[Directory]) -> None:
        """Switch directories on."""
        count = set_active(queryset.values_list("pk", flat=True), active=True)
        self.message_user(request, f"{count} switched on.", messages.SUCCESS)

    @admin.action(description="Stop offering the selected directories")
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Directory]) -> None:
        """Switch directories off; what clients have begun stays with them."""
        count = set_active(queryset.values_list("pk", flat=True), active=False)
        self.message_user(
            request,
            f"{count} switched off. Opportunities nobody has begun are gone from the worklists.",
            messages.SUCCESS,
        )
