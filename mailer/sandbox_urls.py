"""The sandbox's pages that need no login: the platform's own mail, for newcomers."""

from django.urls import path

from mailer.views import sandbox

urlpatterns = [
    path("sandbox/mail/", sandbox.platform_mail, name="platform_mail"),
    path("sandbox/mail/<int:pk>/", sandbox.platform_mail_page, name="platform_mail_page"),
]
