"""URLs of the directory app inside an agency."""

from django.urls import URLPattern, path

from directory.views import opportunities, opportunity, searches

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

urlpatterns = [*_OPPORTUNITIES]
