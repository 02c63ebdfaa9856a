"""URLs of the integrations app inside an agency."""

from django.urls import path

from integrations.views import providers

app_name = "integrations"
urlpatterns = [
    path("", providers.provider_list, name="providers"),
    path("<int:pk>/test/", providers.provider_test, name="provider_test"),
    path("<int:pk>/remove/", providers.provider_remove, name="provider_remove"),
]
