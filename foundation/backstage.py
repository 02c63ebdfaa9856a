"""What every page of the admin site shares: Unfold's look, and lists fast at a million rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db import models
from django.db.models import Model, QuerySet
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin, TabularInline

from foundation.paging import COUNT_LIMIT
from foundation.secrets import SecretField

if TYPE_CHECKING:
    from django.http import HttpRequest


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # not subscriptable at run time
    """Counts to 10,000 and no further: a search is quicker than the 200th page."""

    @cached_property
    def count(self) -> int:
        """Return how many rows there are, at most `COUNT_LIMIT`."""
        rows: Any = self.object_list
        if isinstance(rows, QuerySet):
            return rows.order_by()[:COUNT_LIMIT].count()
        return len(rows)


class _HttpsAssumed:
    """Forms that read an address typed without a scheme as https."""

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Read an address typed without a scheme as https."""
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]  # an admin's


class Backstage(_HttpsAssumed, ModelAdmin):  # type: ignore[misc]  # Unfold ships no types
    """The admin of a table: never counts the whole of it, picks related rows by search."""

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    compressed_fields = True
    warn_unsaved_form = True

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        """Leave encrypted columns out: secrets are typed elsewhere and shown nowhere."""
        columns = self.model._meta.local_concrete_fields
        hidden = [column.name for column in columns if isinstance(column, SecretField)]
        return [*(super().get_exclude(request, obj) or ()), *hidden]


class RowsInline(_HttpsAssumed, TabularInline):  # type: ignore[misc]  # Unfold ships no types
    """Rows of another table, edited beside the one they belong to."""

    extra = 0


class ReadOnlyBackstage(Backstage):
    """The admin of a table nobody edits by hand, such as a log."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: rows come from the product."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: what happened happened."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse: pruning is a task of its own."""
        return False
