"""The suppression list: search, add, import, export, remove with a reason."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Role
from accounts.models import Agency
from accounts.tenancy import AgencyRequest, member_view
from compliance import selectors
from compliance.enums import SuppressionKind, SuppressionReason
from compliance.forms import (
    LogFilterForm,
    RemoveSuppressionsForm,
    SuppressForm,
    SuppressionFileForm,
)
from compliance.list_files import read_list
from compliance.models import Suppression
from compliance.services import suppress, unsuppress
from compliance.services.suppression_import import ImportReport, import_suppressions
from foundation.exports import csv_response
from foundation.pages import render_page, say
from foundation.paging import counted, keyset_page

# Removed at once: as many as fit on a few pages, so that each is a decision.
_MOST_REMOVED = 200


@member_view(Role.MEMBER)
@require_safe
def suppression_list(request: AgencyRequest) -> HttpResponse:
    """Show whom the agency must not write to."""
    filters = LogFilterForm(request.GET).values()
    chosen = {name: filters[name] for name in ("q", "kind", "reason") if name in filters}
    rows = selectors.suppression_list(request.agency, **chosen)
    total, more = counted(rows)
    context = {
        "page": keyset_page(
            rows, order=["-created_at", "-pk"], cursor=request.GET.get("cursor", "")
        ),
        "total": f"{total:,}{'+' if more else ''}",
        "filters": chosen,
        "kinds": SuppressionKind.choices,
        "reasons": SuppressionReason.choices,
    }
    return render_page(
        request,
        "compliance/suppression_list.html",
        "compliance/_suppression_table.html",
        context,
    )


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def suppression_add(request: AgencyRequest) -> HttpResponse:
    """Suppress addresses and domains typed or pasted in."""
    form = SuppressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        added = sum(
            suppress(
                agency=request.agency,
                kind=kind,
                values=values,
                reason=form.cleaned_data["reason"],
                source=form.cleaned_data["source"],
                actor=request.user,
            )
            for kind, values in form.cleaned_data["values"].items()
        )
        known = sum(map(len, form.cleaned_data["values"].values())) - added
        say(request, f"{added} suppressed." + (f" {known} already were." if known else ""))
        return redirect("compliance:suppressions", request.agency.slug)
    context = {"form": form}
    return render(
        request, "compliance/suppression_add.html", context, status=422 if form.errors else 200
    )


@member_view(Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def suppression_import(request: AgencyRequest) -> HttpResponse:
    """Suppress a whole list from a file and show what became of each line."""
    form = SuppressionFileForm(request.POST or None, request.FILES or None)
    report: ImportReport | None = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            report = import_suppressions(
                agency=request.agency,
                lines=read_list(file),
                source=f"Imported from {file.name[:150]}",
                actor=request.user,
            )
        except ValidationError as error:
            form.add_error("file", error)
    return render(
        request,
        "compliance/suppression_import.html",
        {"form": form, "report": report},
        status=422 if form.errors else 200,
    )


@member_view(Role.MANAGER)
@require_safe
def suppression_export(request: AgencyRequest) -> StreamingHttpResponse:
    """Download the list as CSV; erased entries, of which only a digest is kept, are left out."""
    return csv_response(
        f"suppressions-{request.agency.slug}-{timezone.localdate():%Y-%m-%d}.csv",
        ["Kind", "Value", "Reason", "Source", "Added"],
        _export_rows(request.agency),
    )


def _export_rows(agency: Agency) -> Iterator[list[object]]:
    rows = Suppression.objects.for_agency(agency).exclude(value="").order_by("pk")
    for row in rows.iterator(chunk_size=2000):
        yield [
            row.kind,
            row.value,
            row.reason,
            row.source,
            row.created_at.isoformat("T", "seconds"),
        ]


@member_view(Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def suppression_remove(request: AgencyRequest) -> HttpResponse:
    """Lift the ticked suppressions, for a reason that the audit log keeps."""
    given = request.POST if request.method == "POST" else request.GET
    ids = [int(value) for value in given.getlist("ids") if value.isdecimal()][:_MOST_REMOVED]
    rows = list(Suppression.objects.for_agency(request.agency).filter(pk__in=ids))
    form = RemoveSuppressionsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        count = unsuppress(
            agency=request.agency,
            ids=[row.pk for row in rows],
            reason=form.cleaned_data["reason"],
            actor=request.user,
        )
        say(request, f"{count} removed from the suppression list.")
        return redirect("compliance:suppressions", request.agency.slug)
    return render(
        request,
        "compliance/suppression_remove.html",
        {"form": form, "rows": rows},
        status=422 if form.errors else 200,
    )
