"""URLs of the directory app inside an agency."""

from django.urls import URLPattern, path

from directory.views import gaps, opportunities, opportunity, searches

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

urlpatterns = [*_OPPORTUNITIES, *_GAPS]
