"""Appearance, and the pages a visitor sees when something went wrong."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from foundation.context_processors import DENSITIES, THEMES
from foundation.pages import go_back

YEAR = 365 * 24 * 3600


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Remember the visitor's theme or density in a cookie and go back."""
    response = go_back(request, "/")
    for name, allowed in (("theme", THEMES), ("density", DENSITIES)):
        value = request.POST.get(name, "")
        if value in allowed:
            response.set_cookie(
                name, value, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
            )
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the request made no sense (400)."""
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the visitor's role does not reach this far (403)."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing here, or nothing of theirs (404)."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it was our fault, without asking the database anything (500)."""
    words = {"request_id": getattr(request, "id", ""), "theme": request.COOKIES.get("theme", "")}
    return HttpResponse(render_to_string("500.html", words), status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form was too old to be trusted, and how to go on (403)."""
    return render(request, "403_csrf.html", status=403)
