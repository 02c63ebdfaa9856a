"""What is remembered of crawled sites, in the admin site."""

from django.contrib import admin

from foundation.backstage import Backstage, ReadOnlyBackstage
from integrations.models import CrawlTurn, RobotsFile


@admin.register(RobotsFile)
class RobotsFileAdmin(Backstage):
    """robots.txt files; one that is deleted is read again at the next visit."""

    list_display = ["origin", "status", "fetched_at", "expires_at"]
    list_filter = ["status"]
    search_fields = ["origin"]
    readonly_fields = ["origin", "status", "body", "fetched_at", "expires_at"]
    ordering = ["-expires_at"]

    def has_add_permission(self, request: object) -> bool:
        """Refuse: they come from the sites."""
        return False


@admin.register(CrawlTurn)
class CrawlTurnAdmin(ReadOnlyBackstage):
    """Whose turn it is at each host."""

    list_display = ["host", "free_at", "holder"]
    search_fields = ["=host"]
    ordering = ["-free_at"]
