"""What recipients, their mail programs and their scanners fetch: no login, no cookies."""

import base64
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from compliance import security
from compliance.enums import SecurityKind
from mailer.enums import EventKind
from mailer.links import is_web_url
from mailer.models import Message
from mailer.services.tracking import find_message, record_fetch
from mailer.services.unsubscribe import unsubscribe_by_link
from mailer.tokens import ForgedTokenError, Purpose, read_token

# One transparent pixel, GIF89a.
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


def _message(request: HttpRequest, purpose: Purpose, token: str) -> tuple[Message, int] | None:
    """Return the message and link a token names; a forged one leaves a security event."""
    try:
        found = read_token(purpose, token)
    except ForgedTokenError:
        security.record(SecurityKind.FORGED_TOKEN, request=request, detail={"purpose": purpose})
        return None
    message = find_message(found)
    return (message, found.link) if message else None


@never_cache
@require_http_methods(["GET", "HEAD"])
def open_pixel(request: HttpRequest, token: str) -> HttpResponse:
    """Give the pixel, whatever the token; note the open when it is ours."""
    found = _message(request, Purpose.OPEN, token)
    if found and request.method == "GET":
        record_fetch(found[0], EventKind.OPENED, method="GET", headers=request.headers)
    return HttpResponse(_PIXEL, content_type="image/gif")


@never_cache
@require_http_methods(["GET", "HEAD"])
def follow_link(request: HttpRequest, token: str) -> HttpResponse:
    """Redirect to the link of that message, and to nothing else."""
    found = _message(request, Purpose.CLICK, token)
    target = _target(*found) if found else ""
    if not found or not target:
        return _page(request, "mailer/link_unknown.html", status=404)
    if request.method == "GET":
        record_fetch(found[0], EventKind.CLICKED, method="GET", headers=request.headers, url=target)
    response = HttpResponse(status=302, headers={"Location": target})
    response["Referrer-Policy"] = "no-referrer"
    return response


def _page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Render a page for strangers, which leaves no cookie behind."""
    response = render(request, template, context, status=status)
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = False
    return response


def _target(message: Message, link: int) -> str:
    url = message.links[link] if 0 <= link < len(message.links) else ""
    return url if is_web_url(url) else ""


@never_cache
@csrf_exempt  # RFC 8058: mail programs post without cookies; the signed token is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page on GET, which changes nothing; unsubscribe on POST."""
    found = _message(request, Purpose.UNSUBSCRIBE, token)
    if not found:
        return _page(request, "mailer/link_unknown.html", status=404)
    message = found[0]
    context = {"message": message, "sender": message.agency}
    if request.method != "POST":
        done = message.unsubscribed_at is not None
        page = "mailer/unsubscribe_done.html" if done else "mailer/unsubscribe_ask.html"
        return _page(request, page, context)
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    unsubscribe_by_link(message.agency, message, one_click=one_click)
    return _page(request, "mailer/unsubscribe_done.html", context)
