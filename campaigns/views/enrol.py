"""Enrolling leads: from a list, a saved view or a file; and what came of it."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Role
from accounts.roles import includes
from accounts.tenancy import AgencyRequest, member_view
from campaigns.enums import RunStatus, SkipReason
from campaigns.forms.enrol import EnrolFileForm, EnrolForm, OverrideForm
from campaigns.models import Campaign, EnrolmentRun
from campaigns.services.enrolment import CLOSED, EnrolError, enrol_from, skip_counts
from campaigns.views.lookup import campaign_or_404, ticked_ids
from foundation.exports import csv_response
from foundation.pages import render_page, say
from foundation.paging import counted, keyset_page
from leads.models import Lead, SavedView
from leads.selectors import filtered_leads
from leads.services.imports import ImportRefusedError, create_import

# Parameters of the request that are not filters of the lead list.
_OURS = (
    "do",
    "field_name",
    "field_value",
    "campaign",
    "ids",
    "scope",
    "query",
    "action",
    "cursor",
    "peek",
    "csrfmiddlewaretoken",
)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view()
def enrol(request: AgencyRequest) -> HttpResponse:
    """Ask which campaign the chosen leads join, then enrol them."""
    data = request.POST if request.method == "POST" else request.GET
    source = _source(request)
    asked = "campaign" in data
    form = EnrolForm(data if asked else None, agency=request.agency)
    if request.method == "POST" and asked and form.is_valid():
        return _start(request, form.cleaned_data["campaign"], source)
    leads = _chosen(request, source)
    total, more = counted(leads)
    context = {
        "form": form,
        "source": source,
        "total": total,
        "more": more,
        "sample": leads.order_by("-pk")[:5],
        "campaigns": form.fields["campaign"].queryset.exists(),  # type: ignore[attr-defined]
    }
    page = "campaigns/enrol_choice.html"
    return render_page(request, page, page, context, status=422 if asked and form.errors else 200)


def _source(request: AgencyRequest) -> dict[str, Any]:
    """Read who was chosen: keys that were ticked, or every lead that matches a query.

    Nothing ticked chooses nobody; only `scope=all` without filters means every lead.
    """
    posted = request.method == "POST"
    data = request.POST if posted else request.GET
    if data.get("scope") == "all" and "query" in data:
        return {"query": data["query"][:1000]}
    filters = data.copy()
    for name in _OURS:
        filters.pop(name, None)
    if data.get("scope") == "all" or (filters and not posted and not data.getlist("ids")):
        return {"query": filters.urlencode()[:1000]}
    return {"ids": ticked_ids(data)}


def _chosen(request: AgencyRequest, source: dict[str, Any]) -> Any:
    if "ids" in source:
        return Lead.objects.for_agency(request.agency).filter(pk__in=source["ids"])
    return filtered_leads(request.agency, QueryDict(source["query"]))


def _start(
    request: AgencyRequest, campaign: Campaign, source: dict[str, Any], reason: str = ""
) -> HttpResponse:
    try:
        run = enrol_from(
            campaign=_loaded(request, campaign),
            actor=request.user,
            source=source,
            override_reason=reason,
        )
    except EnrolError as error:
        say(request, str(error), tone="bad")
        return redirect("campaigns:leads", request.agency.slug, campaign.slug)
    return redirect("campaigns:run", request.agency.slug, campaign.slug, run.pk)


def _loaded(request: AgencyRequest, campaign: Campaign) -> Campaign:
    campaign.agency = request.agency
    return campaign


@require_http_methods(["GET", "HEAD", "POST"])
@member_view()
def enrol_into(request: AgencyRequest, slug: str) -> HttpResponse:
    """Offer a campaign's three ways in: a saved view, the lead list, a file."""
    campaign = campaign_or_404(request, slug)
    views = SavedView.objects.for_agency(request.agency).filter(page="leads", shared=True)
    view = views.filter(pk=_key(request)).first()
    query = view.query if view else ""
    if request.method == "POST":
        return _start(request, campaign, {"query": query})
    total, more = counted(filtered_leads(request.agency, QueryDict(query)))
    context = {
        "campaign": campaign,
        "tab": "leads",
        "closed": campaign.status in CLOSED,
        "views": views,
        "view": view,
        "total": total,
        "more": more,
        "file_form": EnrolFileForm(),
    }
    return render_page(
        request, "campaigns/enrol_into.html", "campaigns/_enrol_preview.html", context
    )


def _key(request: AgencyRequest) -> int:
    data = request.POST if request.method == "POST" else request.GET
    key = data.get("view", "")
    return int(key) if key.isdecimal() else 0


@require_POST
@member_view()
def enrol_file(request: AgencyRequest, slug: str) -> HttpResponse:
    """Take a spreadsheet in; once it is imported its leads are enrolled."""
    campaign = campaign_or_404(request, slug)
    form = EnrolFileForm(request.POST, request.FILES)
    if not form.is_valid():
        say(request, "; ".join(str(e) for e in form.errors["file"]), tone="bad")
        return redirect("campaigns:enrol_into", request.agency.slug, slug)
    file = form.cleaned_data["file"]
    try:
        lead_import = create_import(
            agency=request.agency,
            file=file,
            filename=file.name,
            actor=request.user,
            client=campaign.client,
            options={"campaign_id": campaign.pk},
        )
    except ImportRefusedError as error:
        say(request, str(error), tone="bad")
        return redirect("campaigns:enrol_into", request.agency.slug, slug)
    return redirect("leads:import_columns", request.agency.slug, lead_import.pk)


@require_safe
@member_view()
def run(request: AgencyRequest, slug: str, pk: int) -> HttpResponse:
    """Show how an enrolment goes, and whom it left out."""
    campaign = campaign_or_404(request, slug)
    found = get_object_or_404(
        EnrolmentRun.objects.for_agency(request.agency), campaign=campaign, pk=pk
    )
    counts = skip_counts(found)
    reason = request.GET.get("reason", "")
    skips = found.skips.select_related("lead").filter(
        **({"reason": reason} if reason in SkipReason.values else {})
    )
    context = {
        "campaign": campaign,
        "tab": "leads",
        "run": found,
        "running": found.status in (RunStatus.QUEUED, RunStatus.RUNNING),
        "counts": [(one, number) for one, number in counts.items()],
        "left_out": sum(counts.values()),
        "cooldown": counts.get(SkipReason.COOLDOWN, 0),
        "reason": reason,
        "page": keyset_page(skips, order=["pk"], cursor=request.GET.get("cursor", "")),
        "override": OverrideForm(),
        "may_override": includes(request.membership.role, Role.MANAGER),
    }
    return render_page(request, "campaigns/enrol_run.html", "campaigns/_enrol_run.html", context)


@require_POST
@member_view(Role.MANAGER)
def override(request: AgencyRequest, slug: str, pk: int) -> HttpResponse:
    """Enrol those left out by the cooldown after all, with a manager's reason."""
    campaign = campaign_or_404(request, slug)
    found = get_object_or_404(
        EnrolmentRun.objects.for_agency(request.agency), campaign=campaign, pk=pk
    )
    form = OverrideForm(request.POST)
    if not form.is_valid():
        say(request, "Give the reason in at least five characters.", tone="bad")
        return redirect("campaigns:run", request.agency.slug, slug, pk)
    source = {"run": found.pk, "reason": SkipReason.COOLDOWN.value}
    return _start(request, campaign, source, form.cleaned_data["override_reason"])


@require_safe
@member_view()
def skipped_csv(request: AgencyRequest, slug: str, pk: int) -> Any:
    """Download whom an enrolment left out, and why."""
    campaign = campaign_or_404(request, slug)
    found = get_object_or_404(
        EnrolmentRun.objects.for_agency(request.agency), campaign=campaign, pk=pk
    )
    rows = found.skips.select_related("lead").order_by("pk").iterator(chunk_size=2000)
    return csv_response(
        f"{campaign.slug}-left-out.csv",
        ("E-mail", "Name", "Company", "Site", "Reason", "Detail"),
        (
            (
                skip.lead.email,
                skip.lead.full_name,
                skip.lead.company,
                skip.lead.domain,
                skip.get_reason_display(),
                skip.detail,
            )
            for skip in rows
        ),
    )
