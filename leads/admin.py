"""Leads in the admin site: searchable and quick at a million rows."""

from django.contrib import admin
from import_export.admin import ImportExportModelAdmin
from import_export.resources import ModelResource
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from foundation.backstage import Backstage, ReadOnlyBackstage
from leads.models import BulkJob, ImportReject, Lead, LeadEvent, LeadImport, SavedView


class LeadResource(ModelResource):  # type: ignore[misc]  # import_export has no types
    """The columns of a lead that a superadmin may bring in or take out."""

    class Meta:
        model = Lead
        fields = (
            "id",
            "agency",
            "client",
            "email",
            "first_name",
            "last_name",
            "job_title",
            "company",
            "website",
            "domain",
            "phone",
            "linkedin",
            "city",
            "region",
            "country",
            "time_zone",
            "status",
            "domain_rating",
        )
        skip_unchanged = True
        report_skipped = False


@admin.register(Lead)
class LeadAdmin(Backstage, ImportExportModelAdmin):  # type: ignore[misc]  # the latter has no types
    """Leads of every agency."""

    resource_classes = [LeadResource]
    import_form_class = ImportForm
    export_form_class = ExportForm
    list_display = ["__str__", "email", "domain", "agency", "status", "tier", "score"]
    list_filter = ["status", "tier", "verification", "source"]
    list_select_related = ["agency"]
    search_fields = ["^email", "^domain"]
    search_help_text = "Beginning of an address or a domain."
    raw_id_fields = ["batch"]
    autocomplete_fields = ["agency", "client", "owner"]
    readonly_fields = ["created_at", "updated_at", "score", "score_parts", "tier", "search"]
    ordering = ["-pk"]


@admin.register(LeadEvent)
class LeadEventAdmin(ReadOnlyBackstage):
    """Timelines."""

    list_display = ["summary", "kind", "domain", "agency", "at"]
    list_filter = ["kind"]
    list_select_related = ["agency"]
    search_fields = ["=domain"]
    ordering = ["-pk"]


@admin.register(LeadImport)
class LeadImportAdmin(ReadOnlyBackstage):
    """Imports and what became of them."""

    list_display = [
        "filename",
        "agency",
        "status",
        "rows_done",
        "created_count",
        "rejected_count",
        "created_at",
    ]
    list_filter = ["status"]
    list_select_related = ["agency"]
    search_fields = ["filename", "agency__name"]
    ordering = ["-pk"]


@admin.register(ImportReject)
class ImportRejectAdmin(ReadOnlyBackstage):
    """Rows that imports could not take."""

    list_display = ["lead_import", "line", "problems"]
    list_select_related = ["lead_import"]
    search_fields = ["=lead_import__pk"]
    ordering = ["-pk"]


@admin.register(SavedView)
class SavedViewAdmin(Backstage):
    """Views members have saved."""

    list_display = ["name", "agency", "owner", "shared"]
    list_select_related = ["agency", "owner"]
    search_fields = ["name"]
    autocomplete_fields = ["agency", "owner"]


@admin.register(BulkJob)
class BulkJobAdmin(ReadOnlyBackstage):
    """Acts on many leads at once."""

    list_display = ["__str__", "agency", "status", "changed", "actor", "created_at"]
    list_filter = ["status", "action"]
    list_select_related = ["agency", "actor"]
    search_fields = ["agency__name"]
    ordering = ["-pk"]
