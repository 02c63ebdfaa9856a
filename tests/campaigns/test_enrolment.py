"""Who joins a campaign, who is left out and why."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Agency, Membership
from campaigns.enums import CampaignStatus, RunStatus, SkipReason, StopReason
from campaigns.models import Campaign, Enrolment, EnrolmentRun
from campaigns.services.enrolment import (
    EnrolError,
    enrol_from,
    enrol_import,
    enrol_leads,
    start_run,
    waiting_runs,
    work_run,
)
from campaigns.services.retry import retry_enrolments
from campaigns.services.stops import finish_enrolments
from leads.models import Lead, LeadEvent, LeadImport
from leads.services.imports import create_import, start_import
from leads.services.running import run_import
from tests.factories.accounts import ClientFactory
from tests.factories.compliance import SuppressionFactory
from tests.factories.mailer import MailboxFactory, MessageFactory
from tests.factories.outreach import CampaignFactory, PersonFactory, running


@pytest.fixture
def campaign(agency: Agency) -> Campaign:
    return CampaignFactory.create(agency=agency)


def reason_for(campaign: Campaign, lead: Lead) -> str:
    """Enrol one lead and return why it was left out, "" when it joined."""
    run = enrol_leads(campaign=campaign, leads=[lead.pk], actor=None).run
    skip = run.skips.first()
    return skip.reason if skip else ""


def write_to(lead: Lead, *, days_ago: int, campaign_key: str = "campaign:0") -> None:
    """Let someone of the agency have written to a lead."""
    MessageFactory.create(
        sent=True,
        mailbox=MailboxFactory.create(agency=lead.agency),
        to_address=lead.email,
        campaign_key=campaign_key,
        sent_at=timezone.now() - dt.timedelta(days=days_ago),
    )


def test_enrol_leads_enrols_and_is_due_at_once(agency, campaign):
    lead = PersonFactory.create(agency=agency)

    result = enrol_leads(campaign=campaign, leads=[lead.pk], actor=None)

    campaign.refresh_from_db()
    assert (result.enrolled, campaign.total_enrolled) == (1, 1)
    assert Enrolment.objects.filter(due_at__lte=timezone.now()).count() == 1
    assert LeadEvent.objects.get().kind == "enrolled"


def test_enrol_leads_twice_enrols_once(agency, campaign):
    lead = PersonFactory.create(agency=agency)
    enrol_leads(campaign=campaign, leads=[lead.pk], actor=None)

    assert reason_for(campaign, lead) == SkipReason.ALREADY
    assert Enrolment.objects.count() == 1


def test_enrol_leads_takes_no_lead_of_another_agency(campaign):
    other = PersonFactory.create()

    result = enrol_leads(campaign=campaign, leads=[other.pk], actor=None)

    assert (result.enrolled, sum(result.skipped.values())) == (0, 0)


def test_enrol_leads_leaves_out_who_has_no_address(agency, campaign):
    lead = PersonFactory.create(agency=agency, email=None)

    assert reason_for(campaign, lead) == SkipReason.NO_ADDRESS


@pytest.mark.parametrize(
    "changes", [{"verification": "invalid"}, {"email": "no-reply@site.example"}]
)
def test_enrol_leads_leaves_out_who_cannot_receive(agency, campaign, changes):
    lead = PersonFactory.create(agency=agency, **changes)

    assert reason_for(campaign, lead) == SkipReason.INVALID


def test_enrol_leads_leaves_out_the_suppressed(agency, campaign):
    lead = PersonFactory.create(agency=agency)
    SuppressionFactory.create(agency=agency, value=lead.email)

    assert reason_for(campaign, lead) == SkipReason.SUPPRESSED


def test_enrol_leads_leaves_out_another_clients_leads(agency, campaign):
    campaign.client = ClientFactory.create(agency=agency)
    lead = PersonFactory.create(agency=agency, client=ClientFactory.create(agency=agency))

    assert reason_for(campaign, lead) == SkipReason.WRONG_CLIENT


def test_enrol_leads_leaves_out_who_is_in_another_running_campaign(agency, campaign):
    lead = PersonFactory.create(agency=agency)
    other = CampaignFactory.create(agency=agency)
    enrol_leads(campaign=other, leads=[lead.pk], actor=None)

    assert reason_for(campaign, lead) == SkipReason.ELSEWHERE


def test_enrol_leads_takes_who_is_in_a_draft_elsewhere(agency, campaign):
    lead = PersonFactory.create(agency=agency)
    other = CampaignFactory.create(agency=agency, status=CampaignStatus.DRAFT)
    enrol_leads(campaign=other, leads=[lead.pk], actor=None)

    assert reason_for(campaign, lead) == ""


@pytest.mark.parametrize(("days", "reason"), [(29, SkipReason.COOLDOWN), (31, "")])
def test_enrol_leads_keeps_the_cooldown(agency, campaign, days, reason):
    lead = PersonFactory.create(agency=agency)
    write_to(lead, days_ago=days)

    assert reason_for(campaign, lead) == reason


def test_enrol_leads_ignores_the_cooldown_of_the_campaign_itself(agency, campaign):
    lead = PersonFactory.create(agency=agency)
    write_to(lead, days_ago=1, campaign_key=f"campaign:{campaign.pk}")

    assert reason_for(campaign, lead) == ""


def test_enrol_leads_says_who_wrote_when(agency, campaign):
    lead = PersonFactory.create(agency=agency)
    write_to(lead, days_ago=3)

    run = enrol_leads(campaign=campaign, leads=[lead.pk], actor=None).run

    assert "wrote on" in run.skips.get().detail


@pytest.mark.parametrize("role", [Role.MANAGER, Role.OWNER])
def test_a_manager_overrides_the_cooldown_with_a_reason(agency, campaign, join, role):
    lead = PersonFactory.create(agency=agency)
    write_to(lead, days_ago=1)

    enrol_leads(
        campaign=campaign, leads=[lead.pk], actor=join(role).user, override_reason="They asked."
    )

    assert Enrolment.objects.get().cooldown_override == "They asked."


def test_a_member_may_not_override_the_cooldown(agency, campaign, join):
    lead = PersonFactory.create(agency=agency)

    with pytest.raises(PermissionDenied):
        enrol_leads(
            campaign=campaign,
            leads=[lead.pk],
            actor=join(Role.MEMBER).user,
            override_reason="I want to.",
        )


def test_an_override_does_not_lift_a_suppression(agency, campaign, owner):
    lead = PersonFactory.create(agency=agency)
    SuppressionFactory.create(agency=agency, value=lead.email)

    result = enrol_leads(
        campaign=campaign, leads=[lead.pk], actor=owner.user, override_reason="They asked."
    )

    assert result.enrolled == 0


@pytest.mark.parametrize("status", [CampaignStatus.COMPLETED, CampaignStatus.ARCHIVED])
def test_nobody_joins_a_campaign_that_is_over(agency, campaign, status):
    campaign.status = status

    with pytest.raises(EnrolError):
        enrol_leads(campaign=campaign, leads=[], actor=None)


def test_enrol_leads_asks_no_more_for_many_than_for_one(agency, campaign):
    def queries(people: int) -> int:
        keys = [PersonFactory.create(agency=agency).pk for _ in range(people)]
        with CaptureQueriesContext(connection) as context:
            enrol_leads(campaign=campaign, leads=keys, actor=None)
        return len(context)

    assert queries(1) == queries(3)


# Runs ---------------------------------------------------------------------------------------


def test_little_is_enrolled_at_once(agency, campaign, owner):
    PersonFactory.create(agency=agency)

    run = enrol_from(campaign=campaign, actor=owner.user, source={"query": ""})

    assert (run.status, run.enrolled, run.done) == (RunStatus.FINISHED, 1, 1)


def test_a_run_is_worked_once(agency, campaign, owner):
    PersonFactory.create(agency=agency)
    run = start_run(campaign=campaign, actor=owner.user, source={"query": ""})

    assert waiting_runs(timezone.now()) == [run.pk]
    assert work_run(run.pk) is True
    assert work_run(run.pk) is False
    assert waiting_runs(timezone.now()) == []


def test_an_abandoned_run_goes_on_where_it_stopped(agency, campaign, owner):
    one, two = (PersonFactory.create(agency=agency) for _ in range(2))
    run = start_run(campaign=campaign, actor=owner.user, source={"ids": [one.pk, two.pk]})
    EnrolmentRun.objects.update(
        status=RunStatus.RUNNING,
        last_lead_id=one.pk,
        done=1,
        heartbeat_at=timezone.now() - dt.timedelta(hours=1),
    )

    work_run(run.pk)

    run.refresh_from_db()
    assert (run.done, run.enrolled) == (2, 1)


def test_an_override_run_takes_only_those_of_the_cooldown(agency, campaign, owner):
    recent, suppressed = (PersonFactory.create(agency=agency) for _ in range(2))
    write_to(recent, days_ago=1)
    SuppressionFactory.create(agency=agency, value=suppressed.email)
    first = enrol_from(campaign=campaign, actor=owner.user, source={"query": ""})

    enrol_from(
        campaign=campaign,
        actor=owner.user,
        source={"run": first.pk, "reason": "cooldown"},
        override_reason="They asked.",
    )

    assert [one.lead for one in Enrolment.objects.all()] == [recent]


def imported(agency: Agency, owner: Membership, campaign: Campaign) -> LeadImport:
    """Import a file of one new and one known person for a campaign."""
    PersonFactory.create(agency=agency, email="known@site.example")
    text = b"Email,First name\nnew@site.example,New\nknown@site.example,Known\n"
    made = create_import(
        agency=agency,
        file=ContentFile(text),
        filename="people.csv",
        actor=owner.user,
        options={"campaign_id": campaign.pk},
    )
    start_import(made)
    run_import(made.pk)
    return made


def test_an_imported_file_enrols_everyone_in_it_once(agency, campaign, owner):
    PersonFactory.create(agency=agency)

    made = imported(agency, owner, campaign)
    enrol_import(made)

    emails = Enrolment.objects.values_list("lead__email", flat=True)
    assert sorted(str(email) for email in emails) == ["known@site.example", "new@site.example"]


def test_an_import_enrols_into_no_campaign_of_another_agency(agency, owner):
    imported(agency, owner, CampaignFactory.create())

    assert not Enrolment.objects.exists()


def test_who_was_refused_before_anything_was_sent_may_be_enrolled_again(agency, owner):
    campaign = running(agency, MailboxFactory.create(agency=agency))
    rows = Enrolment.objects.filter(campaign=campaign)
    finish_enrolments(rows, agency=agency, reason=StopReason.BLOCKED)

    assert retry_enrolments(rows, agency=agency, actor=owner.user) == 1

    campaign.refresh_from_db()
    assert (rows.get().status, campaign.total_enrolled) == ("pending", 1)
