"""What the timeline of a lead is told about sequences."""

from collections.abc import Iterable, Mapping, Sequence

from django.urls import NoReverseMatch, reverse

from accounts.models import User
from campaigns.enums import StopReason
from campaigns.models import Campaign, Enrolment
from leads.enums import EventKind
from leads.services.events import EventDraft, record_events


def campaign_path(campaign: Campaign) -> str:
    """Return the campaign's page; needs the agency at hand."""
    return path_of("campaigns:detail", campaign.agency.slug, campaign.slug)


def path_of(name: str, *args: object) -> str:
    """Return a page's path, "" when there is no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def record(
    enrolments: Iterable[Enrolment],
    *,
    kind: EventKind,
    summary: str,
    actor: User | None = None,
    urls: Mapping[int, str] | None = None,
) -> None:
    """Tell the timelines of these enrolments' leads (campaign.agency and lead at hand).

    Args:
        enrolments: whose leads.
        kind: what happened.
        summary: one line; `{campaign}` is replaced by the campaign's name.
        actor: who did it, when a member did.
        urls: enrolment → page, where it is not the campaign's.
    """
    record_events(
        [
            EventDraft(
                agency_id=enrolment.agency_id,
                lead_id=enrolment.lead_id,
                domain=enrolment.lead.domain,
                kind=kind,
                summary=summary.replace("{campaign}", enrolment.campaign.name)[:300],
                url=(urls or {}).get(enrolment.pk) or campaign_path(enrolment.campaign),
                client_id=enrolment.campaign.client_id,
                actor_id=actor.pk if actor else None,
            )
            for enrolment in enrolments
        ]
    )


def record_stops(
    ids: Sequence[int], *, reason: StopReason, actor: User | None = None, detail: str = ""
) -> None:
    """Tell the timelines that these sequences stopped, and why."""
    rows = Enrolment.objects.filter(pk__in=ids).select_related("campaign__agency", "lead")
    words = f"Sequence {{campaign}} stopped: {reason.label.lower()}"
    record(
        rows,
        kind=EventKind.STOPPED,
        summary=f"{words}. {detail}" if detail else words,
        actor=actor,
    )
