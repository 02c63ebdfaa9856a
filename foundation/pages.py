"""One URL, two renderings: a whole page, or the very partial that page includes."""

from collections.abc import Mapping
from typing import Any, Literal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import push_url

Tone = Literal["", "ok", "warn", "bad", "info"]


def wants_partial(request: HttpRequest) -> bool:
    """Return whether htmx asks for a fragment (and is not restoring history)."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.history_restore_request and not htmx.boosted


def render_page(
    request: HttpRequest,
    page: str,
    partial: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """Render `partial` for htmx and `page`, which includes it, for everyone else."""
    template = partial if wants_partial(request) else page
    return render(request, template, dict(context), status=status)


def say(request: HttpRequest, text: str, *, tone: Tone = "ok", undo: str = "") -> None:
    """Queue a toast for the next page or partial; `undo` is the URL its button posts to."""
    level = {"ok": 25, "": 20, "info": 20, "warn": 30, "bad": 40}[tone]
    messages.add_message(request, level, text, extra_tags=f"{tone}|{undo}")


def after_post(
    request: HttpRequest,
    to: str,
    *,
    partial: str = "",
    context: Mapping[str, Any] | None = None,
    url: str = "",
) -> HttpResponse:
    """Answer a successful POST: a redirect without htmx, with it the partial and toasts.

    Args:
        request: the POST answered.
        to: where a browser without htmx goes (a URL or a URL name's result).
        partial: template swapped in under htmx; none given means htmx is redirected too.
        context: its context.
        url: pushed into the address bar under htmx when given.
    """
    if not wants_partial(request) or not partial:
        if wants_partial(request):
            return HttpResponse(status=204, headers={"HX-Redirect": to})
        return redirect(to)
    body = render_to_string(partial, dict(context or {}), request)
    body += render_to_string("components/_toasts_oob.html", {}, request)
    response = HttpResponse(body)
    return push_url(response, url) if url else response


def go_back(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """Return to the path posted as `next`, when it is one of this site; else elsewhere."""
    back = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return HttpResponseRedirect(back if ours and back.startswith("/") else otherwise)
