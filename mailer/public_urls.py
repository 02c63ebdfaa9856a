"""URLs of the mailer app outside any agency: what recipients and their programs open."""

from django.urls import path

from mailer.views import connecting, public

app_name = "mailer_public"
urlpatterns = [
    path("oauth/<slug:provider>/callback/", connecting.connect_callback, name="connect_callback"),
    path("t/o/<str:token>.gif", public.open_pixel, name="open"),
    path("t/c/<str:token>", public.follow_link, name="click"),
    path("u/<str:token>/", public.unsubscribe, name="unsubscribe"),
]
