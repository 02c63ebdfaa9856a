"""URLs of the mailer app outside any agency: what recipients and their programs open."""

from django.urls import path, re_path

from mailer.views import connecting, public, visits

app_name = "mailer_public"
urlpatterns = [
    path("oauth/<slug:provider>/callback/", connecting.connect_callback, name="connect_callback"),
    path("t/here", visits.proof, name="proof"),
    path("t/o/<str:token>.gif", visits.open_pixel, name="open"),
    path("t/c/<str:token>", visits.follow_link, name="click"),
    path("t/x/<str:token>", visits.follow_trap, name="trap"),
    # With or without the slash: a redirect would lose a one-click POST.
    re_path(r"^u/(?P<token>[^/]+)/?$", public.unsubscribe, name="unsubscribe"),
]
