"""Acts on many leads at once."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Role
from accounts.tenancy import AgencyQuerySet, AgencyRequest, member_view
from foundation.choices import MoveError
from foundation.pages import render_page, say
from leads.enums import BulkAction, BulkStatus
from leads.models import BulkJob, Lead
from leads.selectors.filters import canonical_query, filtered_leads, params_of
from leads.services.bulk import BulkRefusedError, start_bulk, undo_bulk
from leads.views.listing import export_response

_TYPED_FROM = 1000
_CONFIRMED = {BulkAction.SUPPRESS, BulkAction.DELETE}
_MOST_TICKED = 500


@member_view(Role.MEMBER)
@require_POST
def bulk(request: AgencyRequest) -> HttpResponseBase:
    """Do something to the ticked leads, or to all that match the list's filters."""
    action, _, value = request.POST.get("do", "").partition(":")
    if action == "export":
        return export_response(_chosen(request))
    if action == BulkAction.FIELD:
        name, text = request.POST.get("field_name", ""), request.POST.get("field_value", "")
        value = f"{name}={text}"
    if action not in BulkAction.values or not _chosen(request).exists():
        say(request, "Tick some leads, then choose what to do with them.", tone="bad")
        return redirect(_back(request))
    if action in _CONFIRMED and not request.POST.get("confirmed"):
        return _ask(request, BulkAction(action))
    return _do(request, BulkAction(action), value)


def _chosen(request: AgencyRequest) -> AgencyQuerySet[Lead]:
    if request.POST.get("scope") == "all":
        return filtered_leads(request.agency, params_of(request.POST.get("query", "")))
    return Lead.objects.for_agency(request.agency).filter(pk__in=_ticked(request))


def _ticked(request: AgencyRequest) -> list[int]:
    ids = request.POST.getlist("ids")[:_MOST_TICKED]
    return [int(pk) for pk in ids if pk.isdecimal() and len(pk) < 19]  # noqa: PLR2004  # bigint


def _back(request: AgencyRequest) -> str:
    url = reverse("leads:list", args=[request.agency.slug])
    query = canonical_query(params_of(request.POST.get("query", "")))
    return f"{url}?{query}" if query else url


def _ask(request: AgencyRequest, action: BulkAction, error: str = "") -> HttpResponse:
    """Ask once more before what cannot be taken back."""
    count = _chosen(request).count()
    context = {
        "action": action,
        "count": count,
        "typed": action == BulkAction.DELETE and count > _TYPED_FROM,
        "ids": _ticked(request),
        "scope": request.POST.get("scope", ""),
        "query": request.POST.get("query", ""),
        "back": _back(request),
        "error": error,
    }
    return render(request, "leads/bulk_confirm.html", context, status=422 if error else 200)


def _do(request: AgencyRequest, action: BulkAction, value: str) -> HttpResponse:
    if action == BulkAction.DELETE:
        refused = _refusal(request)
        if refused:
            return _ask(request, action, refused)
    all_matching = request.POST.get("scope") == "all"
    try:
        job = start_bulk(
            agency=request.agency,
            action=action,
            value=value,
            lead_ids=_ticked(request),
            query=canonical_query(params_of(request.POST.get("query", "")))
            if all_matching
            else None,
            actor=request.user,
        )
    except BulkRefusedError as error:
        say(request, str(error), tone="bad")
        return redirect(_back(request))
    if job.status != BulkStatus.FINISHED:
        return redirect("leads:job", request.agency.slug, job.pk)
    undo = reverse("leads:job_undo", args=[request.agency.slug, job.pk]) if job.before else ""
    say(request, f"{job.get_action_display()}: {_leads(job.changed)}.", undo=undo)
    return redirect(_back(request))


def _refusal(request: AgencyRequest) -> str:
    if request.membership.role not in {Role.MANAGER, Role.OWNER}:
        return "Only a manager may delete leads."
    count = _chosen(request).count()
    typed = request.POST.get("typed", "").replace(",", "").replace(" ", "")
    if count > _TYPED_FROM and typed != str(count):
        return f"Type {count} to delete that many leads."
    return ""


def _leads(count: int) -> str:
    return "1 lead" if count == 1 else f"{count:,} leads"


@member_view(Role.MEMBER)
@require_safe
def job(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show how far an act on many leads has come."""
    row = get_object_or_404(BulkJob.objects.for_agency(request.agency), pk=pk)
    running = row.status in {BulkStatus.QUEUED, BulkStatus.RUNNING}
    context = {"job": row, "running": running}
    return render_page(request, "leads/bulk_job.html", "leads/_bulk_progress.html", context)


@member_view(Role.MEMBER)
@require_POST
def job_undo(request: AgencyRequest, pk: int) -> HttpResponse:
    """Put back what an act on many leads changed."""
    row = get_object_or_404(BulkJob.objects.for_agency(request.agency), pk=pk)
    try:
        undone = undo_bulk(row)
    except MoveError:
        say(request, "This can no longer be undone.", tone="bad")
    else:
        say(request, f"Undone: {_leads(undone)}.")
    to = reverse("leads:list", args=[request.agency.slug])
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": to})
    return redirect(to)
