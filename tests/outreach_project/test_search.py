import pytest

from accounts.enums import Role
from campaigns.models import Campaign
from leads.models import Lead
from outreach_project.search import SIZE, find


@pytest.fixture
def lead(agency):
    def make(email, domain="", agency=agency):
        return Lead.objects.create(agency=agency, email=email, domain=domain)

    return make


def found(agency, words):
    return [lead.email for lead in find(agency, words).leads]


def test_find_reads_leads_by_the_beginning_of_address_or_site(agency, lead):
    lead("elena@ridge.example", "ridge.example")
    lead("ridley@other.example", "other.example")
    lead("tom@north.example", "north.example")

    assert found(agency, "RID") == ["elena@ridge.example", "ridley@other.example"]


def test_find_names_a_lead_once(agency, lead):
    lead("ridge@ridge.example", "ridge.example")

    assert found(agency, "ridge") == ["ridge@ridge.example"]


def test_find_reads_campaigns_by_any_part_of_their_name(agency):
    Campaign.objects.create(agency=agency, name="Northbeam guest posts", slug="n")

    assert [campaign.slug for campaign in find(agency, "GUEST").campaigns] == ["n"]


def test_find_never_leaves_the_agency(agency, stranger, lead):
    lead("elena@ridge.example", "ridge.example", agency=stranger.agency)
    Campaign.objects.create(agency=stranger.agency, name="ridge", slug="n")

    nothing = find(agency, "ridge")

    assert (nothing.leads, nothing.campaigns) == ([], [])


@pytest.mark.parametrize("words", ["", "%", "_", "\\", "'", "é", "\U0010ffff"])
def test_find_takes_any_words_literally(agency, lead, words):
    lead("elena@ridge.example")

    assert found(agency, words) == []


def test_find_shows_eight_of_a_kind_in_constant_queries(agency, lead, django_assert_num_queries):
    for number in range(SIZE + 2):
        lead(f"a{number}@x.example", f"a{number}.example")

    with django_assert_num_queries(3):
        assert len(find(agency, "a").leads) == SIZE


def test_search_page_and_partial(owner, owner_browser, agency):
    url = f"/w/{agency.slug}/search/?q=zzz"

    page = owner_browser.get(url).content.decode()
    partial = owner_browser.get(url, headers={"HX-Request": "true"}).content.decode()

    assert "No lead or campaign begins with “zzz”" in page
    assert "<html" not in partial


def test_search_is_not_for_clients(join, browser_of):
    member = join(Role.CLIENT)

    assert browser_of(member).get(f"/w/{member.agency.slug}/search/").status_code == 403
