"""The home page, the overview, the client's portal, search, and what a load balancer asks."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.clients import current_client
from accounts.enums import Role
from accounts.models import Client
from accounts.selectors import choosable_clients, landing_membership, memberships_of
from accounts.tenancy import COOKIE, AgencyRequest, UserRequest, member_view
from foundation.pages import render_page
from foundation.paging import keyset_page
from outreach_project import overview as facts
from outreach_project.health import problems
from outreach_project.search import find


@login_required
@require_safe
def home(request: UserRequest) -> HttpResponse:
    """Send a person to the agency they last worked in, or to what they can do without one."""
    seat = landing_membership(request.user, request.COOKIES.get(COOKIE, ""))
    if seat:
        return redirect("overview", seat.agency.slug)
    return redirect("admin:index" if request.user.is_superuser else "agency_new")


@member_view(Role.CLIENT)
@require_safe
def overview(request: AgencyRequest) -> HttpResponse:
    """Show what waits for the member today; a client is shown their portal."""
    agency = request.agency
    if request.membership.role == Role.CLIENT:
        return redirect("portal", agency.slug)
    client, today = current_client(request), facts.agency_today(agency)
    steps = facts.setup_steps(agency)
    context = {
        "client": client,
        "steps": steps,
        "steps_left": sum(not step.done for step in steps),
        "waiting": facts.waiting(agency, client),
        "campaigns": facts.running_campaigns(agency, client, today),
        "week": facts.week(agency, client, today),
    }
    return render(request, "outreach_project/overview.html", context)


@member_view(Role.CLIENT)
@require_safe
def portal(request: AgencyRequest) -> HttpResponse:
    """Show a client the results of their campaigns; staff preview it with `?client=`."""
    client = _portal_client(request)
    page = keyset_page(
        facts.portal_campaigns(request.agency, client),
        order=["-launched_at", "-pk"],
        cursor=request.GET.get("cursor", ""),
    )
    context: dict[str, Any] = {
        "client": client,
        "page": page,
        "totals": facts.portal_totals(request.agency, client),
        "is_preview": request.membership.role != Role.CLIENT,
    }
    return render(request, "outreach_project/portal.html", context)


def _portal_client(request: AgencyRequest) -> Client:
    if request.membership.role == Role.CLIENT:
        if request.membership.client is None:
            raise Http404
        return request.membership.client
    pk = request.GET.get("client", "")
    ours = Client.objects.for_agency(request.agency)
    return get_object_or_404(ours, pk=pk) if pk.isdecimal() else _some_client(request)


def _some_client(request: AgencyRequest) -> Client:
    client = current_client(request) or Client.objects.for_agency(request.agency).first()
    if client is None:
        raise Http404
    return client


@member_view(Role.CLIENT)
@require_safe
def switcher(request: AgencyRequest) -> HttpResponse:
    """List the agencies and clients a member may turn to; asked for when the menu opens."""
    is_client = request.membership.role == Role.CLIENT
    context = {
        "seats": memberships_of(request.user),
        "clients": [] if is_client else choosable_clients(request.agency),
        "chosen": None if is_client else current_client(request),
        "next": request.htmx.current_url_abs_path if request.htmx else "",
    }
    return render_page(
        request, "outreach_project/switcher.html", "outreach_project/_switcher.html", context
    )


@member_view(Role.MEMBER)
@require_safe
def search(request: AgencyRequest) -> HttpResponse:
    """Find leads and campaigns by how their address, site or name begins."""
    words = request.GET.get("q", "").strip()[:200]
    return render_page(
        request,
        "outreach_project/search.html",
        "outreach_project/_search_found.html",
        {"q": words, "found": find(request.agency, words)},
    )


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process is alive."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer whether database, migrations, broker and cache are there; 503 names what is not."""
    found = problems()
    return JsonResponse(
        {"status": "unavailable" if found else "ok", **found}, status=503 if found else 200
    )
