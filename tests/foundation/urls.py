"""The project's URLs, the style guide, and a page that always fails."""

from typing import NoReturn

from django.http import HttpRequest
from django.urls import path

from foundation.styleguide import styleguide
from outreach_project.urls import (
    handler400,
    handler403,
    handler404,
    handler500,
)
from outreach_project.urls import urlpatterns as project

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def boom(request: HttpRequest) -> NoReturn:
    raise RuntimeError("boom")


urlpatterns = [
    path("styleguide/", styleguide, name="styleguide"),
    path("boom/", boom),
    *project,
]
