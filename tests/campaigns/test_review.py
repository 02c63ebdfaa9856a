"""Each e-mail is drafted, read by a person, and only then sent."""

import pytest

from accounts.enums import ApprovalMode, Role
from campaigns.enums import REVIEW_MOVES, CampaignStatus, Review
from campaigns.models import Campaign, Enrolment, StepEmail
from campaigns.services.enrolment import enrol_leads
from campaigns.services.review import (
    ReviewError,
    approve_emails,
    draft_for_review,
    edit_email,
    reopen_email,
    skip_email,
)
from tests.factories.mailer import MailboxFactory, MessageFactory
from tests.factories.outreach import CampaignFactory, PersonFactory


@pytest.fixture
def campaign(agency) -> Campaign:
    """In review, two people, two steps: four e-mails."""
    made = CampaignFactory.create(
        agency=agency,
        boxes=[MailboxFactory.create(agency=agency)],
        texts=["Hello {{ first_name }}.", "Any news, {{ nickname }}?"],
        approval_mode=ApprovalMode.EACH_EMAIL,
        status=CampaignStatus.IN_REVIEW,
        approved_version=None,
    )
    leads = [
        PersonFactory.create(agency=agency, custom={"nickname": "Bo"}).pk,
        PersonFactory.create(agency=agency).pk,
    ]
    enrol_leads(campaign=made, leads=leads, actor=None)
    return made


def first_email() -> StepEmail:
    return StepEmail.objects.order_by("pk")[0]


def drafts() -> dict[str, int]:
    found = StepEmail.objects.values_list("review", flat=True)
    return {review: list(found).count(review) for review in set(found)}


def test_enrolling_into_a_campaign_in_review_drafts_every_step(campaign):
    assert drafts() == {Review.DRAFTED: 4}


def test_draft_for_review_twice_drafts_once(campaign):
    assert draft_for_review(campaign) == 0
    assert StepEmail.objects.count() == 4


def test_a_draft_knows_its_holes_and_its_mailbox(campaign):
    holes = list(StepEmail.objects.order_by("pk").values_list("unresolved", flat=True))

    assert holes == [[], [], [], ["nickname"]]
    assert not Enrolment.objects.filter(mailbox=None).exists()


def test_changed_content_is_drafted_and_reviewed_again(campaign, owner):
    approve_emails(StepEmail.objects.all(), agency=campaign.agency, actor=owner.user)
    campaign.content_version = 2
    campaign.save()

    draft_for_review(campaign)

    assert drafts() == {Review.DRAFTED: 4}


def test_approve_emails_leaves_those_with_holes(campaign, owner):
    number = approve_emails(StepEmail.objects.all(), agency=campaign.agency, actor=owner.user)

    assert number == 3
    assert drafts() == {Review.APPROVED: 3, Review.DRAFTED: 1}


def test_the_last_decision_approves_the_campaign(campaign, owner):
    approve_emails(StepEmail.objects.all(), agency=campaign.agency, actor=owner.user)
    skip_email(StepEmail.objects.get(review=Review.DRAFTED), actor=owner.user, reason="No name")

    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.APPROVED
    assert campaign.approved_version == campaign.content_version


def test_an_edit_fills_the_hole_and_waits_for_review(campaign, owner):
    email = StepEmail.objects.exclude(unresolved=[]).get()

    edit_email(email, subject="", body="Any news, {{ first_name }}?", actor=owner.user)

    email.refresh_from_db()
    assert (email.unresolved, email.edited, email.review) == ([], True, Review.DRAFTED)


def test_an_edit_takes_away_an_approval_it_did_not_know_of(campaign, owner):
    seen = first_email()
    approve_emails(StepEmail.objects.all(), agency=campaign.agency, actor=owner.user)

    edit_email(seen, subject="Other", body="Other.", actor=owner.user)

    assert first_email().review == Review.DRAFTED


def test_an_edit_takes_the_approval_away(campaign, owner):
    email = first_email()
    approve_emails(StepEmail.objects.all(), agency=campaign.agency, actor=owner.user)

    edit_email(StepEmail.objects.get(pk=email.pk), subject="Other", body="Other.", actor=owner.user)

    email.refresh_from_db()
    assert email.review == Review.DRAFTED


def test_a_skip_is_undone(campaign, owner):
    email = first_email()
    skip_email(email, actor=owner.user)

    reopen_email(email, actor=owner.user)

    email.refresh_from_db()
    assert email.review == Review.DRAFTED


def test_what_is_on_its_way_cannot_be_reviewed_any_more(campaign, owner):
    email = first_email()
    email.message = MessageFactory.create()
    email.save()

    with pytest.raises(ReviewError):
        skip_email(email, actor=owner.user)


def test_another_agencys_emails_are_not_approved(campaign, stranger):
    number = approve_emails(StepEmail.objects.all(), agency=stranger.agency, actor=stranger.user)

    assert number == 0


FORBIDDEN = [(old, new) for old in Review for new in Review if new not in REVIEW_MOVES[old]]


@pytest.mark.parametrize(("old", "new"), FORBIDDEN)
def test_a_review_makes_no_forbidden_move(campaign, owner, old, new):
    StepEmail.objects.update(review=old, unresolved=[])
    email = first_email()
    act = {
        Review.APPROVED: lambda: approve_emails(
            StepEmail.objects.filter(pk=email.pk), agency=campaign.agency, actor=owner.user
        ),
        Review.SKIPPED: lambda: skip_email(email, actor=owner.user),
        Review.DRAFTED: lambda: reopen_email(email, actor=owner.user),
    }

    act[new]()

    email.refresh_from_db()
    assert (email.review, email.reviewed_at) == (old, None)


# Views --------------------------------------------------------------------------------------


def url(agency, *rest) -> str:
    return "/".join(["", "w", agency.slug, "approvals", *map(str, rest), ""])


def test_the_queue_asks_no_more_for_three_than_for_one(
    campaign, agency, owner_browser, django_assert_num_queries
):
    StepEmail.objects.exclude(pk=first_email().pk).update(review=Review.APPROVED)
    owner_browser.get(url(agency))
    with django_assert_num_queries(QUEUE_QUERIES):
        owner_browser.get(url(agency))
    StepEmail.objects.update(review=Review.DRAFTED)
    with django_assert_num_queries(QUEUE_QUERIES):
        owner_browser.get(url(agency))


QUEUE_QUERIES = 13


@pytest.mark.parametrize("role", [Role.MANAGER, Role.OWNER])
def test_a_manager_approves_and_sees_the_next(campaign, agency, join, browser_of, role):
    first, second, *_ = StepEmail.objects.order_by("pk")

    answer = browser_of(join(role)).post(url(agency, first.pk, "approve"))

    first.refresh_from_db()
    assert first.review == Review.APPROVED
    assert answer.headers["Location"] == url(agency, second.pk)


def test_a_member_sees_but_does_not_approve(campaign, agency, join, browser_of):
    first = first_email()
    browser = browser_of(join(Role.MEMBER))

    assert browser.get(url(agency, first.pk)).status_code == 200
    assert browser.post(url(agency, first.pk, "approve")).status_code == 403


def test_a_stranger_finds_nothing(campaign, agency, stranger, browser_of):
    first = first_email()
    browser = browser_of(stranger)

    assert browser.get(url(agency, first.pk)).status_code == 404
    assert browser.get(url(stranger.agency, first.pk)).status_code == 404


def test_under_htmx_a_decision_brings_the_next_with_queue_and_counters(
    campaign, agency, owner_browser
):
    first, second, *_ = StepEmail.objects.order_by("pk")

    answer = owner_browser.post(url(agency, first.pk, "approve"), headers={"HX-Request": "true"})

    text = answer.content.decode()
    assert answer.headers["HX-Push-Url"] == url(agency, second.pk)
    assert 'id="queue" hx-swap-oob' in text
    assert 'id="progress-text" hx-swap-oob' in text
    assert "1 of 4 reviewed" in text


def test_an_email_with_a_hole_is_not_approved(campaign, agency, owner_browser):
    email = StepEmail.objects.exclude(unresolved=[]).get()

    owner_browser.post(url(agency, email.pk, "approve"))

    email.refresh_from_db()
    assert email.review == Review.DRAFTED


def test_approve_all_clean_leaves_the_flagged(campaign, agency, owner_browser):
    owner_browser.post(url(agency, "approve-clean"))

    assert drafts() == {Review.APPROVED: 3, Review.DRAFTED: 1}


def test_the_preview_is_a_frame_that_runs_nothing(campaign, agency, owner_browser):
    first = first_email()

    answer = owner_browser.get(url(agency, first.pk, "preview"))

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert b"Hello" in answer.content


def test_an_edit_with_a_broken_template_says_what_is_wrong(campaign, agency, owner_browser):
    first = first_email()

    answer = owner_browser.post(url(agency, first.pk, "edit"), {"body": "Hello {{ first_name"})

    first.refresh_from_db()
    assert answer.status_code == 422
    assert first.edited is False


def test_a_skip_keeps_its_reason(campaign, agency, owner_browser):
    first = first_email()

    owner_browser.post(url(agency, first.pk, "skip"), {"reason": "A competitor."})

    first.refresh_from_db()
    assert (first.review, first.review_reason) == (Review.SKIPPED, "A competitor.")


def test_a_manager_returns_a_sequence_with_a_note(campaign, agency, owner_browser):
    Campaign.objects.update(approval_mode=ApprovalMode.SEQUENCE)
    page = url(agency, "sequences", campaign.slug)

    assert owner_browser.get(page).status_code == 200
    owner_browser.post(f"{page}return/", {"note": "Shorter, please."})

    campaign.refresh_from_db()
    assert (campaign.status, campaign.review_note) == ("draft", "Shorter, please.")


def test_a_manager_approves_a_sequence(campaign, agency, owner_browser):
    Campaign.objects.update(approval_mode=ApprovalMode.SEQUENCE)

    owner_browser.post(url(agency, "sequences", campaign.slug, "approve"))

    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.APPROVED
