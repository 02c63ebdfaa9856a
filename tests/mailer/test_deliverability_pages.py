"""The deliverability tab of a mailbox: findings, checking again, signing by us."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.enums import Role
from mailer.models import DkimKey, Mailbox, MailboxCheck
from tests.factories.mailer import MailboxFactory
from tests.servers.dns import DnsServer


@pytest.fixture
def google(agency) -> Mailbox:
    return MailboxFactory.create(
        agency=agency, address="ann@agency.example", provider="gmail", smtp_host="smtp.gmail.com"
    )


def url(mailbox: Mailbox, name: str = "mailbox_deliverability", *parts: str) -> str:
    return reverse(f"mailer:{name}", args=[mailbox.agency.slug, mailbox.pk, *parts])


def press(browser: Browser, mailbox: Mailbox, act: str) -> str:
    response = browser.post(url(mailbox, "mailbox_signing", act), follow=True)
    return response.content.decode()


def test_page_before_the_first_look_offers_one(google: Mailbox, owner_browser: Browser):
    assert "Nothing was looked up yet" in owner_browser.get(url(google)).content.decode()


def test_check_shows_records_to_publish(google: Mailbox, owner_browser: Browser, dns: DnsServer):
    page = owner_browser.post(url(google, "mailbox_check"), follow=True).content.decode()

    assert "v=spf1 include:_spf.google.com ~all" in page
    assert "v=DMARC1; p=none; rua=mailto:dmarc@agency.example" in page
    assert MailboxCheck.objects.get().mailbox == google


def test_what_the_dns_says_is_escaped(google: Mailbox, owner_browser: Browser, dns: DnsServer):
    dns.set("agency.example", "TXT", "v=spf1 <script>alert(1)</script> -all")

    page = owner_browser.post(url(google, "mailbox_check"), follow=True).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_list_names_the_state_of_each(google: Mailbox, owner_browser: Browser, dns: DnsServer):
    owner_browser.post(url(google, "mailbox_check"))

    page = owner_browser.get(reverse("mailer:mailboxes", args=[google.agency.slug]))

    assert "Must be mended" in page.content.decode()


def test_list_asks_no_more_for_more_mailboxes(
    google: Mailbox, owner_browser: Browser, django_assert_max_num_queries
):
    address = reverse("mailer:mailboxes", args=[google.agency.slug])
    owner_browser.get(address)
    with django_assert_max_num_queries(100) as one:
        owner_browser.get(address)
    MailboxFactory.create_batch(3, agency=google.agency)

    with django_assert_max_num_queries(len(one)):
        owner_browser.get(address)


def test_what_became_worse_stands_on_both_pages(
    google: Mailbox, owner_browser: Browser, dns: DnsServer
):
    dns.set("agency.example", "TXT", "v=spf1 include:_spf.google.com ~all")
    dns.set("_spf.google.com", "TXT", "v=spf1 ip4:192.0.2.1 ~all")
    owner_browser.post(url(google, "mailbox_check"))
    dns.set("agency.example", "TXT", "v=spf1 +all")
    owner_browser.post(url(google, "mailbox_check"))

    pages = [owner_browser.get(url(google, name)).content.decode()
             for name in ("mailbox", "mailbox_deliverability")]  # fmt: skip
    assert ["Became worse in the DNS" in page for page in pages] == [True, True]


def test_signing_goes_from_keys_to_on_and_off(
    google: Mailbox, owner_browser: Browser, dns: DnsServer
):
    made = press(owner_browser, google, "make")
    early = press(owner_browser, google, "on")
    for row in DkimKey.objects.all():
        dns.set(row.record_name, "TXT", row.record_value)
    checked = press(owner_browser, google, "verify")
    on = press(owner_browser, google, "on")
    off = press(owner_browser, google, "off")

    assert "Publish their records next" in made
    assert "nothing is verified yet" in early
    assert "You can switch signing on" in checked
    assert "are signed from now on" in on
    assert "Nothing more is signed" in off


def test_private_key_is_on_no_page(google: Mailbox, owner_browser: Browser, dns: DnsServer):
    page = press(owner_browser, google, "make")

    assert DkimKey.objects.exclude(private_key="").count() == 2
    assert "PRIVATE KEY" not in page


def test_long_record_is_shown_in_strings(google: Mailbox, owner_browser: Browser):
    page = press(owner_browser, google, "make")

    assert "IN TXT ( &quot;v=DKIM1" in page or 'IN TXT ( "v=DKIM1' in page


def test_free_mail_cannot_be_signed_for(google: Mailbox, owner_browser: Browser):
    Mailbox.objects.update(address="ann@gmail.com")

    page = press(owner_browser, google, "make")

    assert "Only the owner of a domain" in page
    assert not DkimKey.objects.exists()


def test_members_look_and_managers_change(google: Mailbox, join, browser_of, dns: DnsServer):
    browser = browser_of(join(Role.MEMBER))

    looked = browser.post(url(google, "mailbox_check")).status_code
    refused = browser.post(url(google, "mailbox_signing", "make")).status_code

    assert (looked, refused, DkimKey.objects.count()) == (302, 403, 0)


def test_unknown_acts_are_nowhere(google: Mailbox, owner_browser: Browser):
    assert owner_browser.post(url(google, "mailbox_signing", "explode")).status_code == 404
