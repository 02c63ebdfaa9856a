"""Headers every page carries."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from structlog.contextvars import get_contextvars


class PageMiddleware:
    """Send the request id back for support, and Vary so a partial never lands in a page cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request and dress the response."""
        request.id = get_contextvars().get("request_id", "")  # type: ignore[attr-defined]  # ours
        response = self.get_response(request)
        response.setdefault("X-Request-ID", request.id)  # type: ignore[attr-defined]  # ours
        if hasattr(request, "membership"):  # an agency's data stays on no disk between
            response.setdefault("Cache-Control", "private, no-store")
        patch_vary_headers(response, ["HX-Request"])
        return response
