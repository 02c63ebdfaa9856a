"""Competitor gap searches in the superadmins' admin; read only."""

from django.contrib import admin

from directory.models import GapDomain, GapFile, GapRun
from foundation.backstage import ReadOnlyBackstage


@admin.register(GapRun)
class GapRunAdmin(ReadOnlyBackstage):
    """Searches, to see how they went."""

    list_display = ["client", "agency", "status", "domains_count", "rows_read", "created_at"]
    list_filter = ["status"]
    list_select_related = ["client", "agency"]
    ordering = ["-pk"]


@admin.register(GapFile)
class GapFileAdmin(ReadOnlyBackstage):
    """Their exports."""

    list_display = ["filename", "agency", "exporter", "owner_domain", "rows_read"]
    list_select_related = ["agency"]
    ordering = ["-pk"]


@admin.register(GapDomain)
class GapDomainAdmin(ReadOnlyBackstage):
    """Domains found."""

    list_display = ["domain", "agency", "status", "score", "rating", "links"]
    list_filter = ["status"]
    list_select_related = ["agency"]
    ordering = ["-pk"]
    search_fields = ["=domain"]
    search_help_text = "A whole domain."
