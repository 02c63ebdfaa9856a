"""Competitor gap: its searches, their files, and the domains found."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clients import current_client
from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from directory.enums import GapDomainStatus, GapStatus
from directory.forms import GapNewForm, GapOptionsForm, GapOwnersForm
from directory.models import GapFile, GapRun
from directory.models.gap import GapDomainQuerySet
from directory.selectors.gaps import (
    PAGE_SIZE,
    RATINGS,
    SORTS,
    chosen_domains,
    filtered_domains,
    gap_listing,
    gap_runs,
)
from directory.services import gap_taking, gaps
from foundation.choices import MoveError
from foundation.exports import csv_response
from foundation.pages import render_page, say
from foundation.paging import keyset_page

_UNDER_WAY = {GapStatus.QUEUED, GapStatus.RUNNING}
_FILTERS = ("q", "status", "rating", "shared", "follow", "competitor", "sort")
_HEADER = (
    "domain",
    "score",
    "domain rating",
    "competitors",
    "links",
    "dofollow links",
    "linked competitors",
    "example page",
    "anchor",
    "target",
    "last seen",
    "status",
)


def _run(request: AgencyRequest, pk: int) -> GapRun:
    rows = GapRun.objects.for_agency(request.agency).select_related("client", "actor", "agency")
    return get_object_or_404(rows, pk=pk)


@member_view(Role.MEMBER)
@require_safe
def gap_list(request: AgencyRequest) -> HttpResponse:
    """Show every search there has been."""
    rows = gap_runs(request.agency, current_client(request))
    page = keyset_page(
        rows, order=["-created_at", "-id"], cursor=request.GET.get("cursor", ""), size=PAGE_SIZE
    )
    return render(request, "directory/gap_list.html", {"page": page})


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def gap_new(request: AgencyRequest) -> HttpResponse:
    """Choose the client to search for."""
    initial = {"client": request.GET.get("client") or current_client(request)}
    form = GapNewForm(request.POST or None, agency=request.agency, initial=initial)
    if request.method == "POST" and form.is_valid():
        run = gaps.create_run(client=form.cleaned_data["client"], actor=request.user)
        return redirect("directory:gap", request.agency.slug, run.pk)
    return render(
        request, "directory/gap_new.html", {"form": form}, status=422 if form.errors else 200
    )


@member_view(Role.MEMBER)
@require_safe
def gap(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show a search: its files, how far it is, or what it found."""
    run = _run(request, pk)
    if run.status == GapStatus.FINISHED:
        context = _found(run, request.GET)
        return render_page(
            request, "directory/gap_detail.html", "directory/_gap_table.html", context
        )
    if run.status in _UNDER_WAY:
        context = {"run": run, "files": run.files.count()}
        return render_page(
            request, "directory/gap_running.html", "directory/_gap_progress.html", context
        )
    return _files_page(request, run, None, None)


def _found(run: GapRun, params: QueryDict) -> dict[str, Any]:
    wanted = {name: str(params[name]) for name in _FILTERS if params.get(name)}
    return {
        "run": run,
        "listing": gap_listing(run, wanted | {"cursor": str(params.get("cursor", ""))}),
        "sorts": [(key, label) for key, (label, _) in SORTS.items()],
        "ratings": RATINGS,
        "shares": range(2, len(run.competitors) + 1),
        "statuses": GapDomainStatus.choices,
        "query": _query(wanted),
    }


def _query(wanted: Mapping[str, str]) -> str:
    query = QueryDict(mutable=True)
    query.update(wanted)
    return query.urlencode()


def _files_page(
    request: AgencyRequest,
    run: GapRun,
    owners: GapOwnersForm | None,
    options: GapOptionsForm | None,
) -> HttpResponse:
    ours = gaps.client_domain(run)
    failed = bool(owners and owners.errors)
    context = {
        "run": run,
        "ours": ours,
        "owners": owners or GapOwnersForm(run=run, ours=ours),
        "options": options or GapOptionsForm(instance=run),
        "most": settings.GAP_MAX_BYTES,
        "max_files": gaps.MAX_FILES,
    }
    return render(request, "directory/gap_files.html", context, status=422 if failed else 200)


@member_view(Role.MEMBER)
@require_POST
def gap_upload(request: AgencyRequest, pk: int) -> HttpResponse:
    """Add exports to a search."""
    run = _run(request, pk)
    files = request.FILES.getlist("files")
    if not files:
        say(request, "Choose at least one export.", tone="bad")
    taken = 0
    for file in files[: gaps.MAX_FILES]:
        try:
            gaps.add_file(run, file, file.name or "export.csv")
        except gaps.GapRefusedError as error:
            say(request, str(error), tone="bad")
        else:
            taken += 1
    if taken:
        say(request, f"{taken} export{'s' if taken != 1 else ''} added.")
    return redirect("directory:gap", request.agency.slug, run.pk)


@member_view(Role.MEMBER)
@require_POST
def gap_file_remove(request: AgencyRequest, pk: int, file: int) -> HttpResponse:
    """Take an export out of a search."""
    row = get_object_or_404(
        GapFile.objects.for_agency(request.agency).select_related("run"), pk=file, run=pk
    )
    try:
        gaps.remove_file(row)
    except gaps.GapRefusedError as error:
        say(request, str(error), tone="bad")
    else:
        say(request, f"“{row.filename}” removed.")
    return redirect("directory:gap", request.agency.slug, pk)


@member_view(Role.MEMBER)
@require_POST
def gap_start(request: AgencyRequest, pk: int) -> HttpResponse:
    """Say whose links the files list, and search."""
    run = _run(request, pk)
    owners = GapOwnersForm(request.POST, run=run, ours=gaps.client_domain(run))
    options = GapOptionsForm(request.POST, instance=run)
    if not owners.is_valid() or not options.is_valid():
        return _files_page(request, run, owners, options)
    try:
        gaps.set_owners(run, owners.owners())
        gaps.start_run(run)
    except (gaps.GapRefusedError, MoveError) as error:
        say(request, str(error), tone="bad")
    return redirect("directory:gap", request.agency.slug, run.pk)


@member_view(Role.MEMBER)
@require_POST
def gap_stop(request: AgencyRequest, pk: int) -> HttpResponse:
    """Stop a search, or go back to its files after a failure."""
    run = _run(request, pk)
    try:
        gaps.stop_run(run)
    except MoveError:
        say(request, "This search has ended.", tone="bad")
    return redirect("directory:gap", request.agency.slug, run.pk)


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def gap_delete(request: AgencyRequest, pk: int) -> HttpResponse:
    """Ask, then forget a search."""
    run = _run(request, pk)
    if request.method != "POST":
        return render(request, "directory/gap_delete.html", {"run": run})
    gaps.delete_run(run)
    say(request, "Search deleted. What was added to the register stays there.")
    return redirect("directory:gaps", request.agency.slug)


# What was found ----------------------------------------------------------------------------


def _back(request: AgencyRequest, run: GapRun) -> str:
    query = QueryDict(request.POST.get("query", "")[:1000])
    kept = _query({name: str(query[name]) for name in _FILTERS if query.get(name)})
    url = reverse("directory:gap", args=[request.agency.slug, run.pk])
    return f"{url}?{kept}" if kept else url


@member_view(Role.MEMBER)
@require_POST
def gap_bulk(request: AgencyRequest, pk: int) -> HttpResponse:
    """Put the chosen domains into the register, set them aside, or take that back."""
    run = _run(request, pk)
    rows = chosen_domains(run, request.POST)
    act = {"take": _take, "dismiss": _dismiss, "reopen": _reopen}.get(request.POST.get("do", ""))
    if act is None or not rows.exists():
        say(request, "Tick some domains, then choose what to do with them.", tone="bad")
    else:
        act(request, run, rows)
    return redirect(_back(request, run))


def _take(request: AgencyRequest, run: GapRun, rows: GapDomainQuerySet) -> None:
    made = gap_taking.take_domains(run, rows, actor=request.user)
    more = rows.filter(status=GapDomainStatus.OPEN).exists()
    left = f" At most {gap_taking.MOST_AT_ONCE:,} at once: choose again." if more else ""
    say(request, f"{_domains(made)} added to the register.{left}")


def _dismiss(request: AgencyRequest, run: GapRun, rows: GapDomainQuerySet) -> None:
    count = len(gap_taking.dismiss_domains(run, rows))
    say(request, f"{_domains(count)} dismissed. Find them under “Dismissed” to take it back.")


def _reopen(request: AgencyRequest, run: GapRun, rows: GapDomainQuerySet) -> None:
    say(request, f"{_domains(gap_taking.reopen_domains(run, rows))} open again.")


def _domains(count: int) -> str:
    return "1 domain" if count == 1 else f"{count:,} domains"


@member_view(Role.MEMBER)
@require_safe
def gap_export(request: AgencyRequest, pk: int) -> HttpResponseBase:
    """Download the domains the filters leave, as CSV that runs nothing in a spreadsheet."""
    run = _run(request, pk)
    rows = filtered_domains(run, request.GET.dict())
    return csv_response("gap.csv", _HEADER, _lines(rows))


def _lines(rows: GapDomainQuerySet) -> Iterator[Sequence[object]]:
    for row in rows.order_by("-score", "-id").iterator(chunk_size=2000):
        best = row.evidence[0] if row.evidence else {}
        yield [
            row.domain,
            row.score,
            row.rating or "",
            row.competitors_count,
            row.links,
            row.dofollow,
            " ".join(one["competitor"] for one in row.evidence),
            *(best.get(name, "") for name in ("url", "anchor", "target", "last_seen")),
            row.get_status_display(),
        ]
