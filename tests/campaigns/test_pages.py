"""The pages of a running campaign: who sees them, what they cost, what they do."""

from typing import Any

import pytest

from accounts.enums import Role
from campaigns.enums import EnrolmentStatus, SkipReason
from campaigns.models import Campaign, Enrolment, EnrolmentRun, StepEmail
from campaigns.services.compose import compose_due
from leads.models import Lead
from mailer.enums import Intent
from mailer.models import InboundMessage, Message
from mailer.services.sending import send_due
from tests.campaigns.test_enrolment import write_to
from tests.campaigns.test_stops import reply_to
from tests.factories.compliance import SuppressionFactory
from tests.factories.leads import SavedViewFactory
from tests.factories.outreach import CampaignFactory, PersonFactory, enrolment_of, running


@pytest.fixture
def lived(lawful: Any, mailbox: Any) -> Campaign:
    """One person, written to, who replied."""
    campaign = running(lawful, mailbox)
    compose_due()
    send_due()
    reply_to(Message.objects.get(), intent=Intent.INTERESTED, new_text="=cmd|' /C calc'!A0")
    return campaign


def url(campaign: Campaign, *rest: object) -> str:
    return "/".join(
        ["", "w", campaign.agency.slug, "campaigns", campaign.slug, *map(str, rest), ""]
    )


PAGES = ["", "leads", "replies", "forecast", "enrol"]


@pytest.mark.parametrize("page", PAGES)
def test_a_member_sees_the_page(lived, join, browser_of, page):
    answer = browser_of(join(Role.MEMBER)).get(url(lived, *([page] if page else [])))

    assert answer.status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_finds_no_page(lived, stranger, browser_of, page):
    answer = browser_of(stranger).get(url(lived, *([page] if page else [])))

    assert answer.status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_a_client_may_not_see_the_page(lived, join, browser_of, page):
    answer = browser_of(join(Role.CLIENT)).get(url(lived, *([page] if page else [])))

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("page", "queries"), [("", 21), ("leads", 10), ("replies", 8), ("forecast", 13)]
)
def test_a_page_asks_no_more_for_three_than_for_one(  # noqa: PLR0917  # fixtures
    lawful, mailbox, owner_browser, django_assert_num_queries, page, queries
):
    def asked(campaign):
        here = url(campaign, *([page] if page else []))
        owner_browser.get(here)
        with django_assert_num_queries(queries):
            owner_browser.get(here)

    for people in (1, 3):
        campaign = running(lawful, mailbox, people=people)
        compose_due()
        send_due()
        for message in Message.objects.filter(campaign_key=f"campaign:{campaign.pk}"):
            reply_to(message)
        asked(campaign)


def test_the_leads_tab_filters(lived, owner_browser):
    found = owner_browser.get(url(lived, "leads"), {"status": "pending"})

    assert b"Nobody matches these filters" in found.content


@pytest.mark.parametrize(
    ("action", "status"),
    [("pause", EnrolmentStatus.PAUSED), ("remove", EnrolmentStatus.FINISHED)],
)
def test_a_bulk_action_changes_who_was_ticked(lawful, box, owner_browser, action, status):
    campaign = running(lawful, box, people=2)
    one, two = Enrolment.objects.order_by("pk")

    owner_browser.post(url(campaign, "leads", "bulk"), {"action": action, "ids": [one.pk]})

    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.status, two.status) == (status, EnrolmentStatus.PENDING)


def test_a_bulk_action_on_all_follows_the_filters(lawful, box, owner_browser):
    campaign = running(lawful, box, people=2)
    one = Enrolment.objects.order_by("pk")[0]

    owner_browser.post(
        url(campaign, "leads", "bulk"),
        {"action": "pause", "scope": "all", "query": f"q={one.lead.email}"},
    )

    assert Enrolment.objects.filter(status=EnrolmentStatus.PAUSED).get() == one


def test_a_bulk_action_reaches_no_other_campaign(lawful, box, owner_browser):
    ours, other = running(lawful, box), running(lawful, box)

    owner_browser.post(
        url(ours, "leads", "bulk"), {"action": "pause", "ids": [enrolment_of(other).pk]}
    )

    assert enrolment_of(other).status == EnrolmentStatus.PENDING


# Exports ------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["leads", "messages", "replies"])
def test_an_export_has_a_header_and_a_line(lived, owner_browser, what):
    answer = owner_browser.get(url(lived, "export", what))

    assert len(answer.getvalue().decode().splitlines()) == 2


def test_no_export_holds_a_formula(lived, owner_browser):
    Lead.objects.update(first_name="=1+1")

    cells = owner_browser.get(url(lived, "export", "leads")).getvalue().decode()
    reply = owner_browser.get(url(lived, "export", "replies")).getvalue().decode()

    assert ",'=1+1," in cells
    assert "'=cmd" in reply


def test_an_unknown_export_is_not_found(lived, owner_browser):
    assert owner_browser.get(url(lived, "export", "secrets")).status_code == 404


# Enrolling ----------------------------------------------------------------------------------


def test_ticked_leads_are_enrolled_and_the_result_is_shown(agency, owner_browser):
    campaign = CampaignFactory.create(agency=agency)
    good, bad = PersonFactory.create(agency=agency), PersonFactory.create(agency=agency)
    SuppressionFactory.create(agency=agency, value=bad.email)

    answer = owner_browser.post(
        f"/w/{agency.slug}/enrol/",
        {"campaign": campaign.pk, "ids": [good.pk, bad.pk]},
        follow=True,
    )

    assert enrolment_of(campaign).lead == good
    assert b"Must not be written to" in answer.content


def test_all_that_match_are_enrolled(agency, owner_browser):
    campaign = CampaignFactory.create(agency=agency)
    PersonFactory.create(agency=agency)
    wanted = PersonFactory.create(agency=agency, status="qualified")

    owner_browser.post(
        f"/w/{agency.slug}/enrol/",
        {"campaign": campaign.pk, "scope": "all", "query": "status=qualified"},
    )

    assert enrolment_of(campaign).lead == wanted


@pytest.mark.parametrize("asked", [{}, {"do": "tag"}, {"ids": []}])
def test_nobody_ticked_enrols_nobody(agency, owner_browser, asked):
    campaign = CampaignFactory.create(agency=agency)
    PersonFactory.create(agency=agency)

    owner_browser.post(f"/w/{agency.slug}/enrol/", {"campaign": campaign.pk, **asked})

    assert not Enrolment.objects.exists()


def test_the_choice_offers_no_campaign_of_another_agency(agency, owner_browser):
    other = CampaignFactory.create()
    lead = PersonFactory.create(agency=agency)

    answer = owner_browser.post(
        f"/w/{agency.slug}/enrol/", {"campaign": other.pk, "ids": [lead.pk]}
    )

    assert answer.status_code == 422
    assert not Enrolment.objects.exists()


def test_a_saved_view_is_counted_and_enrolled(agency, owner_browser):
    campaign = CampaignFactory.create(agency=agency)
    PersonFactory.create(agency=agency)
    wanted = PersonFactory.create(agency=agency, status="qualified")
    view = SavedViewFactory.create(agency=agency, query="status=qualified")

    preview = owner_browser.get(
        url(campaign, "enrol"), {"view": view.pk}, headers={"HX-Request": "true"}
    )
    owner_browser.post(url(campaign, "enrol"), {"view": view.pk})

    assert b"Enrol 1 lead" in preview.content
    assert enrolment_of(campaign).lead == wanted


def test_who_was_left_out_can_be_downloaded(agency, owner_browser):
    campaign = CampaignFactory.create(agency=agency)
    PersonFactory.create(agency=agency, email=None, company="=2+2")
    owner_browser.post(url(campaign, "enrol"))
    run = EnrolmentRun.objects.get()

    text = owner_browser.get(url(campaign, "enrol", run.pk, "left-out")).getvalue().decode()

    assert "No e-mail address" in text
    assert "'=2+2" in text


@pytest.mark.parametrize(("role", "enrolled"), [(Role.MANAGER, 1), (Role.MEMBER, 0)])
def test_only_a_manager_overrides_the_cooldown(agency, join, browser_of, role, enrolled):
    campaign = CampaignFactory.create(agency=agency)
    write_to(PersonFactory.create(agency=agency), days_ago=1)
    browser = browser_of(join(role))
    browser.post(url(campaign, "enrol"))
    run = EnrolmentRun.objects.get()
    assert run.skips.get().reason == SkipReason.COOLDOWN

    browser.post(
        url(campaign, "enrol", run.pk, "override"), {"override_reason": "They asked us to."}
    )

    assert Enrolment.objects.count() == enrolled


# A person -----------------------------------------------------------------------------------


def person_url(agency: Any, address: str, *rest: str) -> str:
    return "/".join(["", "w", agency.slug, "people", address, *rest, ""])


def test_a_persons_page_tells_what_is_known(lived, agency, owner_browser):
    text = owner_browser.get(person_url(agency, enrolment_of(lived).lead.email)).content.decode()

    assert lived.name in text
    assert "replied" in text


def test_a_persons_page_is_the_same_for_someone_unknown(agency, owner_browser):
    answer = owner_browser.get(person_url(agency, "nobody@nowhere.example"))

    assert answer.status_code == 200
    assert b"Not in the lead list" in answer.content


def test_a_persons_page_knows_nothing_of_another_agency(lived, stranger, browser_of):
    email = enrolment_of(lived).lead.email

    answer = browser_of(stranger).get(person_url(stranger.agency, email))

    assert lived.name.encode() not in answer.content


@pytest.mark.parametrize(
    ("action", "reason"), [("stop", "removed"), ("won", "won"), ("suppress", "blocked")]
)
def test_a_persons_sequences_are_stopped(lawful, box, owner_browser, action, reason):
    campaign = running(lawful, box)
    email = enrolment_of(campaign).lead.email

    owner_browser.post(person_url(lawful, email, "act"), {"action": action})

    assert enrolment_of(campaign).stop_reason == reason


def test_the_emails_of_a_campaign_are_its_own(lived, box):
    assert StepEmail.objects.filter(campaign=lived).count() == 1
    assert InboundMessage.objects.count() == 1
