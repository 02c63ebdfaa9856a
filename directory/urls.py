"""URLs of the directory app inside an agency."""

from django.urls import URLPattern, path

from directory.views import (
    backlink,
    gaps,
    opportunities,
    opportunity,
    register,
    register_import,
    searches,
)

app_name = "directory"

_OPPORTUNITIES: list[URLPattern] = [
    path("opportunities/", opportunities.opportunity_list, name="opportunities"),
    path("opportunities/export/", opportunities.opportunity_export, name="opportunity_export"),
    path("opportunities/bulk/", opportunities.opportunity_bulk, name="opportunity_bulk"),
    path("opportunities/search/", searches.search_start, name="search_start"),
    path("opportunities/searches/<int:pk>/", searches.search_detail, name="search"),
    path("opportunities/wishes/<int:pk>/", searches.preference_edit, name="preference"),
    path("opportunities/<int:pk>/", opportunity.opportunity_detail, name="opportunity"),
    path("opportunities/<int:pk>/step/", opportunity.opportunity_step, name="opportunity_step"),
    path("opportunities/<int:pk>/save/", opportunity.opportunity_save, name="opportunity_save"),
    path("opportunities/<int:pk>/move/", opportunity.opportunity_move, name="opportunity_move"),
]

_GAPS: list[URLPattern] = [
    path("gaps/", gaps.gap_list, name="gaps"),
    path("gaps/new/", gaps.gap_new, name="gap_new"),
    path("gaps/<int:pk>/", gaps.gap, name="gap"),
    path("gaps/<int:pk>/files/", gaps.gap_upload, name="gap_upload"),
    path("gaps/<int:pk>/files/<int:file>/remove/", gaps.gap_file_remove, name="gap_file_remove"),
    path("gaps/<int:pk>/start/", gaps.gap_start, name="gap_start"),
    path("gaps/<int:pk>/stop/", gaps.gap_stop, name="gap_stop"),
    path("gaps/<int:pk>/delete/", gaps.gap_delete, name="gap_delete"),
    path("gaps/<int:pk>/bulk/", gaps.gap_bulk, name="gap_bulk"),
    path("gaps/<int:pk>/export/", gaps.gap_export, name="gap_export"),
]

_REGISTER: list[URLPattern] = [
    path("backlinks/", register.backlinks, name="backlinks"),
    path("backlinks/new/", backlink.backlink_new, name="backlink_new"),
    path("backlinks/import/", register_import.backlink_import, name="backlink_import"),
    path(
        "backlinks/import/errors/", register_import.backlink_import_errors, name="backlink_errors"
    ),
    path("backlinks/bulk/", register.backlink_bulk, name="backlink_bulk"),
    path("backlinks/export/", register.backlink_export, name="backlink_export"),
    path("backlinks/<int:pk>/", backlink.backlink_detail, name="backlink"),
    path("backlinks/<int:pk>/edit/", backlink.backlink_edit, name="backlink_edit"),
    path("backlinks/<int:pk>/move/", backlink.backlink_move, name="backlink_move"),
    path("backlinks/<int:pk>/check/", backlink.backlink_check, name="backlink_check"),
    path("backlinks/<int:pk>/delete/", backlink.backlink_delete, name="backlink_delete"),
]

urlpatterns = [*_REGISTER, *_OPPORTUNITIES, *_GAPS]
