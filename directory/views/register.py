"""The register of backlinks: its table, its export, and acts on many at once."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Role
from accounts.models import User
from accounts.tenancy import AgencyRequest, member_view
from directory.enums import BacklinkStatus, LinkType, SourceType, Verdict
from directory.selectors.register import (
    EXPORTED,
    MOST_AT_ONCE,
    SORTS,
    chosen_backlinks,
    exported,
    filtered,
    register,
    register_rows,
)
from directory.selectors.worklist import facets
from directory.services.checking import check_many
from directory.services.moves import move_backlinks
from directory.services.work import assign_many
from directory.views.opportunities import chosen_client
from foundation.exports import csv_response
from foundation.pages import render_page, say


class _BulkError(Exception):
    """What was asked of many cannot be done; the message says what to do."""


@member_view(Role.MEMBER)
@require_safe
def backlinks(request: AgencyRequest) -> HttpResponse:
    """Show the links of every client, or of one."""
    client = chosen_client(request)
    context = {
        "register": register(register_rows(request.agency, client), request.GET),
        "client": client,
        "facets": facets(request.agency),
        "sorts": [(key, label) for key, (label, _) in SORTS.items()],
        "sources": SourceType.choices,
        "statuses": BacklinkStatus.choices,
        "verdicts": Verdict.choices,
        "rels": LinkType.choices,
        "most": MOST_AT_ONCE,
    }
    return render_page(
        request, "directory/backlink_list.html", "directory/_backlink_table.html", context
    )


@member_view(Role.MEMBER)
@require_safe
def backlink_export(request: AgencyRequest) -> HttpResponseBase:
    """Download the links that the filters leave, as CSV that runs nothing in a spreadsheet."""
    rows = register_rows(request.agency, chosen_client(request))
    return csv_response("backlinks.csv", EXPORTED, exported(filtered(rows, request.GET)))


@member_view(Role.MEMBER)
@require_POST
def backlink_bulk(request: AgencyRequest) -> HttpResponse:
    """Assign, move or check the ticked links, or all that the filters leave."""
    action, _, value = request.POST.get("do", "").partition(":")
    request.GET = QueryDict(request.POST.get("query", "")[:2000])
    ids = chosen_backlinks(register_rows(request.agency, chosen_client(request)), request.POST)
    if not ids or action not in _ACTIONS:
        say(request, "Tick some links, then choose what to do with them.", tone="bad")
        return redirect(_back(request))
    try:
        said = _ACTIONS[action](request, ids, value)
    except _BulkError as error:
        say(request, str(error), tone="bad")
    else:
        say(request, said)
    return redirect(_back(request))


def _assign(request: AgencyRequest, ids: Sequence[int], value: str) -> str:
    ours = User.objects.filter(memberships__agency=request.agency)
    assignee = ours.filter(pk=value).first() if value.isdecimal() and len(value) < 19 else None  # noqa: PLR2004  # bigint
    if value and assignee is None:
        raise _BulkError("Choose someone of this agency.")
    count = assign_many(
        agency=request.agency, backlink_ids=ids, assignee=assignee, actor=request.user
    )
    return f"{_counted(count)} assigned to {assignee or 'nobody'}."


def _move(request: AgencyRequest, ids: Sequence[int], _: str) -> str:
    to, reason = request.POST.get("to", ""), request.POST.get("reason", "").strip()[:300]
    if to not in BacklinkStatus.values:
        raise _BulkError("Choose the status to move the links to.")
    if to == BacklinkStatus.NOT_APPLICABLE and not reason:
        raise _BulkError("Say why they are not applicable, so that nobody asks again.")
    count = move_backlinks(
        agency=request.agency, backlink_ids=ids, to=to, actor=request.user, note=reason
    )
    left = len(ids) - count
    stayed = f" {_counted(left)} stayed: that status does not follow theirs." if left else ""
    return f"{_counted(count)} moved to {BacklinkStatus(to).label.lower()}.{stayed}"


def _check(request: AgencyRequest, ids: Sequence[int], _: str) -> str:
    count = check_many(agency=request.agency, backlink_ids=ids)
    left = len(ids) - count
    why = " was" if left == 1 else " were"
    stayed = (
        f" {_counted(left)}{why} left out: no page to check yet, or checked a minute ago."
        if left
        else ""
    )
    return f"{_counted(count)} will be checked within minutes.{stayed}"


_ACTIONS: dict[str, Callable[[AgencyRequest, Sequence[int], str], str]] = {
    "assign": _assign,
    "move": _move,
    "check": _check,
}


def _counted(count: int) -> str:
    return "1 link" if count == 1 else f"{count:,} links"


def _back(request: AgencyRequest) -> str:
    url = reverse("directory:backlinks", args=[request.agency.slug])
    kept: Any = request.GET.copy()
    kept.pop("cursor", None)
    return f"{url}?{kept.urlencode()}" if kept else url
