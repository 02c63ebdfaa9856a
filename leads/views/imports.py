"""The import wizard: upload, columns, preview, progress, result."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from foundation.choices import MoveError
from foundation.exports import csv_response
from foundation.pages import render_page, say
from foundation.paging import keyset_page
from leads.enums import ImportStatus
from leads.forms import FIELD_LABELS, MappingForm, UploadForm
from leads.importing.limits import MAX_COLUMNS, MAX_ROWS, UnreadableFileError
from leads.importing.mapping import CUSTOM
from leads.models import LeadImport
from leads.selectors.rejects import reject_rows, rejects_header
from leads.services.imports import (
    ImportRefusedError,
    cancel_import,
    create_import,
    layout_of,
    local_path,
    preview,
    sample_rows,
    set_mapping,
    start_import,
)

_SAMPLES = 3
_REJECTS_SHOWN = 20
_BEFORE = {ImportStatus.UPLOADED, ImportStatus.MAPPED}
_UNDER_WAY = {ImportStatus.QUEUED, ImportStatus.RUNNING}
_EXAMPLE = (
    ("Email", "First name", "Last name", "Company", "Website", "Country", "Topic"),
    ("ann@garden.example", "Ann", "Lee", "Garden Weekly", "https://garden.example/", "UK", "roses"),
    ("", "", "", "Soil Journal", "https://soil.example/", "", "compost"),
)


def _import(request: AgencyRequest, pk: int) -> LeadImport:
    rows = LeadImport.objects.for_agency(request.agency).select_related("client", "actor")
    return get_object_or_404(rows, pk=pk)


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request: AgencyRequest) -> HttpResponse:
    """Upload a spreadsheet."""
    form = UploadForm(request.POST or None, request.FILES or None, agency=request.agency)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = create_import(
                agency=request.agency,
                file=file,
                filename=file.name,
                actor=request.user,
                client=form.cleaned_data["client"],
            )
        except ImportRefusedError as error:
            form.add_error("file", str(error))
        else:
            return redirect("leads:import_columns", request.agency.slug, made.pk)
    recent = LeadImport.objects.for_agency(request.agency).order_by("-created_at", "-pk")
    context = {
        "form": form,
        "recent": list(recent.select_related("actor", "client")[:5]),
        "megabytes": settings.IMPORT_MAX_BYTES // 1024**2,
        "max_rows": MAX_ROWS,
        "max_columns": MAX_COLUMNS,
    }
    return render(request, "leads/import_new.html", context, status=422 if form.errors else 200)


@member_view(Role.MEMBER)
@require_safe
def import_example(request: AgencyRequest) -> HttpResponseBase:
    """Download a small file to start from."""
    header, *rows = _EXAMPLE
    return csv_response("leads-example.csv", header, rows)


@member_view(Role.MEMBER)
@require_safe
def import_list(request: AgencyRequest) -> HttpResponse:
    """Show every import there has been."""
    rows = LeadImport.objects.for_agency(request.agency).select_related("actor", "client")
    page = keyset_page(
        rows, order=["-created_at", "-id"], cursor=request.GET.get("cursor", ""), size=25
    )
    return render(request, "leads/import_list.html", {"page": page})


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def import_columns(request: AgencyRequest, pk: int) -> HttpResponse:
    """Say which column is which field."""
    row = _import(request, pk)
    if row.status not in _BEFORE:
        return redirect("leads:import_detail", request.agency.slug, row.pk)
    form = MappingForm(
        request.POST or None,
        columns=row.columns,
        mapping=row.mapping,
        initial={"duplicates": row.options.get("duplicates", "fill")},
    )
    if request.method == "POST" and form.is_valid():
        row.options = {**row.options, "duplicates": form.cleaned_data["duplicates"]}
        try:
            set_mapping(row, form.mapping())
        except ImportRefusedError as error:
            form.add_error(None, str(error))
        else:
            return redirect("leads:import_preview", request.agency.slug, row.pk)
    context = {"import": row, "form": form, "columns": _columns(row, form)}
    return render(request, "leads/import_columns.html", context, status=422 if form.errors else 200)


def _columns(row: LeadImport, form: MappingForm) -> list[tuple[str, list[str], Any]]:
    """Each column with sample values and its select."""
    try:
        with local_path(row) as path:
            rows = sample_rows(path, layout_of(row))
    except (UnreadableFileError, OSError):
        rows = []
    return [
        (column, _samples(rows, position), form[f"column_{position}"])
        for position, column in enumerate(row.columns)
    ]


def _samples(rows: list[list[str]], position: int) -> list[str]:
    cells = (cells[position].strip()[:60] for cells in rows if position < len(cells))
    return list(dict.fromkeys(cell for cell in cells if cell))[:_SAMPLES]


@member_view(Role.MEMBER)
@require_safe
def import_preview(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show the first rows as they will be stored."""
    row = _import(request, pk)
    if row.status not in _BEFORE:
        return redirect("leads:import_detail", request.agency.slug, row.pk)
    try:
        rows = preview(row)
    except (UnreadableFileError, OSError) as error:
        say(request, f"The file can no longer be read: {error}", tone="bad")
        return redirect("leads:import", request.agency.slug)
    targets = [target for target in row.mapping.values() if target]
    # Shown under the names they will have: a full name becomes first and last.
    names = dict.fromkeys(
        name
        for target in targets
        for name in (("first_name", "last_name") if target == "name" else (target,))
    )
    context = {
        "import": row,
        "names": [(name, FIELD_LABELS.get(name, name.removeprefix(CUSTOM))) for name in names],
        "rows": [(one, _cells(one.values, list(names))) for one in rows],
        "problems": sum(1 for one in rows if one.problems),
    }
    return render(request, "leads/import_preview.html", context)


def _cells(values: dict[str, Any], names: list[str]) -> list[str]:
    custom = values.get("custom", {})
    return [
        str(
            custom.get(name.removeprefix(CUSTOM), "")
            if name.startswith(CUSTOM)
            else values.get(name, "")
        )
        for name in names
    ]


@member_view(Role.MEMBER)
@require_safe
def import_detail(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show how far an import has come, and what it did."""
    row = _import(request, pk)
    if row.status in _BEFORE:
        return redirect("leads:import_columns", request.agency.slug, row.pk)
    context = {
        "import": row,
        "running": row.status in _UNDER_WAY,
        "total": max(row.rows_total or 0, row.rows_done, 1),
        "rejects": list(row.rejects.all()[:_REJECTS_SHOWN]) if row.rejected_count else [],
    }
    return render_page(request, "leads/import_detail.html", "leads/_import_state.html", context)


def _moving(move: Callable[[LeadImport], None], done: str) -> Callable[..., HttpResponse]:
    def view(request: AgencyRequest, pk: int) -> HttpResponse:
        row = _import(request, pk)
        try:
            move(row)
        except MoveError:
            say(request, f"This import is {row.get_status_display().lower()} already.", tone="bad")
        else:
            say(request, done)
        return redirect(reverse("leads:import_detail", args=[request.agency.slug, row.pk]))

    return view


@member_view(Role.MEMBER)
@require_POST
def import_start(request: AgencyRequest, pk: int) -> HttpResponse:
    """Start an import, or start it again where it stopped."""
    return _moving(start_import, "The import has started.")(request, pk)


@member_view(Role.MEMBER)
@require_POST
def import_cancel(request: AgencyRequest, pk: int) -> HttpResponse:
    """Stop an import; what it brought so far stays."""
    return _moving(cancel_import, "The import was stopped. Leads it brought stay.")(request, pk)


@member_view(Role.MEMBER)
@require_safe
def import_rejects(request: AgencyRequest, pk: int) -> HttpResponseBase:
    """Download the rejected rows, to correct and import again."""
    row = _import(request, pk)
    return csv_response(f"import-{row.pk}-rejected.csv", rejects_header(row), reject_rows(row))
