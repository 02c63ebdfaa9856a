"""URLs of the leads app inside an agency."""

from django.urls import URLPattern, path

from leads.views import bulk, detail, imports, listing

app_name = "leads"
_LIST: list[URLPattern] = [
    path("", listing.lead_list, name="list"),
    path("export/", listing.lead_export, name="export"),
    path("views/", listing.view_save, name="view_save"),
    path("views/<int:pk>/", listing.view_update, name="view_update"),
    path("views/<int:pk>/delete/", listing.view_delete, name="view_delete"),
    path("bulk/", bulk.bulk, name="bulk"),
    path("jobs/<int:pk>/", bulk.job, name="job"),
    path("jobs/<int:pk>/undo/", bulk.job_undo, name="job_undo"),
]
_IMPORTS: list[URLPattern] = [
    path("import/", imports.import_new, name="import"),
    path("import/example.csv", imports.import_example, name="import_example"),
    path("imports/", imports.import_list, name="imports"),
    path("imports/<int:pk>/", imports.import_detail, name="import_detail"),
    path("imports/<int:pk>/columns/", imports.import_columns, name="import_columns"),
    path("imports/<int:pk>/preview/", imports.import_preview, name="import_preview"),
    path("imports/<int:pk>/start/", imports.import_start, name="import_start"),
    path("imports/<int:pk>/cancel/", imports.import_cancel, name="import_cancel"),
    path("imports/<int:pk>/rejected.csv", imports.import_rejects, name="import_rejects"),
]
_ONE: list[URLPattern] = [
    path("new/", detail.lead_new, name="new"),
    path("<int:pk>/", detail.lead_detail, name="detail"),
    path("<int:pk>/edit/", detail.lead_edit, name="edit"),
    path("<int:pk>/status/", detail.lead_status, name="status"),
    path("<int:pk>/note/", detail.lead_note, name="note"),
]

urlpatterns = [*_LIST, *_IMPORTS, *_ONE]
