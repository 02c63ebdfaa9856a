"""Every URL of the project."""

from django.contrib import admin
from django.urls import include, path

from outreach_project import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("", include("foundation.urls")),
    path("w/<slug:agency>/", views.overview, name="overview"),
    path("w/<slug:agency>/portal/", views.portal, name="portal"),
    path("w/<slug:agency>/switch/", views.switcher, name="switcher"),
    path("w/<slug:agency>/search/", views.search, name="search"),
    path("w/<slug:agency>/leads/", include("leads.urls")),
    path("w/<slug:agency>/settings/compliance/", include("compliance.urls")),
    path("w/<slug:agency>/settings/providers/", include("integrations.urls")),
    path("w/<slug:agency>/settings/", include("accounts.urls")),
    path("w/<slug:agency>/", include("mailer.urls")),
    path("w/<slug:agency>/", include("directory.urls")),
    path("w/<slug:agency>/", include("campaigns.urls")),
    path("", include("accounts.public_urls")),
    path("", include("mailer.public_urls")),
    path("", include("mailer.sandbox_urls")),
    path("admin/", admin.site.urls),
]

handler400 = "foundation.views.bad_request"
handler403 = "foundation.views.forbidden"
handler404 = "foundation.views.not_found"
handler500 = "foundation.views.server_error"
