"""Approval of a whole sequence, with previews on several of its leads."""

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Role
from accounts.roles import includes
from accounts.tenancy import AgencyRequest, member_view
from campaigns.enums import CampaignStatus, EnrolmentStatus
from campaigns.forms.review import NoteForm
from campaigns.models import Campaign, Enrolment
from campaigns.services import moves
from campaigns.services.drafting import Drafting
from campaigns.views.lookup import campaign_or_404
from foundation.choices import MoveError
from foundation.pages import after_post, render_page, say
from mailer.wire import closing_of

PREVIEWS = 5


@require_safe
@member_view()
def sequence(request: AgencyRequest, slug: str) -> HttpResponse:
    """Show a sequence as several leads would get it, to approve or return."""
    campaign = campaign_or_404(request, slug)
    people = _people(campaign)
    asked = request.GET.get("lead", "")
    person = next((one for one in people if str(one.pk) == asked), next(iter(people), None))
    context = {
        "campaign": campaign,
        "people": people,
        "person": person,
        "emails": _emails(campaign, person) if person else [],
        "note": NoteForm(),
        "waiting": campaign.status == CampaignStatus.IN_REVIEW,
        "may_approve": includes(request.membership.role, Role.MANAGER),
    }
    return render_page(
        request,
        "campaigns/approval_sequence.html",
        "campaigns/_approval_sequence.html",
        context,
    )


def _people(campaign: Campaign) -> list[Enrolment]:
    rows = campaign.enrolments.exclude(status=EnrolmentStatus.FINISHED)
    return list(rows.select_related("lead", "mailbox").order_by("pk")[:PREVIEWS])


def _emails(
    campaign: Campaign, person: Enrolment, *, marked: bool = False
) -> list[dict[str, object]]:
    drafting = Drafting(campaign)
    person.campaign = campaign
    mailbox = person.mailbox or next(iter(drafting.mailboxes.values()), None)
    found = []
    for step in drafting.steps:
        email = drafting.new_email(person, step)
        rendered = drafting.render(email, mailbox, marked=marked)
        closing = closing_of(mailbox, rendered.text) if mailbox else ""
        found.append(
            {
                "step": step,
                "order": step.order,
                "email": email,
                "rendered": rendered,
                "closing": closing,
            }
        )
    return found


@require_safe
@xframe_options_sameorigin
@csp({"default-src": [NONE], "style-src": [SELF], "frame-ancestors": [SELF]})
@member_view()
def sequence_preview(request: AgencyRequest, slug: str, order: int, pk: int) -> HttpResponse:
    """Show one step as one enrolled lead would get it, for a frame of the page."""
    campaign = campaign_or_404(request, slug)
    person = next((one for one in _people(campaign) if one.pk == pk), None)
    if person is None:
        raise Http404
    for one in _emails(campaign, person, marked=True):
        if one["order"] == order:
            return render(request, "campaigns/approval_preview.html", one)
    raise Http404


@require_POST
@member_view(Role.MANAGER)
def sequence_approve(request: AgencyRequest, slug: str) -> HttpResponse:
    """Approve a sequence; its author may launch it."""
    campaign = campaign_or_404(request, slug)
    try:
        moves.approve(campaign, actor=request.user)
    except (MoveError, moves.CampaignMoveError) as error:
        say(request, str(error), tone="bad")
    else:
        say(request, f"Approved “{campaign}”. It can be launched now.")
    return after_post(request, reverse("campaigns:approvals", args=[request.agency.slug]))


@require_POST
@member_view(Role.MANAGER)
def sequence_return(request: AgencyRequest, slug: str) -> HttpResponse:
    """Return a sequence to its author with a note."""
    campaign = campaign_or_404(request, slug)
    form = NoteForm(request.POST)
    back = reverse("campaigns:approval_sequence", args=[request.agency.slug, slug])
    if not form.is_valid():
        say(request, "Say what should change, so that the author knows.", tone="bad")
        return after_post(request, back)
    try:
        moves.return_to_draft(campaign, actor=request.user, note=form.cleaned_data["note"])
    except (MoveError, moves.CampaignMoveError) as error:
        say(request, str(error), tone="bad")
        return after_post(request, back)
    say(request, f"Returned “{campaign}” to its author.")
    return after_post(request, reverse("campaigns:approvals", args=[request.agency.slug]))
