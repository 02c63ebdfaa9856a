"""The review queue: one e-mail at a time, or a whole sequence."""

from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Role
from accounts.roles import includes
from accounts.tenancy import AgencyRequest, member_view
from campaigns.enums import Review
from campaigns.forms.review import EditEmailForm, SkipForm
from campaigns.models import Campaign, StepEmail
from campaigns.selectors import approvals
from campaigns.services import review
from campaigns.services.drafting import Drafting
from foundation.pages import after_post, render_page, say
from mailer.wire import closing_of


def _scope(request: AgencyRequest) -> dict[str, Any]:
    """Read which part of the queue is worked: a campaign or all, and which tab."""
    data = request.POST if request.method == "POST" else request.GET
    slug, show = data.get("campaign", ""), data.get("show", "")
    campaign = (
        get_object_or_404(Campaign.objects.for_agency(request.agency), slug=slug) if slug else None
    )
    return {"campaign": campaign, "show": show if show in approvals.SHOWS else "waiting"}


def _context(
    request: AgencyRequest, scope: dict[str, Any], current: StepEmail | None
) -> dict[str, Any]:
    rows = approvals.emails_to_review(request.agency, scope["campaign"])
    start = current.pk if current else 0
    listed = approvals.shown(rows, scope["show"])
    lines = approvals.queue(listed, request.agency, start) or approvals.queue(
        listed, request.agency
    )
    current = current or next((line.email for line in lines), None)
    query = "&".join(
        f"{name}={value}"
        for name, value in (
            ("campaign", scope["campaign"].slug if scope["campaign"] else ""),
            ("show", scope["show"] if scope["show"] != "waiting" else ""),
        )
        if value
    )
    return {
        **scope,
        "query": query,
        "queue": lines,
        "sequences": approvals.campaigns_in_review(request.agency)[:50],
        "progress": approvals.progress(rows),
        "may_approve": includes(request.membership.role, Role.MANAGER),
        **(_facts(request, current) if current else {"current": None}),
    }


def _facts(request: AgencyRequest, email: StepEmail) -> dict[str, Any]:
    """Return one e-mail as the reviewer sees it."""
    email.campaign.agency = request.agency
    email.enrolment.campaign = email.campaign
    drafting = Drafting(email.campaign)
    rendered = drafting.render(email, email.enrolment.mailbox)
    lines = approvals.checks(email, request.agency)
    return {
        "current": email,
        "rendered": rendered,
        "checks": lines,
        "passed": sum(1 for line in lines if line.tone == "ok"),
        "steps": drafting.steps,
        "words": len(rendered.text.split()),
    }


def _email(request: AgencyRequest, pk: int) -> StepEmail:
    rows = StepEmail.objects.for_agency(request.agency).select_related(
        "enrolment__lead__client",
        "enrolment__mailbox",
        "campaign__client",
        "campaign__owner",
        "step",
        "variant",
        "reviewed_by",
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
@member_view()
def queue(request: AgencyRequest) -> HttpResponse:
    """Show the queue and its first e-mail."""
    context = _context(request, _scope(request), None)
    page = "campaigns/approval_queue.html"
    return render_page(request, page, page, context | {"explicit": False})


@require_safe
@member_view()
def email(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show one e-mail of the queue."""
    context = _context(request, _scope(request), _email(request, pk))
    return render_page(
        request,
        "campaigns/approval_queue.html",
        "campaigns/_approval.html",
        context | {"explicit": True},
    )


@require_safe
@xframe_options_sameorigin
@csp({"default-src": [NONE], "style-src": [SELF], "frame-ancestors": [SELF]})
@member_view()
def preview(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show an e-mail as the recipient sees it, for the frame of the page."""
    found = _email(request, pk)
    found.campaign.agency = request.agency
    mailbox = found.enrolment.mailbox
    rendered = Drafting(found.campaign).render(found, mailbox, marked=True)
    closing = closing_of(mailbox, rendered.text) if mailbox else ""
    context = {"rendered": rendered, "closing": closing}
    return render(request, "campaigns/approval_preview.html", context)


def _next(request: AgencyRequest, scope: dict[str, Any], pk: int) -> HttpResponse:
    """Answer a decision: the e-mail after it, with the queue and the counters."""
    rows = approvals.shown(
        approvals.emails_to_review(request.agency, scope["campaign"]), scope["show"]
    ).filter(review=Review.DRAFTED)
    keys = rows.order_by("pk").values_list("pk", flat=True)
    following = keys.filter(pk__gt=pk).first() or keys.first()
    context = _context(request, scope, _email(request, following) if following else None)
    slug = request.agency.slug
    to = (
        reverse("campaigns:approval", args=[slug, following])
        if following
        else reverse("campaigns:approvals", args=[slug])
    )
    to = f"{to}?{context['query']}" if context["query"] else to
    return after_post(request, to, partial="campaigns/_approval_swap.html", context=context, url=to)


@require_POST
@member_view(Role.MANAGER)
def approve(request: AgencyRequest, pk: int) -> HttpResponse:
    """Approve one e-mail and show the next."""
    found = _email(request, pk)
    rows = StepEmail.objects.for_agency(request.agency).filter(pk=found.pk)
    undo = reverse("campaigns:approval_reopen", args=[request.agency.slug, pk])
    if review.approve_emails(rows, agency=request.agency, actor=request.user):
        say(request, f"Approved the e-mail to {found.enrolment.lead}.", undo=undo)
    elif found.unresolved:
        say(
            request,
            f"Not approved: {', '.join(found.unresolved)} is missing. Edit the e-mail or the lead.",
            tone="bad",
        )
    else:
        say(request, "Someone else decided this e-mail meanwhile.", tone="warn")
    return _next(request, _scope(request), pk if not found.unresolved else pk - 1)


@require_POST
@member_view(Role.MANAGER)
def skip(request: AgencyRequest, pk: int) -> HttpResponse:
    """Leave one e-mail out and show the next."""
    found = _email(request, pk)
    form = SkipForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        review.skip_email(found, actor=request.user, reason=reason)
    except review.ReviewError as error:
        say(request, str(error), tone="bad")
    else:
        undo = reverse("campaigns:approval_reopen", args=[request.agency.slug, pk])
        say(request, f"Skipped the e-mail to {found.enrolment.lead}.", tone="", undo=undo)
    return _next(request, _scope(request), pk)


@require_POST
@member_view(Role.MANAGER)
def reopen(request: AgencyRequest, pk: int) -> HttpResponse:
    """Take a decision back."""
    found = _email(request, pk)
    try:
        review.reopen_email(found, actor=request.user)
    except review.ReviewError as error:
        say(request, str(error), tone="bad")
    return after_post(request, reverse("campaigns:approval", args=[request.agency.slug, pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@member_view()
def edit(request: AgencyRequest, pk: int) -> HttpResponse:
    """Change the wording of one e-mail."""
    found = _email(request, pk)
    found.campaign.agency = request.agency
    start = {
        "subject": found.subject if found.edited else found.variant.subject,
        "body": found.body if found.edited else found.variant.body,
    }
    form = EditEmailForm(request.POST or None, initial=start)
    back = reverse("campaigns:approval", args=[request.agency.slug, pk])
    if request.method == "POST" and form.is_valid():
        try:
            review.edit_email(found, actor=request.user, **form.cleaned_data)
        except review.ReviewError as error:
            say(request, str(error), tone="bad")
        else:
            say(request, "Saved. Read it once more, then approve it.")
        return after_post(request, back)
    context = {"email": found, "form": form, "back": back}
    return render_page(
        request,
        "campaigns/approval_edit.html",
        "campaigns/_approval_edit.html",
        context,
        status=422 if form.errors else 200,
    )


@require_POST
@member_view(Role.MANAGER)
def approve_clean(request: AgencyRequest) -> HttpResponse:
    """Approve every e-mail of the queue that has no hole."""
    scope = _scope(request)
    rows = approvals.emails_to_review(request.agency, scope["campaign"])
    number = review.approve_emails(rows, agency=request.agency, actor=request.user)
    left = approvals.progress(rows).left
    rest = f" {left:,} with holes stay in the queue." if left else ""
    say(request, f"Approved {number:,} e-mails.{rest}")
    return after_post(request, reverse("campaigns:approvals", args=[request.agency.slug]))
