"""The Leads tab of a campaign, and the page of one person."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Role
from accounts.roles import includes
from accounts.tenancy import AgencyRequest, member_view
from campaigns.enums import EnrolmentStatus, StopReason
from campaigns.models import Enrolment
from campaigns.selectors import people
from campaigns.selectors.enrolments import filtered_enrolments, status_counts, with_people
from campaigns.services import stops
from campaigns.services.retry import retry_enrolments
from campaigns.views.lookup import campaign_or_404, ticked_enrolments, ticked_ids
from compliance.enums import SuppressionKind, SuppressionReason
from compliance.services import suppress
from foundation.addresses import normalise_address
from foundation.pages import after_post, render_page, say
from foundation.paging import counted, keyset_page


@require_safe
@member_view()
def leads(request: AgencyRequest, slug: str) -> HttpResponse:
    """Show who is enrolled in a campaign, and how far each has come."""
    campaign = campaign_or_404(request, slug)
    rows = filtered_enrolments(campaign, request.GET.dict())
    page = keyset_page(with_people(rows), order=["-pk"], cursor=request.GET.get("cursor", ""))
    total, more = counted(rows)
    filters = request.GET.copy()
    filters.pop("cursor", None)
    context = {
        "campaign": campaign,
        "tab": "leads",
        "page": page,
        "total": f"{total:,}{'+' if more else ''}",
        "counts": status_counts(campaign),
        "statuses": EnrolmentStatus,
        "stop_reasons": StopReason,
        "steps": campaign.steps.all(),
        "query": filters.urlencode(),
        "now": timezone.now(),
        "filtered": any(filters.values()),
    }
    return render_page(
        request, "campaigns/campaign_leads.html", "campaigns/_enrolments_table.html", context
    )


def _pause(rows: QuerySet[Enrolment], request: AgencyRequest) -> str:
    reason = f"Paused by {request.user}"
    number = stops.pause_enrolments(rows, agency=request.agency, reason=reason)
    return f"{number:,} paused"


def _resume(rows: QuerySet[Enrolment], request: AgencyRequest) -> str:
    number = stops.resume_enrolments(rows, agency=request.agency)
    return f"{number:,} resumed; their next e-mails follow the campaign’s hours"


def _remove(rows: QuerySet[Enrolment], request: AgencyRequest) -> str:
    number = stops.finish_enrolments(
        rows, agency=request.agency, reason=StopReason.REMOVED, actor=request.user
    )
    return f"{number:,} removed from the sequence"


def _retry(rows: QuerySet[Enrolment], request: AgencyRequest) -> str:
    number = retry_enrolments(rows, agency=request.agency, actor=request.user)
    return f"{number:,} will be tried again"


def _won(rows: QuerySet[Enrolment], request: AgencyRequest) -> str:
    number = stops.mark_won(rows, agency=request.agency, actor=request.user)
    return f"{number:,} marked as won"


ACTIONS: dict[str, Callable[[QuerySet[Enrolment], AgencyRequest], str]] = {
    "pause": _pause,
    "resume": _resume,
    "remove": _remove,
    "retry": _retry,
    "won": _won,
}


@require_POST
@member_view()
def leads_bulk(request: AgencyRequest, slug: str) -> HttpResponse:
    """Pause, resume, retry, remove or win the enrolments that were ticked."""
    campaign = campaign_or_404(request, slug)
    act = ACTIONS.get(request.POST.get("action", ""))
    if act is None:
        raise Http404
    nobody = request.POST.get("scope") != "all" and not ticked_ids(request.POST)
    if nobody:
        say(request, "Nobody was ticked, so nothing was changed.", tone="warn")
    else:
        say(request, f"{act(ticked_enrolments(campaign, request.POST), request)}.")
    back = reverse("campaigns:leads", args=[request.agency.slug, slug])
    query = request.POST.get("query", "")[:1000]
    return after_post(request, f"{back}?{query}" if query else back)


def _normal(address: str) -> str:
    try:
        return normalise_address(address)
    except ValidationError as error:
        raise Http404 from error


@require_safe
@member_view()
def person(request: AgencyRequest, address: str) -> HttpResponse:
    """Show everything the agency knows about an address."""
    known = people.person(request.agency, _normal(address))
    context = {
        "person": known,
        "may_manage": includes(request.membership.role, Role.MANAGER),
    }
    return render_page(request, "campaigns/person.html", "campaigns/_person.html", context)


@require_POST
@member_view()
def person_act(request: AgencyRequest, address: str) -> HttpResponse:
    """Stop the sequences to a person, suppress the address, or mark the link as won."""
    address = _normal(address)
    rows = stops.open_for(request.agency, addresses=[address])
    action = request.POST.get("action", "")
    if action == "stop":
        say(request, f"{_remove(rows, request)}.")
    elif action == "won":
        say(request, f"{_won(rows, request)}.")
    elif action == "suppress":
        suppress(
            agency=request.agency,
            kind=SuppressionKind.ADDRESS,
            values=[address],
            reason=SuppressionReason.MANUAL,
            source="The person’s page",
            actor=request.user,
        )
        say(request, f"Nobody here will write to {address} again.")
    else:
        raise Http404
    return after_post(
        request,
        reverse("campaigns:person", args=[request.agency.slug, address]),
        partial="campaigns/_person.html",
        context={
            "person": people.person(request.agency, address),
            "may_manage": includes(request.membership.role, Role.MANAGER),
        },
    )
