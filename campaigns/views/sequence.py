"""The sequence designer."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from campaigns.forms.sequence import EmailForm
from campaigns.models import Campaign, EmailTemplate, SequenceStep, StepVariant
from campaigns.selectors.library import lead_of, sample_leads, templates_of
from campaigns.selectors.previews import Preview, preview_of, variable_groups
from campaigns.selectors.sample import DESIGN_SAMPLE, holes_in, open_leads
from campaigns.selectors.sequence import Place, place_in
from campaigns.selectors.sources import Tracked
from campaigns.services import content
from campaigns.services.content import ContentConflictError, ContentError, digest_of
from campaigns.views.settings import said_after
from foundation.pages import say

SHOWN_TEMPLATES = 100


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def sequence(request: AgencyRequest, slug: str) -> HttpResponse:
    """Show one e-mail of the sequence with its preview, and save it."""
    campaign = _campaign(request, slug)
    place = place_in(campaign, request.GET.get("step", ""), request.GET.get("variant", ""))
    if place is None:
        context = {"campaign": campaign, "tab": "sequence"}
        return render(request, "campaigns/sequence_empty.html", context)
    if request.method == "POST" and "preview" not in request.POST:
        return _save(request, campaign, place)
    form = EmailForm(request.POST or None, variant=place.variant, **_from_template(request, place))
    return _page(request, campaign, place, form)


def _save(request: AgencyRequest, campaign: Campaign, place: Place) -> HttpResponse:
    form = EmailForm(request.POST, variant=place.variant)
    before = campaign.status
    if not form.is_valid():
        return _page(request, campaign, place, form, status=422)
    try:
        saved = content.save_email(
            place.variant,
            fields=form.cleaned_data,
            seen=request.POST.get("seen", ""),
            actor=request.user,
        )
    except ContentConflictError as conflict:
        campaign = _campaign(request, campaign.slug)
        return _page(request, campaign, place, form, conflict=conflict.variant, status=409)
    except ContentError as error:
        form.add_error(None, str(error))
        return _page(request, _campaign(request, campaign.slug), place, form, status=422)
    said = f"Step {saved.step.order}{saved.label} saved."
    say(request, said_after(_campaign(request, campaign.slug), before, said))
    return redirect(_url(request, campaign, saved.step.order, saved.label))


def _page(
    request: AgencyRequest,
    campaign: Campaign,
    place: Place,
    form: EmailForm,
    *,
    conflict: StepVariant | None = None,
    status: int = 200,
) -> HttpResponse:
    leads = _leads(request, campaign)
    lead_key = request.POST.get("lead", "") or request.GET.get("lead", "")
    subject, body = form.text
    lead = lead_of(request.agency, lead_key, leads)
    context = {
        "campaign": campaign,
        "tab": "sequence",
        "place": place,
        "form": form,
        "seen": digest_of(conflict or place.variant),
        "conflict": conflict,
        "is_unsaved": form.is_bound or "template" in request.GET,
        "leads": leads,
        "lead_q": request.POST.get("lead_q", "")[:100],
        "preview": _preview(campaign, place, subject, body, lead),
        "holes": _holes(campaign, subject, body),
        "variable_groups": variable_groups(request.agency),
        "templates": templates_of(request.agency)[:SHOWN_TEMPLATES],
    }
    return render(request, "campaigns/sequence_designer.html", context, status=status)


@member_view(Role.MEMBER)
@require_POST
def sequence_preview(request: AgencyRequest, slug: str) -> HttpResponse:
    """Show what is being written as a lead would get it; nothing is kept."""
    campaign = _campaign(request, slug)
    place = place_in(campaign, request.GET.get("step", ""), request.GET.get("variant", ""))
    if place is None:
        return HttpResponse(status=204)
    subject, body = request.POST.get("subject", "")[:2000], request.POST.get("body", "")
    if request.POST.get("thread_mode"):
        place.step.thread_mode = request.POST["thread_mode"]
    lead = lead_of(request.agency, request.POST.get("lead", ""), _leads(request, campaign))
    context = {
        "campaign": campaign,
        "place": place,
        "preview": _preview(campaign, place, subject, body, lead),
        "holes": _holes(campaign, subject, body),
    }
    return render(request, "campaigns/_mail_preview.html", context)


def _leads(request: AgencyRequest, campaign: Campaign) -> list[Any]:
    search = request.POST.get("lead_q", "")
    return sample_leads(request.agency, search=search, campaign_id=campaign.pk)


def _preview(campaign: Campaign, place: Place, subject: str, body: str, lead: Any) -> Preview:
    return preview_of(
        place.thread_subject if place.answers else subject,
        body,
        agency=campaign.agency,
        lead=lead,
        client=campaign.client,
        mailbox=campaign.mailboxes.first(),
        user=campaign.owner,
        answers=place.answers,
        tracked=Tracked(campaign.track_opens, campaign.track_clicks),
    )


def _holes(campaign: Campaign, subject: str, body: str) -> Any:
    leads = open_leads(campaign, DESIGN_SAMPLE)
    return holes_in(campaign, [(subject, body)], leads) if leads else None


def _from_template(request: AgencyRequest, place: Place) -> dict[str, Any]:
    """Begin with a template of the library, unsaved, where the URL names one."""
    key = request.GET.get("template", "")
    if request.method == "POST" or not key.isdecimal():
        return {}
    template = EmailTemplate.objects.for_agency(request.agency).filter(pk=key).first()
    if template is None:
        return {}
    form = EmailForm(variant=place.variant)
    subject = template.subject or form.initial["subject"]
    return {"initial": {**form.initial, "subject": subject, "body": template.body}}


@member_view(Role.MEMBER)
@require_POST
def step_add(request: AgencyRequest, slug: str) -> HttpResponse:
    """Add a follow-up at the end."""
    campaign = _campaign(request, slug)
    return _changed(
        request, campaign, lambda: content.add_step(campaign, actor=request.user), "Step added."
    )


@member_view(Role.MEMBER)
@require_POST
def step_move(request: AgencyRequest, slug: str, pk: int, way: str) -> HttpResponse:
    """Move a step up or down."""
    step = _step(request, slug, pk)
    by = -1 if way == "up" else 1
    return _changed(
        request,
        step.campaign,
        lambda: content.move_step(step, by=by, actor=request.user),
        "Step moved.",
    )


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def step_remove(request: AgencyRequest, slug: str, pk: int) -> HttpResponse:
    """Ask, then take a step out."""
    step = _step(request, slug, pk)
    if request.method == "POST":
        return _changed(
            request,
            step.campaign,
            lambda: content.remove_step(step, actor=request.user),
            f"Step {step.order} removed.",
        )
    return _ask(request, step, None)


@member_view(Role.MEMBER)
@require_POST
def variant_add(request: AgencyRequest, slug: str, pk: int) -> HttpResponse:
    """Add a wording to a step."""
    step = _step(request, slug, pk)
    return _changed(
        request,
        step.campaign,
        lambda: content.add_variant(step, actor=request.user),
        "Variant added, as a copy of the first. Change one thing in it.",
    )


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def variant_remove(request: AgencyRequest, slug: str, pk: int) -> HttpResponse:
    """Ask, then take a wording out."""
    rows = StepVariant.objects.for_agency(request.agency).select_related("step__campaign__agency")
    variant = get_object_or_404(rows, pk=pk, step__campaign__slug=slug)
    if request.method == "POST":
        return _changed(
            request,
            variant.step.campaign,
            lambda: content.remove_variant(variant, actor=request.user),
            f"Variant {variant.label} removed.",
            step=variant.step.order,
        )
    return _ask(request, variant.step, variant)


def _ask(request: AgencyRequest, step: SequenceStep, variant: StepVariant | None) -> HttpResponse:
    context = {"campaign": step.campaign, "tab": "sequence", "step": step, "variant": variant}
    return render(request, "campaigns/sequence_remove.html", context)


def _changed(
    request: AgencyRequest, campaign: Campaign, change: Any, said: str, *, step: int = 0
) -> HttpResponse:
    """Make a change to the sequence, say what came of it, and show where it happened."""
    before = campaign.status
    label = ""
    try:
        made = change()
    except ContentError as error:
        say(request, str(error), tone="bad")
    else:
        if isinstance(made, SequenceStep):
            step = made.order
        elif isinstance(made, StepVariant):
            step, label = made.step.order, made.label
        say(request, said_after(_campaign(request, campaign.slug), before, said))
    return redirect(_url(request, campaign, step or 1, label))


def _url(request: AgencyRequest, campaign: Campaign, step: int, label: str = "") -> str:
    base = reverse("campaigns:sequence", args=[request.agency.slug, campaign.slug])
    return f"{base}?step={step}" + (f"&variant={label}" if label else "")


def _campaign(request: AgencyRequest, slug: str) -> Campaign:
    rows = Campaign.objects.for_agency(request.agency).select_related("agency", "client", "owner")
    return get_object_or_404(rows, slug=slug)


def _step(request: AgencyRequest, slug: str, pk: int) -> SequenceStep:
    rows = SequenceStep.objects.for_agency(request.agency).select_related("campaign__agency")
    return get_object_or_404(rows, pk=pk, campaign__slug=slug)
