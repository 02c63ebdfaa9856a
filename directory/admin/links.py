"""Backlinks, their checks and timelines, and searches, in the admin site."""

from django.contrib import admin

from directory.models import (
    Backlink,
    BacklinkCheck,
    BacklinkEvent,
    MatchingPreference,
    MatchRun,
)
from foundation.backstage import Backstage, ReadOnlyBackstage


@admin.register(Backlink)
class BacklinkAdmin(ReadOnlyBackstage):
    """Backlinks of every agency; their status moves in the product only."""

    list_display = ["source_domain", "client", "agency", "source_type", "status", "verdict"]
    list_filter = ["source_type", "status", "verdict", "is_live"]
    list_select_related = ["agency", "client"]
    search_fields = ["^source_domain"]
    search_help_text = "Beginning of a domain."
    ordering = ["-pk"]


@admin.register(BacklinkCheck)
class BacklinkCheckAdmin(ReadOnlyBackstage):
    """What each look at a page found."""

    list_display = ["backlink", "verdict", "http_status", "at", "agency"]
    list_filter = ["verdict", "source"]
    list_select_related = ["agency", "backlink"]
    search_fields = ["=backlink__source_domain"]
    ordering = ["-pk"]


@admin.register(BacklinkEvent)
class BacklinkEventAdmin(ReadOnlyBackstage):
    """Timelines of backlinks."""

    list_display = ["summary", "kind", "backlink", "agency", "at"]
    list_filter = ["kind"]
    list_select_related = ["agency", "backlink"]
    search_fields = ["=backlink__source_domain"]
    ordering = ["-pk"]


@admin.register(MatchingPreference)
class MatchingPreferenceAdmin(Backstage):
    """Which directories clients want."""

    list_display = ["client", "agency", "max_price", "max_difficulty", "min_rating"]
    list_select_related = ["agency", "client"]
    search_fields = ["client__name"]
    autocomplete_fields = ["agency", "client"]
    ordering = ["-pk"]


@admin.register(MatchRun)
class MatchRunAdmin(ReadOnlyBackstage):
    """Searches for opportunities."""

    list_display = ["__str__", "agency", "client", "status", "created_count", "created_at"]
    list_filter = ["status"]
    list_select_related = ["agency", "client"]
    search_fields = ["agency__name"]
    ordering = ["-pk"]
