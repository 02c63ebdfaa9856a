"""What a campaign says and when: every change counts a new version and voids the approval.

Nothing approved is changed silently: before the first row changes, the version is raised
(which also locks the campaign), what was approved or running stops being so, and what is
queued of the old content is taken back.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Max, Q, Value, When

from accounts.models import User
from campaigns.enums import CampaignStatus, Review, ThreadMode, VariantStatus, WaitUnit
from campaigns.models import Campaign, SequenceStep, StepEmail, StepVariant
from campaigns.rules import campaign_key
from campaigns.services.moves import void_approval
from campaigns.services.stops import recall_campaign
from compliance import audit
from mailer.models import Mailbox
from mailer.services.outbox import cancel_messages

MAX_STEPS = 30
LABELS = "ABCDE"
# Orders are unique; while they are shuffled the steps stand up here.
_ASIDE = 1000
_CLOSED = (CampaignStatus.COMPLETED, CampaignStatus.ARCHIVED)


class ContentError(Exception):
    """A change that cannot be made; the message says what to do."""


class ContentConflictError(ContentError):
    """Someone else saved the same e-mail meanwhile; `variant` is how it stands now."""

    def __init__(self, variant: StepVariant) -> None:
        super().__init__("Someone else saved this e-mail while you were writing.")
        self.variant = variant


def begin_change(campaign: Campaign, *, actor: User, what: str) -> None:
    """Count a new version and void what was approved; inside the caller's transaction.

    `campaign` is read again, so that what follows sees what is true now.
    """
    Campaign.objects.filter(pk=campaign.pk).update(content_version=F("content_version") + 1)
    campaign.refresh_from_db()
    if campaign.status in _CLOSED:
        raise ContentError(
            f"This campaign is {campaign.get_status_display().lower()}. Reopen it to change it."
        )
    void_approval(campaign, actor=actor)
    _recall(campaign)
    audit.record(
        agency=campaign.agency,
        actor=actor,
        action="campaign.changed",
        object_type="campaign",
        object_id=str(campaign.pk),
        changes={"what": what, "version": campaign.content_version},
    )


def _recall(campaign: Campaign) -> None:
    """Take back what is queued: first so that it is made again, then whatever else there is."""
    reason = "The campaign was changed after this e-mail was queued."
    recall_campaign(campaign_id=campaign.pk, agency=campaign.agency, reason=reason)
    cancel_messages(
        agency=campaign.agency,
        reason=reason,
        campaign_key=campaign_key(campaign.pk),
    )


def digest_of(variant: StepVariant) -> str:
    """Return what tells whether an e-mail changed since it was shown."""
    step = variant.step
    seen = [
        *(variant.subject, variant.body, variant.weight, variant.status),
        *(step.wait, step.wait_unit, step.thread_mode),
    ]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:16]


@transaction.atomic
def save_email(
    variant: StepVariant, *, fields: Mapping[str, Any], seen: str, actor: User
) -> StepVariant:
    """Store the wording of a variant and the timing of its step.

    Args:
        variant: with its step and campaign.
        fields: subject, body, weight, status; wait, wait_unit, thread_mode of the step.
        seen: `digest_of` what the writer was shown.
        actor: the writer.

    Raises `ContentConflictError` when it changed meanwhile; nothing is lost of either text.
    """
    if _same(variant, fields):
        return variant
    campaign = variant.step.campaign
    begin_change(campaign, actor=actor, what=f"step {variant.step.order}{variant.label}")
    current = StepVariant.objects.select_related("step").get(pk=variant.pk)
    if digest_of(current) != seen:
        raise ContentConflictError(current)
    if fields["status"] == VariantStatus.PAUSED:
        _keep_one_active(current)
    step = current.step
    for name in ("subject", "body", "weight", "status"):
        setattr(current, name, fields[name])
    current.save()
    _time_step(step, fields)
    step.save()
    return current


def _same(variant: StepVariant, fields: Mapping[str, Any]) -> bool:
    now = {name: getattr(variant, name) for name in ("subject", "body", "weight", "status")}
    now |= {name: getattr(variant.step, name) for name in ("wait", "wait_unit", "thread_mode")}
    if variant.step.order == 1:
        fields = {**fields, "wait": 0, "thread_mode": ThreadMode.NEW, "wait_unit": now["wait_unit"]}
    return all(now[name] == fields[name] for name in now)


def _time_step(step: SequenceStep, fields: Mapping[str, Any]) -> None:
    """The first e-mail starts the thread at once; others wait as asked."""
    if step.order == 1:
        step.wait, step.thread_mode = 0, ThreadMode.NEW
    else:
        step.wait, step.wait_unit = fields["wait"], fields["wait_unit"]
        step.thread_mode = fields["thread_mode"]


def _keep_one_active(variant: StepVariant) -> None:
    others = variant.step.variants.filter(status=VariantStatus.ACTIVE).exclude(pk=variant.pk)
    if not others.exists():
        raise ContentError("One variant of a step must stay active. Remove the step instead.")


@transaction.atomic
def add_step(campaign: Campaign, *, actor: User) -> SequenceStep:
    """Append a follow-up in the same thread, three business days after the one before."""
    begin_change(campaign, actor=actor, what="a step added")
    last = campaign.steps.aggregate(last=Max("order"))["last"] or 0
    if last >= MAX_STEPS:
        raise ContentError(f"A sequence has {MAX_STEPS} steps at most.")
    step = SequenceStep.objects.create(
        agency_id=campaign.agency_id,
        campaign=campaign,
        order=last + 1,
        wait=3 if last else 0,
        wait_unit=WaitUnit.BUSINESS_DAYS,
        thread_mode=ThreadMode.SAME if last else ThreadMode.NEW,
    )
    StepVariant.objects.create(agency_id=campaign.agency_id, step=step)
    return step


@transaction.atomic
def move_step(step: SequenceStep, *, by: int, actor: User) -> SequenceStep:
    """Move a step one place up (-1) or down (+1) among those not sent to anyone yet."""
    campaign = step.campaign
    begin_change(campaign, actor=actor, what=f"step {step.order} moved")
    steps = list(campaign.steps.order_by("order"))
    at = next((i for i, one in enumerate(steps) if one.pk == step.pk), -1)
    to = at + by
    if at < 0 or not 0 <= to < len(steps):
        return step
    if min(steps[at].order, steps[to].order) <= _last_sent(campaign):
        raise ContentError("E-mails that were sent to someone keep their place.")
    steps[at], steps[to] = steps[to], steps[at]
    _renumber(campaign, steps)
    return steps[to]


@transaction.atomic
def remove_step(step: SequenceStep, *, actor: User) -> None:
    """Take a step out, with what was drafted of it; not one that was sent to anyone."""
    campaign = step.campaign
    begin_change(campaign, actor=actor, what=f"step {step.order} removed")
    emails = StepEmail.objects.filter(step=step)
    if number := emails.filter(_gone()).count():
        raise ContentError(
            f"This e-mail was written to {number:,} people and stays in the sequence."
            " Pause its variants to send it to nobody else."
        )
    emails.delete()
    step.delete()
    _renumber(campaign, list(campaign.steps.order_by("order")))


def _gone() -> Q:
    """E-mails that became messages, or that a person decided not to send."""
    return Q(message__isnull=False) | Q(review=Review.SKIPPED)


def _last_sent(campaign: Campaign) -> int:
    gone = StepEmail.objects.filter(_gone(), campaign=campaign)
    return gone.aggregate(last=Max("step__order"))["last"] or 0


def _renumber(campaign: Campaign, steps: Sequence[SequenceStep]) -> None:
    """Give the steps the orders 1, 2, 3…; whoever comes first starts the thread at once."""
    if not steps:
        return
    SequenceStep.objects.filter(campaign=campaign).update(order=F("order") + _ASIDE)
    orders = [When(pk=step.pk, then=Value(place)) for place, step in enumerate(steps, start=1)]
    SequenceStep.objects.filter(campaign=campaign).update(order=Case(*orders))
    for place, step in enumerate(steps, start=1):
        step.order = place
    first, rest = steps[0], steps[1:]
    SequenceStep.objects.filter(pk=first.pk).update(wait=0, thread_mode=ThreadMode.NEW)
    SequenceStep.objects.filter(pk__in=[step.pk for step in rest], wait=0).update(wait=3)


@transaction.atomic
def add_variant(step: SequenceStep, *, actor: User) -> StepVariant:
    """Add a second wording, beginning as a copy of the first."""
    begin_change(step.campaign, actor=actor, what=f"a variant of step {step.order} added")
    known = {variant.label: variant for variant in step.variants.all()}
    free = [label for label in LABELS if label not in known]
    if not free:
        raise ContentError(f"A step has {len(LABELS)} variants at most.")
    model = known[min(known)] if known else StepVariant()
    return StepVariant.objects.create(
        agency_id=step.agency_id,
        step=step,
        label=free[0],
        subject=model.subject,
        body=model.body,
    )


@transaction.atomic
def remove_variant(variant: StepVariant, *, actor: User) -> None:
    """Take a wording out; not the only one, and not one that was sent to anyone."""
    step = variant.step
    begin_change(step.campaign, actor=actor, what=f"variant {step.order}{variant.label} removed")
    if step.variants.count() == 1:
        raise ContentError("A step needs one variant. Remove the step instead.")
    _keep_one_active(variant)
    emails = StepEmail.objects.filter(variant=variant)
    if number := emails.filter(message__isnull=False).count():
        raise ContentError(
            f"Variant {variant.label} was written to {number:,} people and stays for the"
            " figures. Pause it to send it to nobody else."
        )
    emails.delete()
    variant.delete()


@transaction.atomic
def save_settings(
    campaign: Campaign, *, fields: Mapping[str, Any], mailboxes: Sequence[Mailbox], actor: User
) -> bool:
    """Store schedule, caps, rules and mailboxes; return whether anything changed."""
    changed = [name for name, value in fields.items() if getattr(campaign, name) != value]
    chosen = {box.pk for box in mailboxes}
    if chosen != set(campaign.mailboxes.values_list("pk", flat=True)):
        changed.append("mailboxes")
    if not changed:
        return False
    begin_change(campaign, actor=actor, what=", ".join(changed))
    for name, value in fields.items():
        setattr(campaign, name, value)
    campaign.save(update_fields=list(fields))
    campaign.mailboxes.set(mailboxes)
    return True
