"""What the link-data provider says is kept beside our own checks."""

from collections.abc import Iterator

import pytest

from directory.enums import BacklinkStatus, CheckSource, Verdict
from directory.models import BacklinkCheck
from directory.services.second_source import ask_for_agency
from integrations.enums import Provider
from integrations.services import providers
from tests.factories.directory import BacklinkFactory
from tests.servers.dataforseo import LOGIN, PASSWORD, DataForSeoServer
from tests.servers.web import web_running

pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor(settings, agency) -> Iterator[DataForSeoServer]:
    server = DataForSeoServer()
    with web_running(server):
        settings.DATAFORSEO_URL = server.base
        providers.save_account(
            agency=agency, provider=Provider.DATAFORSEO, login=LOGIN, secret=PASSWORD,
            monthly_limit=2,
        )  # fmt: skip
        yield server


def make(agency, verdict: str):
    return BacklinkFactory.create(agency=agency, status=BacklinkStatus.PUBLISHED, verdict=verdict)


def test_page_we_cannot_read_is_asked_for(vendor, agency):
    link = make(agency, Verdict.UNVERIFIABLE)
    vendor.links[link.source_url] = [{"url_to": link.target_url, "dofollow": True}]
    assert ask_for_agency(agency) == 1
    link.refresh_from_db()
    check = BacklinkCheck.objects.get()
    assert (link.is_live, link.verdict) == (True, Verdict.UNVERIFIABLE)
    assert (check.source, check.verdict, check.found_rel) == (
        CheckSource.LINK_DATA, Verdict.LIVE, "dofollow",
    )  # fmt: skip


def test_live_page_is_asked_for_in_the_index(vendor, agency):
    listed, unlisted = make(agency, Verdict.LIVE), make(agency, Verdict.LIVE)
    vendor.listed = [listed.source_url]
    ask_for_agency(agency)
    listed.refresh_from_db()
    unlisted.refresh_from_db()
    assert (listed.is_indexed, unlisted.is_indexed) == (True, False)


def test_nothing_is_asked_twice_within_a_month(vendor, agency):
    make(agency, Verdict.LIVE)
    assert [ask_for_agency(agency), ask_for_agency(agency)] == [1, 0]


def test_limit_of_the_month_holds(vendor, agency):
    for _ in range(4):
        make(agency, Verdict.LIVE)
    assert ask_for_agency(agency) == 2
    assert len(vendor.wishes) == 2


def test_without_an_account_nothing_is_asked(agency):
    make(agency, Verdict.LIVE)
    assert ask_for_agency(agency) == 0
