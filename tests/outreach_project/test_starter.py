from accounts.models import Agency, User
from campaigns.enums import CampaignStatus
from campaigns.models import Campaign
from campaigns.selectors.checks import blocking_checks
from directory.models import Backlink
from leads.models import Lead
from outreach_project.demo.starter import PROSPECTS, ensure_starter


def test_the_starter_is_made_once(db):
    ensure_starter()
    ensure_starter()
    assert (Agency.objects.count(), User.objects.count(), Campaign.objects.count()) == (1, 5, 1)


def test_the_starter_has_prospects_and_a_draft(db):
    ensure_starter()
    assert Campaign.objects.get().status == CampaignStatus.DRAFT
    assert 0 < Lead.objects.count() <= PROSPECTS


def test_the_draft_can_be_submitted_as_it_is(db):
    ensure_starter()
    assert blocking_checks(Campaign.objects.get()) == []


def test_starter_begins_with_opportunities_for_its_client(db):
    agency = ensure_starter()

    assert Backlink.objects.for_agency(agency).opportunities().count() > 50
