"""Accounts at providers: limits, records, the page, and that the key stays hidden."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.enums import Role
from integrations.enums import CallOutcome, Provider
from integrations.models import ProviderAccount, ProviderCall, ProviderUsage
from integrations.services import providers
from integrations.vendors.link_data import VendorError
from tests.servers.dataforseo import LOGIN, PASSWORD, DataForSeoServer
from tests.servers.web import web_running

pytestmark = pytest.mark.django_db
SOURCE, TARGET = "https://blog.example/post", "https://acme.example/guide"


@pytest.fixture
def vendor(settings) -> Iterator[DataForSeoServer]:
    server = DataForSeoServer()
    with web_running(server):
        settings.DATAFORSEO_URL = server.base
        yield server


@pytest.fixture
def account(agency) -> ProviderAccount:
    return providers.save_account(
        agency=agency, provider=Provider.DATAFORSEO, login=LOGIN, secret=PASSWORD, monthly_limit=3
    )


def ask(account: ProviderAccount):
    return providers.call(
        account, agency=account.agency, purpose="link", ask=lambda api: api.link(SOURCE, TARGET)
    )


def test_link_the_vendor_knows(vendor, account):
    vendor.links[SOURCE] = [
        {"url_from": SOURCE, "url_to": "https://acme.example/other", "dofollow": True},
        {"url_from": SOURCE, "url_to": TARGET + "/", "dofollow": False, "attributes": ["ugc"],
         "anchor": "Acme", "is_lost": False, "last_seen": "2026-05-01 00:00:00 +00:00"},
    ]  # fmt: skip
    facts = ask(account)
    assert (facts.live, facts.rel, facts.anchor) == (True, "ugc", "Acme")


def test_link_the_vendor_saw_disappear(vendor, account):
    vendor.links[SOURCE] = [{"url_from": SOURCE, "url_to": TARGET, "is_lost": True}]
    assert ask(account).live is False


def test_link_the_vendor_never_saw_is_unknown(vendor, account):
    assert ask(account).live is None


def test_call_is_counted_and_written_down(vendor, account):
    ask(account)
    usage, made = ProviderUsage.objects.get(), ProviderCall.objects.get()
    assert (usage.units, usage.cost) == (1, Decimal("0.02"))
    assert (made.purpose, made.outcome, made.cost) == ("link", CallOutcome.OK, Decimal("0.02"))


def test_limit_of_the_month_is_never_passed(vendor, account):
    for _ in range(3):
        ask(account)
    with pytest.raises(providers.LimitError):
        ask(account)
    assert len(vendor.wishes) == 3


def test_refused_key_switches_the_account_off(vendor, account):
    account.secret = "wrong"
    with pytest.raises(VendorError, match="refused"):
        ask(account)
    account.refresh_from_db()
    assert (account.is_active, account.last_error[:18]) == (False, "DataForSEO refused")


def test_answered_test_switches_the_account_on_again(vendor, account):
    ProviderAccount.objects.update(is_active=False, last_error="refused")
    providers.test_account(account)
    account.refresh_from_db()
    assert (account.is_active, account.last_error) == (True, "")


def test_vendor_that_is_down_leaves_the_account_on(vendor, account):
    vendor.fails = True
    with pytest.raises(VendorError):
        ask(account)
    account.refresh_from_db()
    assert account.is_active
    assert ProviderCall.objects.get().outcome == CallOutcome.FAILED


def test_own_account_goes_before_the_platforms(agency, account):
    platform = ProviderAccount.objects.create(provider=Provider.DATAFORSEO, login="p", secret="p")
    assert providers.link_data_account(agency) == account
    providers.remove_account(account)
    assert providers.link_data_account(agency) == platform


# The page ------------------------------------------------------------------------------------


def page(agency) -> str:
    return reverse("integrations:providers", args=[agency.slug])


def test_account_is_added_tested_and_removed(vendor, agency, owner_browser):
    given = {"provider": "dataforseo", "login": LOGIN, "secret": PASSWORD, "monthly_limit": 50}
    assert owner_browser.post(page(agency), given).status_code == 302
    account = ProviderAccount.objects.get()
    for act in ("test", "remove"):
        url = reverse(f"integrations:provider_{act}", args=[agency.slug, account.pk])
        told = owner_browser.post(url, follow=True).content.decode()
        assert {"test": "the balance is $12.5", "remove": "are removed"}[act] in told
    assert not ProviderAccount.objects.exists()


def test_key_is_never_shown_and_kept_when_left_empty(agency, account, owner_browser):
    shown = owner_browser.get(page(agency)).content.decode()
    owner_browser.post(
        page(agency), {"provider": "dataforseo", "login": "new", "secret": "", "monthly_limit": 5}
    )
    account.refresh_from_db()
    assert PASSWORD not in shown
    assert (account.login, account.secret, account.monthly_limit) == ("new", PASSWORD, 5)


def test_wrong_key_is_told(vendor, agency, account, owner_browser):
    ProviderAccount.objects.update(login="somebody else")
    url = reverse("integrations:provider_test", args=[agency.slug, account.pk])
    told = owner_browser.post(url, follow=True).content.decode()
    assert "DataForSEO refused: You can not access this resource." in told


def test_members_do_not_see_it(agency, join, browser_of):
    assert browser_of(join(Role.MEMBER)).get(page(agency)).status_code == 403
