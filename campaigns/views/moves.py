"""Moving a campaign: each verb asks where it must, and acts by POST."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.enums import Role
from accounts.roles import includes
from accounts.tenancy import AgencyRequest, member_view
from campaigns.models import Campaign
from campaigns.selectors.checks import campaign_checks, campaign_zone, first_opening
from campaigns.selectors.content_checks import content_checks
from campaigns.selectors.header import VERB_OF, Verb
from campaigns.selectors.sample import REVIEW_SAMPLE, exclusions, open_leads
from campaigns.services import closing, launching, moves, submission
from compliance.windows import WindowError
from foundation.choices import MoveError
from foundation.pages import after_post, render_page, say

_ACTS: dict[str, Callable[..., None]] = {
    "submit": submission.submit_for_review,
    "approve": moves.approve,
    "return": moves.return_to_draft,
    "launch": launching.launch,
    "pause": moves.pause,
    "resume": moves.resume,
    "complete": closing.close_campaign,
    "reopen": moves.reopen,
    "archive": moves.archive,
    "unarchive": moves.unarchive,
}
_DONE = {
    "submit": "Submitted for review.",
    "approve": "Approved. It can be launched now.",
    "return": "Back with its writers.",
    "launch": "Launched. E-mails go out in the next window.",
    "pause": "Paused. Nothing is sent until you resume it.",
    "resume": "Sending again.",
    "complete": "Completed. Nobody else is written to.",
    "reopen": "Reopened, and paused.",
    "archive": "Archived.",
    "unarchive": "Brought back.",
}


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_move(request: AgencyRequest, slug: str, verb: str) -> HttpResponse:
    """Ask before a move, or make it."""
    rows = Campaign.objects.for_agency(request.agency).select_related("agency", "client", "owner")
    campaign = get_object_or_404(rows, slug=slug)
    asked = VERB_OF.get(verb)
    if asked is None:
        raise Http404
    if not includes(request.membership.role, asked.role):
        raise PermissionDenied
    if request.method == "POST":
        return _act(request, campaign, asked)
    context = {"campaign": campaign, "verb": asked, "tab": "", **_facts(campaign, asked)}
    if (
        verb == "launch"
        and context["broken"]
        and not includes(request.membership.role, Role.MANAGER)
    ):
        context["blocked"] = True
    return render_page(
        request, "campaigns/campaign_move.html", "campaigns/_move_dialog.html", context
    )


def _act(request: AgencyRequest, campaign: Campaign, verb: Verb) -> HttpResponse:
    extra: dict[str, Any] = {}
    if verb.name == "return":
        extra["note"] = request.POST.get("note", "")[:1000]
    if verb.name == "launch":
        extra["reason"] = request.POST.get("reason", "")[:1000]
    try:
        if verb.name == "approve" and request.POST.get("version", "") not in (
            "",
            str(campaign.content_version),
        ):
            raise moves.CampaignMoveError(
                "The campaign was changed after you opened it. Look at it again first."
            )
        _ACTS[verb.name](campaign, actor=request.user, **extra)
    except MoveError as error:
        say(request, str(error), tone="bad")
    else:
        undo = ""
        if verb.undo:
            undo = reverse("campaigns:move", args=[request.agency.slug, campaign.slug, verb.undo])
        say(request, _DONE[verb.name], undo=undo)
    page = "campaigns:detail" if campaign.launched_at else "campaigns:sequence"
    return after_post(request, reverse(page, args=[request.agency.slug, campaign.slug]))


def _facts(campaign: Campaign, verb: Verb) -> dict[str, Any]:
    """Return what the person should know before they say yes."""
    if verb.name in ("submit", "approve"):
        checks = [*campaign_checks(campaign), *content_checks(campaign)]
        blocked = any(check.tone == "bad" for check in checks)
        return {"checks": checks, "blocked": blocked, **_rules(campaign)}
    if verb.name in ("launch", "resume"):
        leads = open_leads(campaign, REVIEW_SAMPLE)
        excluded = exclusions(campaign, leads)
        enrolled = campaign.enrolments.exclude(status="finished").count()
        return {
            "people": enrolled - excluded.total,
            "excluded": excluded,
            "sampled": len(leads) == REVIEW_SAMPLE,
            "opening": _opening(campaign),
            "mailboxes": list(campaign.mailboxes.all()),
            **_rules(campaign),
        }
    if verb.name == "complete":
        return {"people": campaign.enrolments.exclude(status="finished").count()}
    return {}


def _rules(campaign: Campaign) -> dict[str, Any]:
    """Return what receivers ask of bulk senders, and what of it does not hold."""
    rules = launching.campaign_rules(campaign)
    return {
        "rules": rules,
        "broken": launching.broken(rules),
        "rules_local": bool(rules) and all(rule.state == "na" for rule in rules),
    }


def _opening(campaign: Campaign) -> Any:
    try:
        return first_opening(campaign, timezone.now()).astimezone(campaign_zone(campaign))
    except WindowError:
        return None
