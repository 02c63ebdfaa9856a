"""Turns due enrolments into queued e-mails, a short horizon at a time.

An enrolment is claimed, its e-mail rendered and queued in one transaction: the claim is
an UPDATE on the condition that it is still due, so of two processes one wins, and what
dies on the way was never claimed.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.enums import ApprovalMode
from campaigns.enums import CampaignStatus, EnrolmentStatus, Review, StopReason, WaitUnit
from campaigns.models import Campaign, Enrolment, SequenceStep, StepEmail
from campaigns.rules import GRACE, Rotation, after_wait
from campaigns.selectors.rooms import campaign_rotation
from campaigns.services.drafting import Drafting
from campaigns.services.rows import update_each, update_returning
from campaigns.services.stops import finish_enrolments, move_enrolments, withdraw_strays
from campaigns.windows import Windows
from compliance.windows import WindowError
from mailer.headers import HeaderError
from mailer.services.outbox import queue_messages

log = structlog.get_logger(__name__)
BATCH = 200
OPEN = (EnrolmentStatus.PENDING, EnrolmentStatus.ACTIVE)


@dataclass
class ComposeReport:
    """What one pass did, in e-mails."""

    queued: int = 0
    held_back: int = 0
    moved: int = 0
    skipped: int = 0

    def __add__(self, other: "ComposeReport") -> "ComposeReport":
        """Return both passes as one."""
        return ComposeReport(
            self.queued + other.queued,
            self.held_back + other.held_back,
            self.moved + other.moved,
            self.skipped + other.skipped,
        )


@dataclass(frozen=True)
class _Due:
    """A due enrolment as first seen."""

    pk: int
    mailbox_id: int | None
    lead_zone: str


@dataclass
class _Choice:
    """What becomes of the due: e-mails with their mailboxes, and new dates."""

    mailboxes: dict[int, int] = field(default_factory=dict)
    later: dict[dt.datetime, list[int]] = field(default_factory=lambda: defaultdict(list))


def compose_due(now: dt.datetime | None = None) -> ComposeReport:
    """Queue the e-mails of every running, approved campaign that are due and find room."""
    now = now or timezone.now()
    withdraw_strays()
    total = ComposeReport()
    for campaign in due_campaigns(now):
        try:
            total += compose_campaign(campaign, now)
        except WindowError as error:  # one campaign that can never send stops no other
            log.warning("campaign_never_opens", campaign=campaign.pk, error=str(error))
        except HeaderError as error:  # a sender's own data is broken: the same
            log.warning("campaign_cannot_send", campaign=campaign.pk, error=str(error))
    return total


def due_campaigns(now: dt.datetime) -> QuerySet[Campaign]:
    """Return running campaigns whose approval holds and for whom something is due."""
    due = Enrolment.objects.filter(campaign=OuterRef("pk"), status__in=OPEN, due_at__lte=now)
    return (
        Campaign.objects.filter(
            Exists(due), status=CampaignStatus.RUNNING, approved_version=F("content_version")
        )
        .select_related("agency", "client", "owner")
        .order_by("pk")
    )


def compose_campaign(campaign: Campaign, now: dt.datetime) -> ComposeReport:
    """Queue what is due in one campaign, until nothing is due or no mailbox has room."""
    report = ComposeReport()
    drafting = Drafting(campaign)
    if not drafting.steps:
        return report
    windows = Windows(campaign, now)
    rotation = campaign_rotation(campaign, now)
    report.skipped += _pass_over_skipped(drafting, windows, now)
    while not rotation.is_full:
        due = _due(campaign, now, rotation, [step.order for step in drafting.steps])
        choice = _choose(due, windows, rotation, now)
        if not choice.mailboxes and not choice.later:
            break
        report.moved += _postpone(choice.later, now)
        part = _compose(drafting, choice.mailboxes, windows, now)
        if part is None:
            break
        report += part
    return report


def _due(
    campaign: Campaign, now: dt.datetime, rotation: Rotation, orders: Sequence[int]
) -> list[_Due]:
    """Return the next due enrolments whose mailbox, if they have one, may take an e-mail.

    A thread that has begun stays in its mailbox and waits while that one is away; one
    that has not may still change to another.
    """
    rows = Enrolment.objects.filter(
        Q(mailbox=None)
        | Q(mailbox__in=rotation.with_room)
        | Q(first_sent_at=None) & ~Q(mailbox__in=rotation.known),
        campaign=campaign,
        status__in=OPEN,
        due_at__lte=now,
        next_step__in=orders,
    )
    if campaign.approval_mode == ApprovalMode.EACH_EMAIL:
        rows = rows.filter(Exists(_approved()))
    found = rows.order_by("due_at", "pk").values_list("pk", "mailbox", "lead__time_zone")
    return [_Due(*row) for row in found[:BATCH]]


def _emails_with(review: Review) -> QuerySet[StepEmail]:
    """The e-mail of the outer enrolment's next step, when it was reviewed so."""
    return StepEmail.objects.filter(
        enrolment=OuterRef("pk"), step__order=OuterRef("next_step"), review=review, message=None
    )


def _approved() -> QuerySet[StepEmail]:
    """The e-mail of the outer enrolment's next step, approved as the campaign now stands."""
    return _emails_with(Review.APPROVED).filter(content_version=F("campaign__content_version"))


def _choose(due: Sequence[_Due], windows: Windows, rotation: Rotation, now: dt.datetime) -> _Choice:
    choice = _Choice()
    for one in due:
        opening = windows.opening(one.lead_zone, now)
        if opening > now:
            choice.later[opening].append(one.pk)
            continue
        wanted = one.mailbox_id if one.mailbox_id in rotation.known else None
        mailbox = rotation.take(wanted)
        if mailbox is not None:
            choice.mailboxes[one.pk] = mailbox
    return choice


def _postpone(later: dict[dt.datetime, list[int]], now: dt.datetime) -> int:
    """Give what is due outside its window the window's next opening."""
    return sum(
        Enrolment.objects.filter(pk__in=ids, status__in=OPEN, due_at__lte=now).update(due_at=at)
        for at, ids in later.items()
    )


@transaction.atomic
def _compose(
    drafting: Drafting, mailboxes: dict[int, int], windows: Windows, now: dt.datetime
) -> ComposeReport | None:
    """Claim, render and queue one batch; what has holes is held back with the reason.

    None when the campaign was paused or changed meanwhile.
    """
    if not _still_runs(drafting.campaign):
        return None
    due = Enrolment.objects.filter(pk__in=list(mailboxes), status__in=OPEN, due_at__lte=now)
    if drafting.campaign.approval_mode == ApprovalMode.EACH_EMAIL:
        due = due.filter(Exists(_approved()))  # skipped, reopened or edited since it was chosen
    won = update_returning(due, due_at=None)
    drafts = drafting.draft({pk: mailboxes[pk] for pk in won}, windows)
    ready = [draft for draft in drafts if not draft.problem]
    held = [draft for draft in drafts if draft.problem]
    drafting.save(drafts)
    if held:
        move_enrolments(
            Enrolment.objects.filter(pk__in=[draft.enrolment.pk for draft in held]),
            EnrolmentStatus.PAUSED,
            due_at=now,
        )
        update_each(
            Enrolment, ["pause_reason"], [(draft.enrolment.pk, draft.problem) for draft in held]
        )
    messages = queue_messages([draft.message for draft in ready if draft.message], now=now)
    update_each(
        StepEmail,
        ["message"],
        [(draft.email.pk, message.pk) for draft, message in zip(ready, messages, strict=True)],
    )
    return ComposeReport(queued=len(messages), held_back=len(held))


def _still_runs(campaign: Campaign) -> bool:
    """Return whether a campaign still sends the content that was loaded of it.

    The UPDATE locks its row: a pause or a change comes either before this batch, which is
    then not queued, or after it, and finds it in the queue.
    """
    seen = Campaign.objects.filter(
        pk=campaign.pk,
        status=CampaignStatus.RUNNING,
        content_version=campaign.content_version,
        approved_version=F("content_version"),
    )
    return bool(seen.update(status=CampaignStatus.RUNNING))


@transaction.atomic
def _pass_over_skipped(drafting: Drafting, windows: Windows, now: dt.datetime) -> int:
    """Step over e-mails the reviewer skipped, each next one after its own wait.

    Without its first e-mail a sequence ends. What was skipped stays skipped when the
    campaign is later approved as a whole.
    """
    campaign = drafting.campaign
    skipped = Enrolment.objects.filter(
        Exists(_emails_with(Review.SKIPPED)),
        campaign=campaign,
        status__in=OPEN,
        due_at__lte=now,
    )
    passed = finish_enrolments(
        skipped.filter(first_sent_at=None),
        agency=campaign.agency,
        reason=StopReason.REMOVED,
        detail="Its first e-mail was skipped in review.",
    )
    # The last first: an enrolment moved on is not looked at again in this pass.
    for step, following in reversed(list(zip_longest(drafting.steps, drafting.steps[1:]))):
        order = following.order if following else step.order + 1
        due_at = _wait_over(following, windows, now) if following else now + GRACE
        rows = skipped.filter(next_step=step.order)
        passed += rows.update(next_step=order, due_at=due_at)
    return passed


def _wait_over(step: SequenceStep, windows: Windows, now: dt.datetime) -> dt.datetime:
    return after_wait(
        now,
        wait=step.wait,
        business=step.wait_unit == WaitUnit.BUSINESS_DAYS,
        zone=windows.zone_of(""),
        holidays=windows.holidays,
    )
