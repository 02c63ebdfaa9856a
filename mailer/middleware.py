"""Answers what e-mails point at before anything else runs, and guards agencies' own hosts."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from mailer.selectors_links import agency_of_host, is_ours
from mailer.views import visits

_FAST = re.compile(r"/t/(?:o/([A-Za-z0-9_-]{1,200})\.gif|c/([A-Za-z0-9_-]{1,200}))")
# What an agency's own link domain serves; the rest of the product is elsewhere.
_PUBLIC = re.compile(rf"/(?:t/|u/)|{re.escape(settings.STATIC_URL)}")


class PublicLinksMiddleware:
    """Stands first: opens and clicks need no session, no CSRF token and no page.

    A request to an agency's own link domain gets links, their pages and nothing else, and
    from then on counts as one to us, so that ALLOWED_HOSTS need not name every customer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a picture or link; pass on what needs a page."""
        if request.path_info == "/t/here" and not is_ours(_host(request)):
            return visits.proof(request)  # asked before we know the host
        refused = self._settle_host(request)
        if refused is not None:
            return refused
        found = _FAST.fullmatch(request.path_info)
        if found is None or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        if found[1]:
            answer = visits.quick_pixel(request, found[1])
        else:
            answer = visits.quick_link(request, found[2])
        return answer or self.get_response(request)

    def _settle_host(self, request: HttpRequest) -> HttpResponse | None:
        host = _host(request)
        if is_ours(host):
            return None
        agency_id = agency_of_host(host)
        if agency_id is None:
            return None  # Django refuses what ALLOWED_HOSTS does not name
        if not _PUBLIC.match(request.path_info):
            return HttpResponse("Not found\n", status=404, content_type="text/plain")
        request.link_agency_id = agency_id  # type: ignore[attr-defined]  # ours
        request.META["HTTP_HOST"] = urlsplit(settings.SITE_URL).netloc
        return None


def _host(request: HttpRequest) -> str:
    return str(request.META.get("HTTP_HOST", "")).partition(":")[0].lower()
