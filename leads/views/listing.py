"""The list of leads, its export and its saved views."""

from collections.abc import Iterator, Sequence

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Role
from accounts.tenancy import AgencyQuerySet, AgencyRequest, member_view
from foundation.exports import csv_response
from foundation.pages import render_page, say
from leads.forms import ViewForm
from leads.models import Lead, SavedView
from leads.selectors.filters import canonical_query, filtered_leads, params_of
from leads.selectors.listing import listing
from leads.views.detail import lead_context

EXPORTED = (
    "email",
    "first_name",
    "last_name",
    "job_title",
    "company",
    "website",
    "domain",
    "phone",
    "linkedin",
    "city",
    "region",
    "country",
    "time_zone",
    "status",
    "verification",
    "domain_rating",
    "score",
    "tier",
    "client__name",
    "owner__email",
    "created_at",
    "last_contacted_at",
)


@member_view(Role.MEMBER)
@require_safe
def lead_list(request: AgencyRequest) -> HttpResponse:
    """Show the agency's leads, filtered and sorted as the URL says."""
    context = {
        "listing": listing(request.agency, request.GET, request.user),
        "is_manager": request.membership.role in {Role.MANAGER, Role.OWNER},
        **_peeked(request),
    }
    return render_page(request, "leads/lead_list.html", "leads/_lead_table.html", context)


def _peeked(request: AgencyRequest) -> dict[str, object]:
    """The lead whose drawer is open in the URL, if it is one of ours."""
    peek = request.GET.get("peek", "")
    lead = None
    if peek.isdecimal() and len(peek) < 19:  # noqa: PLR2004  # what a bigint holds
        rows = Lead.objects.for_agency(request.agency).select_related("client", "owner", "batch")
        lead = rows.filter(pk=peek).first()
    return lead_context(lead) if lead else {}


@member_view(Role.MEMBER)
@require_safe
def lead_export(request: AgencyRequest) -> HttpResponseBase:
    """Download the leads the filters leave, as CSV that runs nothing in a spreadsheet."""
    return export_response(filtered_leads(request.agency, request.GET))


def export_response(leads: AgencyQuerySet[Lead]) -> HttpResponseBase:
    """Return leads as a streamed CSV with a column for each custom field."""
    names = _custom_fields(leads)
    header = [name.replace("__", " ") for name in EXPORTED] + names
    return csv_response("leads.csv", header, _lines(leads, names))


def _custom_fields(leads: AgencyQuerySet[Lead]) -> list[str]:
    names: dict[str, None] = {}
    for custom in leads.exclude(custom={}).values_list("custom", flat=True)[:2000]:
        names |= dict.fromkeys(custom)
    return sorted(names)[:100]


def _lines(leads: AgencyQuerySet[Lead], names: Sequence[str]) -> Iterator[Sequence[object]]:
    rows = leads.order_by("pk").values_list(*EXPORTED, "custom")
    for *values, custom in rows.iterator(chunk_size=2000):
        yield [*values, *(custom.get(name, "") for name in names)]


@member_view(Role.MEMBER)
@require_POST
def view_save(request: AgencyRequest) -> HttpResponse:
    """Keep the list as it is under a name."""
    query = canonical_query(params_of(request.POST.get("query", "")))
    taken = SavedView.objects.for_agency(request.agency).filter(
        page="leads", name=request.POST.get("name", "").strip()
    )
    form = ViewForm({**request.POST.dict(), "query": query})
    if not form.is_valid() or taken.exists():
        say(request, "Give the view a name of its own, at most 60 letters long.", tone="bad")
        return redirect(_list_url(request, query))
    view = form.save(commit=False)
    view.agency, view.owner = request.agency, request.user
    view.save()
    say(request, f"View “{view.name}” saved.")
    return redirect(_list_url(request, view.query, view))


@member_view(Role.MEMBER)
@require_POST
def view_update(request: AgencyRequest, pk: int) -> HttpResponse:
    """Let a saved view be what the list shows now."""
    view = get_object_or_404(SavedView.objects.for_agency(request.agency), pk=pk)
    view.query = canonical_query(params_of(request.POST.get("query", "")))[:1000]
    view.save(update_fields=["query"])
    say(request, f"View “{view.name}” updated.")
    return redirect(_list_url(request, view.query, view))


@member_view(Role.MEMBER)
@require_POST
def view_delete(request: AgencyRequest, pk: int) -> HttpResponse:
    """Forget a saved view; its leads stay."""
    view = get_object_or_404(SavedView.objects.for_agency(request.agency), pk=pk)
    view.delete()
    say(request, f"View “{view.name}” deleted. Its leads are still here.")
    return redirect(_list_url(request, ""))


def _list_url(request: AgencyRequest, query: str, view: SavedView | None = None) -> str:
    parts = [f"view={view.pk}"] if view else []
    parts += [query] if query else []
    url = reverse("leads:list", args=[request.agency.slug])
    return f"{url}?{'&'.join(parts)}" if parts else url
