"""Pictures and links of e-mails: answered at once, by one line in a file."""

import base64
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import timezone

from compliance import security
from compliance.enums import SecurityKind
from foundation.throttle import Rate, client_address, seconds_to_wait
from mailer import public_words
from mailer.services.fetches import Visit
from mailer.services.link_domains import proof_of
from mailer.services.tracking import KIND_OF, note_visit, target_of
from mailer.tokens import ForgedTokenError, Purpose, Token, read_token

# One transparent pixel, GIF89a.
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_HEADERS = {
    "Cache-Control": "no-store, private, max-age=0",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Robots-Tag": "noindex, nofollow",
}
_PREFETCH_HEADERS = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
_PREFETCH_WORDS = ("prefetch", "preview", "prerender", "preload", "instant")
_SAFE = ("GET", "HEAD")
# Knocks noted of one address; the rest are refused all the same.
_KNOCKS = (Rate(10, 60), Rate(100, 3600))


def quick_pixel(request: HttpRequest, token: str) -> HttpResponse | None:
    """Give the pixel and note the visit; None when the token is not ours."""
    try:
        found = read_token(Purpose.OPEN, token)
    except ForgedTokenError:
        return None
    if not _at_home(request, found):
        return None
    _note(request, Purpose.OPEN, found)
    return HttpResponse(_PIXEL, content_type="image/gif", headers=_HEADERS)


def open_pixel(request: HttpRequest, token: str) -> HttpResponse:
    """Give the pixel, whatever the token."""
    if request.method not in _SAFE:
        return HttpResponseNotAllowed(_SAFE)
    answer = quick_pixel(request, token)
    if answer is None:
        read_or_report(request, Purpose.OPEN, token)
        answer = HttpResponse(_PIXEL, content_type="image/gif")
        answer.headers["Cache-Control"] = _HEADERS["Cache-Control"]
    return answer


def quick_link(request: HttpRequest, token: str) -> HttpResponse | None:
    """Redirect to the link of that message, and to nothing else; None when it has none."""
    try:
        found = read_token(Purpose.CLICK, token)
    except ForgedTokenError:
        return None
    target = target_of(found) if _at_home(request, found) else ""
    if not target:
        return None
    _note(request, Purpose.CLICK, found)
    return HttpResponse(status=302, headers={**_HEADERS, "Location": target})


def follow_link(request: HttpRequest, token: str) -> HttpResponse:
    """Redirect to a link, or say that it is dead."""
    if request.method not in _SAFE:
        return HttpResponseNotAllowed(_SAFE)
    answer = quick_link(request, token)
    if answer is None:
        read_or_report(request, Purpose.CLICK, token)
        answer = dead_link(request)
    return answer


def follow_trap(request: HttpRequest, token: str) -> HttpResponse:
    """Answer the link that no person sees; who follows it is a program."""
    if request.method not in _SAFE:
        return HttpResponseNotAllowed(_SAFE)
    found = read_or_report(request, Purpose.TRAP, token)
    if not found:
        return dead_link(request)
    _note(request, Purpose.TRAP, found)
    return HttpResponse(
        "This link is for programs that check e-mails. There is nothing behind it.\n",
        content_type="text/plain; charset=utf-8",
        headers=_HEADERS,
    )


def proof(request: HttpRequest) -> HttpResponse:
    """Answer at an agency's own host name what shows that it leads to us."""
    host = request.META.get("HTTP_HOST", "").partition(":")[0]
    return HttpResponse(proof_of(host), content_type="text/plain")


def dead_link(request: HttpRequest) -> HttpResponse:
    """Say in the visitor's language that the link is cut off, or its e-mail erased."""
    language = public_words.language_of(accepted=request.headers.get("Accept-Language", ""))
    context = {
        "words": public_words.words(language),
        "language": public_words.html_lang(language),
    }
    return public_page(request, "mailer/link_unknown.html", context, status=404)


def public_page(
    request: HttpRequest, template: str, context: Mapping[str, object], status: int = 200
) -> HttpResponse:
    """Render a page for strangers, which leaves no cookie behind and is in no search engine."""
    response = render(request, template, dict(context), status=status)
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = False
    response.headers["Cache-Control"] = _HEADERS["Cache-Control"]
    response.headers["X-Robots-Tag"] = _HEADERS["X-Robots-Tag"]
    response.headers["Content-Language"] = str(context["language"])
    return response


def read_or_report(request: HttpRequest, purpose: Purpose, token: str) -> Token | None:
    """Return what a token says; a forged one leaves a security event.

    On an agency's own domain only that agency's tokens are any good.
    """
    try:
        found = read_token(purpose, token)
    except ForgedTokenError:
        if not seconds_to_wait(f"forged:{client_address(request)}", _KNOCKS):
            security.record(SecurityKind.FORGED_TOKEN, request=request, detail={"purpose": purpose})
        return None
    return found if _at_home(request, found) else None


def _at_home(request: HttpRequest, token: Token) -> bool:
    owner = getattr(request, "link_agency_id", None)
    return owner is None or owner == token.agency_id


def _note(request: HttpRequest, purpose: Purpose, token: Token) -> None:
    headers = request.headers
    note_visit(
        Visit(
            agency_id=token.agency_id,
            message_id=token.message_id,
            kind=KIND_OF[purpose],
            link=token.link,
            at=timezone.now().timestamp(),
            method=request.method or "GET",
            address=client_address(request),
            agent=headers.get("User-Agent", "")[:300],
            hints=_hints(request),
        )
    )


def _hints(request: HttpRequest) -> str:
    headers = request.headers
    purpose = " ".join(headers.get(name, "") for name in _PREFETCH_HEADERS).lower()
    found = "p" if any(word in purpose for word in _PREFETCH_WORDS) else ""
    if "Accept-Language" in headers:
        found += "l"
    if "Sec-Fetch-Mode" in headers:
        found += "m"
    return found + "s" if request.is_secure() else found
