"""Every change of content counts a version, voids the approval and takes back the queue."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.enums import Role
from campaigns.enums import CampaignStatus, Review, ThreadMode
from campaigns.models import Campaign, SequenceStep, StepEmail, StepVariant
from campaigns.rules import campaign_key
from campaigns.services import content, moves
from campaigns.services.campaigns import (
    CampaignError,
    create_campaign,
    delete_campaign,
    duplicate_campaign,
)
from campaigns.services.compose import compose_due
from campaigns.services.content import ContentConflictError, ContentError, digest_of
from mailer.enums import MessageStatus
from mailer.models import Message
from tests.factories.campaigns import CampaignFactory, StepFactory, VariantFactory
from tests.factories.mailer import MailboxFactory, MessageFactory
from tests.factories.outreach import running

S = CampaignStatus


def _variant(campaign: Campaign) -> StepVariant:
    return StepVariant.objects.select_related("step__campaign__agency").get(
        step__campaign=campaign, step__order=1, label="A"
    )


def _fields(variant: StepVariant, **changes: object) -> dict[str, object]:
    step = variant.step
    fields = {
        "subject": variant.subject,
        "body": variant.body,
        "weight": variant.weight,
        "status": variant.status,
        "wait": step.wait,
        "wait_unit": step.wait_unit,
        "thread_mode": step.thread_mode,
    }
    return {**fields, **changes}


def _save(campaign: Campaign, actor, **changes: object) -> StepVariant:
    variant = _variant(campaign)
    return content.save_email(
        variant, fields=_fields(variant, **changes), seen=digest_of(variant), actor=actor
    )


def _approved(campaign: Campaign, status: str = S.APPROVED) -> Campaign:
    Campaign.objects.filter(pk=campaign.pk).update(
        status=status,
        approved_version=campaign.content_version,
        launched_at=timezone.now() if status in (S.RUNNING, S.PAUSED) else None,
    )
    campaign.refresh_from_db()
    return campaign


def _sent_email(campaign: Campaign, **fields: object) -> StepEmail:
    variant = _variant(campaign)
    return StepEmail.objects.create(
        agency=campaign.agency,
        campaign=campaign,
        enrolment=campaign.enrolments.get(),
        step=variant.step,
        variant=variant,
        **fields,
    )


def _save_text(campaign, actor):
    _save(campaign, actor, body="Another text.")


def _pause_nothing_add_step(campaign, actor):
    content.add_step(campaign, actor=actor)


def _add_variant(campaign, actor):
    content.add_variant(_variant(campaign).step, actor=actor)


def _change_schedule(campaign, actor):
    content.save_settings(
        campaign,
        fields={"send_from": dt.time(10, 0)},
        mailboxes=list(campaign.mailboxes.all()),
        actor=actor,
    )


def _change_mailboxes(campaign, actor):
    content.save_settings(
        campaign, fields={}, mailboxes=[MailboxFactory.create(agency=campaign.agency)], actor=actor
    )


def _remove_step(campaign, actor):
    content.remove_step(_variant(campaign).step, actor=actor)


CHANGES = [
    _save_text,
    _pause_nothing_add_step,
    _add_variant,
    _change_schedule,
    _change_mailboxes,
    _remove_step,
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_counts_a_version(campaign, owner, change) -> None:
    change(campaign, owner.user)
    campaign.refresh_from_db()
    assert campaign.content_version == 2


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (S.DRAFT, S.DRAFT),
        (S.IN_REVIEW, S.DRAFT),
        (S.APPROVED, S.DRAFT),
        (S.RUNNING, S.PAUSED),
        (S.PAUSED, S.PAUSED),
    ],
)
def test_a_change_voids_the_approval(campaign, owner, change, before, after) -> None:
    _approved(campaign, before)
    change(campaign, owner.user)
    campaign.refresh_from_db()
    assert (campaign.status, campaign.approved_version == campaign.content_version) == (
        after,
        False,
    )


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_takes_back_what_is_queued(campaign, owner, change) -> None:
    message = MessageFactory.create(
        agency=campaign.agency,
        mailbox=campaign.mailboxes.get(),
        campaign_key=campaign_key(campaign.pk),
    )
    change(_approved(campaign, S.RUNNING), owner.user)
    message.refresh_from_db()
    assert message.status == MessageStatus.CANCELLED


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("status", [S.COMPLETED, S.ARCHIVED])
def test_what_is_over_is_not_changed(campaign, owner, change, status) -> None:
    _approved(campaign, status)
    with pytest.raises(ContentError, match="Reopen"):
        change(campaign, owner.user)


def test_saving_the_same_changes_nothing(campaign, owner) -> None:
    _approved(campaign, S.RUNNING)
    _save(campaign, owner.user)
    campaign.refresh_from_db()
    assert (campaign.status, campaign.content_version) == (S.RUNNING, 1)


def test_saving_the_same_settings_changes_nothing(campaign, owner) -> None:
    changed = content.save_settings(
        campaign,
        fields={"daily_cap": campaign.daily_cap},
        mailboxes=list(campaign.mailboxes.all()),
        actor=owner.user,
    )
    assert changed is False


def test_the_second_of_two_writers_is_told(campaign, owner) -> None:
    variant = _variant(campaign)
    seen = digest_of(variant)
    _save(campaign, owner.user, body="Theirs.")
    with pytest.raises(ContentConflictError) as conflict:
        content.save_email(
            variant, fields=_fields(variant, body="Mine."), seen=seen, actor=owner.user
        )
    assert conflict.value.variant.body == "Theirs."


def test_a_conflict_counts_no_version(campaign, owner) -> None:
    variant = _variant(campaign)
    _save(campaign, owner.user, body="Theirs.")
    with pytest.raises(ContentConflictError):
        content.save_email(
            variant, fields=_fields(variant, body="Mine."), seen="old", actor=owner.user
        )
    assert Campaign.objects.get(pk=campaign.pk).content_version == 2


def test_the_first_step_starts_the_thread_at_once(campaign, owner) -> None:
    _save(campaign, owner.user, body="x", wait=9, thread_mode=ThreadMode.SAME)
    step = campaign.steps.get()
    assert (step.wait, step.thread_mode) == (0, ThreadMode.NEW)


def test_steps_are_renumbered_when_one_goes(campaign, owner) -> None:
    middle = content.add_step(campaign, actor=owner.user)
    content.add_step(campaign, actor=owner.user)
    content.remove_step(middle, actor=owner.user)
    assert list(campaign.steps.values_list("order", flat=True)) == [1, 2]


def test_the_step_that_comes_first_starts_the_thread(campaign, owner) -> None:
    second = content.add_step(campaign, actor=owner.user)
    moved = content.move_step(second, by=-1, actor=owner.user)
    steps = campaign.steps.values_list("pk", "order", "wait", "thread_mode")
    assert [row for row in steps if row[0] == moved.pk] == [(second.pk, 1, 0, ThreadMode.NEW)]


def test_the_step_that_was_first_waits_now(campaign, owner) -> None:
    content.move_step(content.add_step(campaign, actor=owner.user), by=-1, actor=owner.user)
    assert campaign.steps.get(order=2).wait == 3


@pytest.mark.parametrize("by", [-1, 1])
def test_a_step_at_the_edge_stays(campaign, owner, by: int) -> None:
    step = campaign.steps.get()
    content.move_step(step, by=by, actor=owner.user)
    assert campaign.steps.get().order == 1


def test_a_step_that_was_sent_keeps_its_place(campaign, owner) -> None:
    _sent_email(campaign, message=MessageFactory.create(agency=campaign.agency))
    second = content.add_step(campaign, actor=owner.user)
    with pytest.raises(ContentError, match="keep their place"):
        content.move_step(second, by=-1, actor=owner.user)


def test_a_step_that_was_sent_is_not_removed(campaign, owner) -> None:
    _sent_email(campaign, message=MessageFactory.create(agency=campaign.agency))
    with pytest.raises(ContentError, match="written to 1 people"):
        content.remove_step(campaign.steps.get(), actor=owner.user)


def test_drafts_go_with_their_step(campaign, owner) -> None:
    _sent_email(campaign, review=Review.DRAFTED)
    content.remove_step(campaign.steps.get(), actor=owner.user)
    assert (SequenceStep.objects.count(), StepEmail.objects.count()) == (0, 0)


def test_variants_are_five_at_most(campaign, owner) -> None:
    step = campaign.steps.get()
    labels = [content.add_variant(step, actor=owner.user).label for _ in range(4)]
    with pytest.raises(ContentError, match="5 variants"):
        content.add_variant(step, actor=owner.user)
    assert labels == ["B", "C", "D", "E"]


def test_the_only_variant_is_not_removed(campaign, owner) -> None:
    with pytest.raises(ContentError, match="needs one variant"):
        content.remove_variant(_variant(campaign), actor=owner.user)


def test_the_only_active_variant_is_not_paused(campaign, owner) -> None:
    content.add_variant(campaign.steps.get(), actor=owner.user)
    _save(campaign, owner.user, status="paused")
    other = StepVariant.objects.select_related("step__campaign__agency").get(label="B")
    with pytest.raises(ContentError, match="must stay active"):
        content.save_email(
            other, fields=_fields(other, status="paused"), seen=digest_of(other), actor=owner.user
        )


def test_a_variant_that_was_sent_is_not_removed(campaign, owner) -> None:
    _sent_email(campaign, message=MessageFactory.create(agency=campaign.agency))
    content.add_variant(campaign.steps.get(), actor=owner.user)
    with pytest.raises(ContentError, match="stays for the figures"):
        content.remove_variant(_variant(campaign), actor=owner.user)


def test_a_new_campaign_has_a_step_to_write(agency, owner) -> None:
    campaign = create_campaign(agency=agency, actor=owner.user, fields={"name": "Ünïcode & co"})
    assert (campaign.slug, campaign.steps.count(), campaign.time_zone) == (
        "unicode-co",
        1,
        agency.time_zone,
    )


@pytest.mark.parametrize("name", ["New", "日本"])
def test_no_campaign_takes_an_address_of_ours(agency, owner, name: str) -> None:
    campaign = create_campaign(agency=agency, actor=owner.user, fields={"name": name})
    assert campaign.slug in {"new-2", "campaign"}


def test_names_may_repeat_addresses_may_not(agency, owner) -> None:
    slugs = [
        create_campaign(agency=agency, actor=owner.user, fields={"name": "Spring"}).slug
        for _ in range(2)
    ]
    assert slugs == ["spring", "spring-2"]


def test_a_copy_takes_the_sequence_and_nobody(campaign, owner) -> None:
    second = StepFactory.create(campaign=campaign, order=2)
    VariantFactory.create(step=second)
    copy = duplicate_campaign(campaign, actor=owner.user)
    assert (copy.steps.count(), copy.enrolments.count(), copy.status) == (2, 0, S.DRAFT)


def test_copying_leaves_the_original_as_it_was(campaign, owner) -> None:
    duplicate_campaign(campaign, actor=owner.user)
    assert _variant(campaign).body == "Hello there."


def test_a_draft_without_leads_can_be_deleted(agency, owner) -> None:
    delete_campaign(CampaignFactory.create(agency=agency), actor=owner.user)
    assert Campaign.objects.count() == 0


def test_a_draft_with_leads_is_not_deleted(campaign, owner) -> None:
    with pytest.raises(CampaignError, match="Archive"):
        delete_campaign(campaign, actor=owner.user)


def test_what_runs_is_not_deleted(agency, owner) -> None:
    running = CampaignFactory.create(agency=agency, status=S.RUNNING)
    with pytest.raises(CampaignError, match="Archive"):
        delete_campaign(running, actor=owner.user)


def test_a_changed_email_is_made_again_from_the_new_text(lawful, box, join) -> None:
    campaign = running(lawful, box)
    manager = join(Role.MANAGER).user
    compose_due()
    content.save_email(
        (variant := _variant(campaign)),
        fields=_fields(variant, subject="New words"),
        seen=digest_of(variant),
        actor=manager,
    )
    campaign.refresh_from_db()
    for move in (moves.submit, moves.approve, moves.launch):
        move(campaign, actor=manager)
    compose_due()
    sent = Message.objects.order_by("pk").values_list("subject", "status")
    assert list(sent) == [
        ("A question for The Magazine", MessageStatus.CANCELLED),
        ("New words", MessageStatus.QUEUED),
    ]
