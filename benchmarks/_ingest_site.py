"""The product's own site with two views beside it, to measure opens and clicks against.

`BARE=1` serves an empty view with no middleware at all: the least Django can do.
"""

import os

import django
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")

from django.conf import settings  # after its environment

settings.ROOT_URLCONF = "benchmarks._ingest_site"
django.setup()
if os.environ.get("BARE"):
    settings.MIDDLEWARE = []

from django.urls import include, path  # noqa: E402  # after set-up
from django.utils import timezone  # noqa: E402  # after set-up

from mailer.enums import AgentClass, EventKind  # noqa: E402  # after set-up
from mailer.models import Message, MessageEvent  # noqa: E402  # after set-up
from mailer.tokens import Purpose, read_token  # noqa: E402  # after set-up


def empty(request: HttpRequest) -> HttpResponse:
    """Do nothing."""
    return HttpResponse(b"", content_type="image/gif")


def synchronous(request: HttpRequest, token: str) -> HttpResponse:
    """Insert the event before answering, as one would first write it."""
    found = read_token(Purpose.OPEN, token)
    message = Message.objects.get(pk=found.message_id, agency=found.agency_id)
    MessageEvent.objects.create(
        agency_id=message.agency_id,
        message=message,
        kind=EventKind.OPENED,
        at=timezone.now(),
        agent=AgentClass.UNKNOWN,
        evidence={"user_agent": request.headers.get("User-Agent", "")},
    )
    return HttpResponse(b"", content_type="image/gif")


urlpatterns = [
    path("empty", empty),
    path("sync/<str:token>", synchronous),
    path("", include("mailer.public_urls")),
]
application = get_wsgi_application()
