"""Review of each e-mail: drafts are made, then approved, edited or skipped by a person."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Agency, User
from campaigns.enums import REVIEW_MOVES, CampaignStatus, EnrolmentStatus, Review
from campaigns.models import Campaign, Enrolment, StepEmail
from campaigns.rules import pick_variant
from campaigns.services.drafting import Drafting
from campaigns.services.moves import approve as approve_campaign
from campaigns.services.rows import update_each, update_returning
from foundation.choices import MoveError

BATCH = 500


class ReviewError(Exception):
    """A review that cannot be; the message says what to do."""


def draft_for_review(campaign: Campaign) -> int:
    """Make the e-mails of every open enrolment that are still to come; return how many are new.

    What was drafted from older content and not edited by hand is drafted again and
    waits for review again. Safe to run twice.
    """
    open_rows = campaign.enrolments.exclude(status=EnrolmentStatus.FINISHED).order_by("pk")
    made, last = 0, 0
    while True:
        batch = list(open_rows.filter(pk__gt=last).select_related("lead")[:BATCH])
        if not batch:
            return made
        made += draft_enrolments(campaign, batch)
        last = batch[-1].pk


@transaction.atomic
def draft_enrolments(campaign: Campaign, enrolments: Sequence[Enrolment]) -> int:
    """Make the coming e-mails of these enrolments (lead at hand); return how many are new."""
    drafting = Drafting(campaign)
    _choose_mailboxes(drafting, enrolments)
    known = {
        (email.enrolment_id, email.step_id): email
        for email in StepEmail.objects.filter(enrolment__in=enrolments).select_related("step")
    }
    new, stale = [], []
    for enrolment in enrolments:
        enrolment.campaign = campaign
        for step in drafting.steps:
            email = known.get((enrolment.pk, step.pk))
            if email is None and step.order >= enrolment.next_step:
                new.append(drafting.new_email(enrolment, step))
            elif email is not None and _is_stale(email, campaign):
                email.enrolment = enrolment
                stale.append(email)
    for email in (*new, *stale):
        check_holes(drafting, email)
    StepEmail.objects.bulk_create(new, ignore_conflicts=True)
    update_each(
        StepEmail,
        ["unresolved", "content_version", "review"],
        [(e.pk, e.unresolved, campaign.content_version, Review.DRAFTED) for e in stale],
    )
    return len(new)


def _is_stale(email: StepEmail, campaign: Campaign) -> bool:
    return (
        email.message_id is None
        and email.review != Review.SKIPPED
        and email.content_version != campaign.content_version
    )


def _choose_mailboxes(drafting: Drafting, enrolments: Sequence[Enrolment]) -> None:
    """Give each enrolment the mailbox it will be written from, in share of daily caps."""
    weights = [(box.pk, box.daily_cap) for box in drafting.mailboxes.values()]
    if not weights:
        return
    changed = []
    for enrolment in enrolments:
        if enrolment.mailbox_id is None:
            enrolment.mailbox_id = pick_variant(enrolment.pk, 0, weights)
            changed.append((enrolment.pk, enrolment.mailbox_id))
    update_each(Enrolment, ["mailbox"], changed)


def check_holes(drafting: Drafting, email: StepEmail) -> None:
    """Note on an e-mail what its text could not fill in (enrolment.lead at hand)."""
    mailbox = drafting.mailboxes.get(email.enrolment.mailbox_id or 0)
    rendered = drafting.render(email, mailbox)
    email.unresolved = list(rendered.unresolved) or ([rendered.error] if rendered.error else [])


def approve_emails(rows: QuerySet[StepEmail], *, agency: Agency, actor: User) -> int:
    """Approve what waits among `rows` and has no holes; return how many were approved.

    When a campaign's last draft is decided, the campaign itself is approved.
    """
    clean = rows.filter(agency=agency, review=Review.DRAFTED, message=None, unresolved=[])
    approved = _decide(clean, Review.APPROVED, actor=actor)
    _settle(approved, actor)
    return len(approved)


def skip_email(email: StepEmail, *, actor: User, reason: str = "") -> None:
    """Leave one e-mail out; without its first e-mail a lead is not written to at all."""
    _only_unsent(email)
    rows = StepEmail.objects.filter(pk=email.pk)
    _settle(_decide(rows, Review.SKIPPED, actor=actor, reason=reason), actor)


def reopen_email(email: StepEmail, *, actor: User) -> None:
    """Take a decision back: the e-mail waits for review again."""
    _only_unsent(email)
    _decide(StepEmail.objects.filter(pk=email.pk), Review.DRAFTED, actor=actor)


@transaction.atomic
@transaction.atomic
def edit_email(email: StepEmail, *, subject: str, body: str, actor: User) -> None:
    """Give one e-mail its own wording; it is checked for holes and waits for review.

    Whatever was decided of the old wording meanwhile does not hold for the new one.
    """
    # Takes the row: a claim or an approval now comes before all of this, or after.
    StepEmail.objects.filter(pk=email.pk).update(edited=True)
    email.refresh_from_db(fields=["review", "message"])
    _only_unsent(email)
    email.subject, email.body, email.edited = subject.strip(), body, True
    check_holes(Drafting(email.campaign), email)
    email.content_version = email.campaign.content_version
    email.save(update_fields=["subject", "body", "edited", "unresolved", "content_version"])
    if email.review == Review.APPROVED:
        reopen_email(email, actor=actor)
        email.review = Review.DRAFTED


def _only_unsent(email: StepEmail) -> None:
    if email.message_id is not None:
        raise ReviewError("This e-mail is already on its way and cannot be changed any more.")


def _decide(rows: QuerySet[StepEmail], to: Review, *, actor: User, reason: str = "") -> list[int]:
    sources = [old for old, allowed in REVIEW_MOVES.items() if to in allowed]
    return update_returning(
        rows.filter(review__in=sources, message=None),
        review=to,
        review_reason=reason.strip()[:300],
        reviewed_by=actor,
        reviewed_at=timezone.now(),
    )


def _settle(decided: Iterable[int], actor: User) -> None:
    """Approve campaigns in review that have no draft left to decide."""
    waiting = Campaign.objects.filter(
        status=CampaignStatus.IN_REVIEW,
        pk__in=StepEmail.objects.filter(pk__in=list(decided)).values("campaign"),
    )
    for campaign in waiting.select_related("agency"):
        if not campaign.emails.filter(review=Review.DRAFTED).exists():
            with suppress(MoveError):  # changed meanwhile: it is submitted, and read, again
                approve_campaign(campaign, actor=actor)
