"""Import of links that exist already, and its rows with errors to download."""

import json
from typing import Any

from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.clients import current_client
from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from directory.forms import BacklinkFileForm, clean_link_row
from directory.services.register_import import (
    LinkImport,
    UnreadableFileError,
    import_links,
    read_links,
)
from foundation.exports import csv_response

_SHOWN = 100
_HEADER = ("Line", "Linking from", "Linking to", "Why")


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def backlink_import(request: AgencyRequest) -> HttpResponse:
    """Take links from a file and show what became of each row."""
    chosen = request.GET.get("client") or current_client(request)
    form = BacklinkFileForm(
        request.POST or None,
        request.FILES or None,
        agency=request.agency,
        initial={"client": chosen},
    )
    report: LinkImport | None = None
    if request.method == "POST" and form.is_valid():
        try:
            report = _imported(request, form.cleaned_data)
        except UnreadableFileError as error:
            form.add_error("file", str(error))
    wrong = report.rejected if report else []
    rows = [[row.line, row.page[:200], row.target[:200], row.reason] for row in wrong]
    context = {"form": form, "report": report, "shown": wrong[:_SHOWN], "rows": json.dumps(rows)}
    status = 422 if form.errors else 200
    return render(request, "directory/backlink_import.html", context, status=status)


def _imported(request: AgencyRequest, given: dict[str, Any]) -> LinkImport:
    return import_links(
        client=given["client"],
        rows=read_links(given["file"], given["file"].size),
        check=lambda cells: clean_link_row(request.agency, cells, given["currency"]),
        actor=request.user,
    )


@member_view(Role.MEMBER)
@require_POST
def backlink_import_errors(request: AgencyRequest) -> HttpResponseBase:
    """Download the rows that were not taken, as the page that named them has them."""
    try:
        rows = json.loads(request.POST.get("rows", ""))
        lines = [[str(cell) for cell in row] for row in rows]
    except (TypeError, ValueError, RecursionError):
        return HttpResponseBadRequest("These are no rows of an import.")
    return csv_response("rows-with-errors.csv", _HEADER, lines)
