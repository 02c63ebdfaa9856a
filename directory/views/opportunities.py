"""The worklist of opportunities, its export, and acts on many at once."""

from urllib.parse import parse_qsl, urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.clients import current_client
from accounts.enums import Role
from accounts.models import Client, User
from accounts.tenancy import AgencyRequest, member_view
from directory.enums import BacklinkStatus, Category, Difficulty, MatchStatus, SourceType
from directory.selectors.worklist import (
    EXPORTED,
    OPEN,
    SORTS,
    exported,
    facets,
    filtered,
    latest_search,
    visible_opportunities,
    worklist,
)
from directory.services.work import WorkError, assign_many, dismiss_many, start_many
from foundation.exports import csv_response, xlsx_response
from foundation.pages import render_page, say

MOST = 500


@member_view(Role.CLIENT)
@require_safe
def opportunity_list(request: AgencyRequest) -> HttpResponse:
    """Show the opportunities to work on; a client sees its own only."""
    is_client = request.membership.role == Role.CLIENT
    client = chosen_client(request)
    work = worklist(visible_opportunities(request), request.GET, client)
    search = None if is_client else latest_search(request.agency, client)
    context = {
        "work": work,
        "is_client": is_client,
        "client": client,
        "facets": {} if is_client else facets(request.agency),
        "categories": [*Category.choices, (SourceType.GAP.value, SourceType.GAP.label)],
        "difficulties": Difficulty.choices,
        "sorts": [(key, label) for key, (label, _) in SORTS.items()],
        "levels": range(1, 11),
        "search": search,
        "searching": bool(search and search.status in {MatchStatus.QUEUED, MatchStatus.RUNNING}),
    }
    return render_page(
        request,
        "directory/opportunity_list.html",
        "directory/_opportunity_table.html",
        context,
    )


def chosen_client(request: AgencyRequest) -> Client | None:
    """Return the client a list is narrowed to: one's own, the URL's, or the switcher's."""
    if request.membership.role == Role.CLIENT:
        return request.membership.client
    pk = request.GET.get("client", "")
    if pk.isdecimal() and len(pk) < 19:  # noqa: PLR2004  # what a bigint holds
        return get_object_or_404(Client.objects.for_agency(request.agency), pk=pk)
    return current_client(request)


@member_view(Role.CLIENT)
@require_safe
def opportunity_export(request: AgencyRequest) -> HttpResponseBase:
    """Download what the filters leave, of every status, as CSV or (`format=xlsx`) XLSX."""
    rows = filtered(visible_opportunities(request), request.GET)
    client = chosen_client(request)
    if client is not None:
        rows = rows.filter(client=client)
    if request.GET.get("format") == "xlsx":
        return xlsx_response("opportunities.xlsx", EXPORTED, exported(rows))
    return csv_response("opportunities.csv", EXPORTED, exported(rows))


@member_view(Role.CLIENT)
@require_POST
def opportunity_bulk(request: AgencyRequest) -> HttpResponse:
    """Begin, dismiss or assign the ticked opportunities."""
    action, _, value = request.POST.get("do", "").partition(":")
    ids = _ticked(request)
    if not ids or action not in _ACTIONS:
        say(request, "Tick some opportunities, then choose what to do with them.", tone="bad")
        return redirect(_back(request))
    try:
        said = _ACTIONS[action](request, ids, value)
    except WorkError as error:
        say(request, str(error), tone="bad")
    else:
        say(request, said)
    return redirect(_back(request))


def _ticked(request: AgencyRequest) -> list[int]:
    ids = [pk for pk in request.POST.getlist("ids")[:MOST] if pk.isdecimal() and len(pk) < 19]  # noqa: PLR2004  # bigint
    return list(
        visible_opportunities(request)
        .filter(pk__in=ids, status__in=[*OPEN, BacklinkStatus.NOT_APPLICABLE])
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def _start(request: AgencyRequest, ids: list[int], _: str) -> str:
    count = start_many(agency=request.agency, backlink_ids=ids, actor=request.user)
    return f"{_counted(count)} started."


def _dismiss(request: AgencyRequest, ids: list[int], _: str) -> str:
    count = dismiss_many(
        agency=request.agency,
        backlink_ids=ids,
        actor=request.user,
        reason=request.POST.get("reason", ""),
    )
    return f"{_counted(count)} set to not applicable."


def _assign(request: AgencyRequest, ids: list[int], value: str) -> str:
    if request.membership.role == Role.CLIENT:
        raise WorkError("The agency decides who works on what.")
    ours = User.objects.filter(memberships__agency=request.agency)
    assignee = ours.filter(pk=value).first() if value.isdecimal() and len(value) < 19 else None  # noqa: PLR2004  # bigint
    if value and assignee is None:
        raise WorkError("Choose someone of this agency.")
    count = assign_many(
        agency=request.agency, backlink_ids=ids, assignee=assignee, actor=request.user
    )
    return f"{_counted(count)} assigned to {assignee or 'nobody'}."


_ACTIONS = {"start": _start, "dismiss": _dismiss, "assign": _assign}


def _counted(count: int) -> str:
    return "1 opportunity" if count == 1 else f"{count:,} opportunities"


def _back(request: AgencyRequest) -> str:
    url = reverse("directory:opportunities", args=[request.agency.slug])
    query = urlencode(parse_qsl(request.POST.get("query", "")[:2000]))
    return f"{url}?{query}" if query else url
