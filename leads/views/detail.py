"""One lead: drawer and page, changes by hand, notes."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from foundation.pages import after_post, render_page, say
from leads.enums import MOVES, LeadStatus
from leads.forms import LeadForm, NoteForm
from leads.models import Lead
from leads.selectors.people import colleagues, timeline
from leads.services.records import LeadRefusedError, add_note, change_lead, create_lead
from leads.services.status import move_leads


def _lead(request: AgencyRequest, pk: int) -> Lead:
    rows = Lead.objects.for_agency(request.agency).select_related("client", "owner", "batch")
    return get_object_or_404(rows, pk=pk)


def lead_context(lead: Lead) -> dict[str, Any]:
    """Return what drawer and page show of a lead."""
    return {
        "lead": lead,
        "events": timeline(lead),
        "colleagues": colleagues(lead),
        "moves": [(value, LeadStatus(value).label) for value in sorted(MOVES[lead.status])],
        "note_form": NoteForm(),
    }


@member_view(Role.MEMBER)
@require_safe
def lead_detail(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show everything known of a person and their site, across the agency's clients."""
    context = lead_context(_lead(request, pk))
    return render_page(request, "leads/lead_detail.html", "leads/_lead_drawer.html", context)


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def lead_new(request: AgencyRequest) -> HttpResponse:
    """Add one lead by hand."""
    form = LeadForm(request.POST or None, agency=request.agency)
    if request.method == "POST" and form.is_valid():
        try:
            lead = create_lead(agency=request.agency, values=form.cleaned_data, actor=request.user)
        except LeadRefusedError as error:
            form.add_error(error.field, str(error))
        else:
            say(request, f"{lead} added.")
            return redirect("leads:detail", request.agency.slug, lead.pk)
    context = {"form": form}
    return render(request, "leads/lead_form.html", context, status=422 if form.errors else 200)


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def lead_edit(request: AgencyRequest, pk: int) -> HttpResponse:
    """Change one lead by hand."""
    lead = _lead(request, pk)
    form = LeadForm(request.POST or None, instance=_lead(request, pk), agency=request.agency)
    if request.method == "POST" and form.is_valid():
        try:
            change_lead(lead=lead, values=form.cleaned_data, actor=request.user)
        except LeadRefusedError as error:
            form.add_error(error.field, str(error))
        else:
            say(request, f"{lead} saved.")
            return redirect("leads:detail", request.agency.slug, lead.pk)
    context = {"form": form, "lead": lead}
    return render(request, "leads/lead_form.html", context, status=422 if form.errors else 200)


@member_view(Role.MEMBER)
@require_POST
def lead_status(request: AgencyRequest, pk: int) -> HttpResponse:
    """Move one lead's status."""
    lead = _lead(request, pk)
    to = request.POST.get("status", "")
    moved = to in LeadStatus.values and move_leads(
        agency=request.agency, lead_ids=[lead.pk], to=to, actor=request.user
    )
    if moved:
        say(request, f"{lead}: {LeadStatus(to).label}.")
    else:
        say(request, f"{lead} cannot go from {lead.get_status_display()} there.", tone="bad")
    return _answer(request, lead.pk)


@member_view(Role.MEMBER)
@require_POST
def lead_note(request: AgencyRequest, pk: int) -> HttpResponse:
    """Add a note to one lead's timeline."""
    lead = _lead(request, pk)
    form = NoteForm(request.POST)
    if form.is_valid():
        add_note(lead=lead, text=form.cleaned_data["text"], actor=request.user)
        say(request, "Note added.")
    else:
        say(request, "Write a note of at most 300 letters.", tone="bad")
    return _answer(request, lead.pk)


def _answer(request: AgencyRequest, pk: int) -> HttpResponse:
    to = reverse("leads:detail", args=[request.agency.slug, pk])
    context = lead_context(_lead(request, pk))
    return after_post(request, to, partial="leads/_lead_saved.html", context=context)
