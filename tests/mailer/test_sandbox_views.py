"""The sandbox's pages, and that only its own mails are seen."""

import pytest
from django.urls import reverse
from imap_tools import MailBoxUnencrypted

from mailer.models import InboundMessage
from mailer.sandbox import PASSWORD, database, store
from tests.factories.mailer import MailboxFactory, MessageFactory
from tests.servers.sandbox import sandbox_running

pytestmark = pytest.mark.django_db


def caught(login="ann@agency.example", recipient="editor@site.example", message_id="<m@a.example>"):
    raw = (
        f"From: Ann <{login}>\r\nTo: {recipient}\r\nSubject: An idea\r\n"
        f"Message-ID: {message_id}\r\nList-Unsubscribe: <https://x.example/u/t/>\r\n\r\nHello"
    ).encode()
    with database.opened() as connection:
        return database.add_mail(
            connection,
            login=login,
            sender=login,
            recipient=recipient,
            message_id=message_id,
            subject="An idea",
            body=database.add_body(connection, raw),
            at=1_790_000_000.0,
        )


@pytest.fixture
def mailbox(agency):
    return MailboxFactory.create(agency=agency, address="ann@agency.example")


def url(agency, name, *args):
    return reverse(f"mailer:{name}", args=[agency.slug, *args])


def test_list_shows_only_this_agency_s_mails(owner_browser, agency, mailbox):
    caught()
    caught(login="other@else.example", recipient="secret@site.example")

    page = owner_browser.get(url(agency, "sandbox")).content.decode()

    assert "editor@site.example" in page
    assert "secret@site.example" not in page


def test_list_is_searched_and_paged(owner_browser, agency, mailbox):
    for n in range(51):
        caught(recipient=f"editor{n}@site.example")

    first = owner_browser.get(url(agency, "sandbox")).context
    older = owner_browser.get(url(agency, "sandbox"), {"before": first["next"]}).context
    found = owner_browser.get(url(agency, "sandbox"), {"q": "EDITOR7@"}).context

    assert (len(first["mails"]), len(older["mails"]), len(found["mails"])) == (50, 1, 1)


def test_mail_shows_its_source_and_its_unsubscribe_page(owner_browser, agency, mailbox):
    page = owner_browser.get(url(agency, "sandbox_mail", caught())).content.decode()

    assert "Message-ID" in page
    assert "https://x.example/u/t/" in page


@pytest.mark.parametrize("preset", store.Preset.values)
def test_answer_is_delivered(owner_browser, agency, mailbox, preset):
    data = {"preset": preset, "text": "A word", "return_date": "2027-01-04"}
    response = owner_browser.post(url(agency, "sandbox_answer", caught()), data)

    assert response["Location"].endswith("?answered=1")
    with sandbox_running() as (_, port):
        login = MailBoxUnencrypted("127.0.0.1", port).login("ann@agency.example", PASSWORD)
        with login as box:
            assert len(box.uids()) == 1


def test_free_answer_needs_words(owner_browser, agency, mailbox):
    response = owner_browser.post(url(agency, "sandbox_answer", caught()), {"preset": "free"})

    assert response.status_code == 422


def test_answer_arrives_in_the_inbox_when_read(owner_browser, agency):
    with sandbox_running() as (_, port):
        mailbox = MailboxFactory.create(
            agency=agency,
            address="ann@agency.example",
            imap_host="127.0.0.1",
            imap_port=port,
            imap_security="none",
            imap_username="ann@agency.example",
            imap_password=PASSWORD,
        )
        message = MessageFactory.create(
            mailbox=mailbox, sent=True, to_address="editor@site.example"
        )
        pk = caught(message_id=message.message_id)
        owner_browser.post(url(agency, "sandbox_answer", pk), {"preset": "interested"})
        owner_browser.post(url(agency, "read_now"))

    inbound = InboundMessage.objects.get()
    assert (inbound.original, inbound.intent) == (message, "interested")


def test_sandbox_is_closed_where_it_is_off(owner_browser, agency, settings, mailbox):
    settings.SANDBOX = False

    assert owner_browser.get(url(agency, "sandbox")).status_code == 404
    assert owner_browser.get(reverse("platform_mail")).status_code == 404


def test_platform_mail_needs_no_login_and_shows_no_agency_s_mail(client):
    own = caught(login="", recipient="new@agency.example")
    foreign = caught()

    page = client.get(reverse("platform_mail")).content.decode()

    assert "new@agency.example" in page
    assert "editor@site.example" not in page
    assert client.get(reverse("platform_mail_page", args=[own])).status_code == 200
    assert client.get(reverse("platform_mail_page", args=[foreign])).status_code == 404
