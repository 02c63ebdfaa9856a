"""Campaigns come, are renamed and copied, and go while they are still empty."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts.models import Agency, User
from campaigns.enums import CampaignStatus, ThreadMode
from campaigns.models import Campaign, SequenceStep, StepVariant
from compliance import audit
from mailer.models import Mailbox

# Words of our own URLs, which no campaign may be called.
_TAKEN_SLUGS = frozenset({"new"})
# What a copy takes over; who is enrolled, what was sent and who approved stay behind.
_COPIED = (
    "client",
    "kind",
    "prospect_type",
    "approval_mode",
    "send_days",
    "send_from",
    "send_until",
    "time_zone",
    "in_recipient_time_zone",
    "holiday_countries",
    "extra_holidays",
    "daily_cap",
    "track_opens",
    "track_clicks",
    "stop_domain_on_reply",
)


class CampaignError(Exception):
    """Something asked of a campaign that cannot be; the message says what to do."""


@transaction.atomic
def create_campaign(
    *, agency: Agency, actor: User, fields: Mapping[str, Any], mailboxes: Sequence[Mailbox] = ()
) -> Campaign:
    """Start a draft with the agency's time zone and approval mode, and one empty step."""
    campaign = Campaign(
        agency=agency,
        owner=actor,
        time_zone=agency.time_zone,
        approval_mode=agency.approval_mode,
        send_days=[1, 2, 3, 4, 5],
    )
    for name, value in fields.items():
        setattr(campaign, name, value)
    _save_with_slug(campaign)
    campaign.mailboxes.set(mailboxes)
    step = SequenceStep.objects.create(
        agency=agency, campaign=campaign, order=1, wait=0, thread_mode=ThreadMode.NEW
    )
    StepVariant.objects.create(agency=agency, step=step)
    audit.record(
        agency=agency,
        actor=actor,
        action="campaign.created",
        object_type="campaign",
        object_id=str(campaign.pk),
        changes={"name": campaign.name},
    )
    return campaign


def rename_campaign(campaign: Campaign, *, name: str, actor: User) -> None:
    """Give a campaign another name; its address on the web stays as people linked it."""
    old, campaign.name = campaign.name, name
    campaign.save(update_fields=["name"])
    audit.record(
        agency=campaign.agency,
        actor=actor,
        action="campaign.renamed",
        object_type="campaign",
        object_id=str(campaign.pk),
        changes={"from": old, "to": name},
    )


@transaction.atomic
def duplicate_campaign(campaign: Campaign, *, actor: User) -> Campaign:
    """Return a new draft with the same sequence and settings, and nobody enrolled."""
    copy = Campaign(agency=campaign.agency, owner=actor, name=f"{campaign.name[:110]} (copy)")
    for name in _COPIED:
        setattr(copy, name, getattr(campaign, name))
    _save_with_slug(copy)
    copy.mailboxes.set(campaign.mailboxes.all())
    for step in campaign.steps.prefetch_related("variants"):
        variants = list(step.variants.all())
        step.pk, step.campaign = None, copy
        step._state.adding = True
        step.save()
        StepVariant.objects.bulk_create(_copied(variant, step) for variant in variants)
    return copy


def _copied(variant: StepVariant, step: SequenceStep) -> StepVariant:
    variant.pk, variant.step = None, step
    variant._state.adding = True
    return variant


@transaction.atomic
def delete_campaign(campaign: Campaign, *, actor: User) -> None:
    """Remove a draft nobody was ever enrolled in. Raises `CampaignError` otherwise."""
    empty = Campaign.objects.filter(
        pk=campaign.pk, status=CampaignStatus.DRAFT, enrolments=None, launched_at=None
    )
    if not empty.exists():
        raise CampaignError("Only a draft without leads can be deleted. Archive this one instead.")
    audit.record(
        agency=campaign.agency,
        actor=actor,
        action="campaign.deleted",
        object_type="campaign",
        object_id=str(campaign.pk),
        changes={"name": campaign.name},
    )
    campaign.delete()


def _save_with_slug(campaign: Campaign) -> None:
    """Save under the first free slug made of the name."""
    stem = slugify(campaign.name)[:130].strip("-") or "campaign"
    taken = set(
        Campaign.objects.filter(agency=campaign.agency, slug__startswith=stem).values_list(
            "slug", flat=True
        )
    )
    number = 1
    slug = stem
    while slug in taken or slug in _TAKEN_SLUGS:
        number += 1
        slug = f"{stem}-{number}"
    campaign.slug = slug
    try:
        with transaction.atomic():
            campaign.save()
    except IntegrityError as error:
        raise CampaignError(
            "Someone made a campaign of that name just now. Try once more."
        ) from error
