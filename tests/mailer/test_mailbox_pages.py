"""Mailboxes in the settings: form, secrets, connection test, pause, delete."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse

from accounts.enums import Role
from mailer.enums import MailboxStatus, MessageStatus
from mailer.models import Mailbox, Message
from mailer.services.sending import send_due
from tests.factories.mailer import MailboxFactory, MessageFactory
from tests.servers.smtp import SmtpServer, free_port, smtp_running

VALUES: dict[str, Any] = {
    "address": "ann@agency.example",
    "display_name": "Ann",
    "smtp_host": "127.0.0.1",
    "smtp_port": 587,
    "smtp_security": "starttls",
    "smtp_username": "ann",
    "smtp_password": "s3cret-smtp",
    "imap_port": 993,
    "imap_security": "tls",
    "imap_folder": "INBOX",
    "daily_cap": 50,
    "hourly_cap": 20,
    "gap_seconds": 60,
    "gap_jitter_seconds": 30,
    "ramp_step": 5,
    "bounce_pause_percent": 8,
}


def url(name: str, mailbox: Mailbox | None = None, agency: Any = None) -> str:
    agency = mailbox.agency if mailbox else agency
    return reverse(f"mailer:{name}", args=[agency.slug, *([mailbox.pk] if mailbox else [])])


def test_adding_a_mailbox_stores_the_password_encrypted(owner_browser: Browser, agency):
    answer = owner_browser.post(url("mailbox_new", agency=agency), VALUES)

    mailbox = Mailbox.objects.get()
    assert answer.status_code == 302
    assert mailbox.smtp_password == "s3cret-smtp"
    with connection.cursor() as cursor:
        cursor.execute("SELECT smtp_password FROM mailer_mailbox")
        stored = cursor.fetchone()[0]
    assert stored
    assert "s3cret" not in stored


def test_password_is_never_shown_and_an_empty_one_keeps_it(owner_browser: Browser, agency):
    mailbox = MailboxFactory.create(agency=agency, smtp_password="s3cret", imap_password="other")

    pages = [owner_browser.get(url(n, mailbox)).content for n in ("mailbox", "mailbox_edit")]
    answer = owner_browser.post(url("mailbox_edit", mailbox), VALUES | {"smtp_password": ""})

    mailbox.refresh_from_db()
    assert answer.status_code == 302
    assert not any(b"s3cret" in page or b"other" in page for page in pages)
    assert (mailbox.smtp_password, mailbox.imap_password) == ("s3cret", "other")


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("display_name", "Ann\u2028Bcc: x", "control character"),
        ("daily_cap", 0, "greater than or equal to 1"),
        ("daily_cap", 60_000, "less than or equal to 50000"),
        ("hourly_cap", 51, "More than the e-mails a day"),
        ("smtp_port", 70_000, "less than or equal to 65535"),
        ("gap_seconds", 90_000, "less than or equal to 86400"),
        ("ramp_start", 0, "greater than or equal to 1"),
        ("smtp_host", "https://mail.example/", "server name only"),
        ("tracking_domain", "https://go.agency.example", "host name only"),
    ],
)
def test_bounds_of_the_form(owner_browser: Browser, agency, field, value, word):
    answer = owner_browser.post(url("mailbox_new", agency=agency), VALUES | {field: value})

    assert answer.status_code == 422
    assert word in answer.content.decode()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.5", "localhost", "0x7f.1", "169.254.169.254"]
)
def test_private_hosts_are_refused(owner_browser: Browser, agency, settings, host):
    settings.ALLOW_PRIVATE_MAIL_HOSTS = False

    answer = owner_browser.post(url("mailbox_new", agency=agency), VALUES | {"smtp_host": host})

    assert "private network" in answer.content.decode()


def test_a_private_host_is_never_connected_to(agency, smtp: SmtpServer, settings):
    settings.ALLOW_PRIVATE_MAIL_HOSTS = False
    mailbox = MailboxFactory.create(agency=agency, smtp_port=smtp.port, smtp_security="starttls")
    MessageFactory.create(mailbox=mailbox, kind="test")

    send_due()

    mailbox.refresh_from_db()
    assert smtp.connections == 0
    assert "private network" in mailbox.status_reason


def test_no_encryption_is_for_this_machine_only(owner_browser: Browser, agency):
    values = VALUES | {"smtp_host": "93.184.216.34", "smtp_security": "none"}

    answer = owner_browser.post(url("mailbox_new", agency=agency), values)

    assert "Choose STARTTLS or TLS" in answer.content.decode()


def test_an_address_is_added_once(owner_browser: Browser, agency):
    for _ in range(2):
        answer = owner_browser.post(url("mailbox_new", agency=agency), VALUES)

    assert "already has a mailbox" in answer.content.decode()
    assert Mailbox.objects.count() == 1


def test_a_provider_fills_in_its_servers(owner_browser: Browser, agency):
    page = owner_browser.get(url("mailbox_new", agency=agency) + "?provider=gmail").content.decode()

    assert "smtp.gmail.com" in page
    assert "app password" in page


def test_members_look_and_managers_change(agency, join, browser_of):
    mailbox = MailboxFactory.create(agency=agency)
    member = browser_of(join(Role.MEMBER))

    assert member.get(url("mailboxes", agency=agency)).status_code == 200
    assert member.get(url("mailbox", mailbox)).status_code == 200
    assert member.post(url("mailbox_pause", mailbox)).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_as_often_for_one_as_for_three(
    owner_browser, agency, count, django_assert_num_queries
):
    MailboxFactory.create_batch(count, agency=agency)

    with django_assert_num_queries(LIST_QUERIES):
        owner_browser.get(url("mailboxes", agency=agency), headers={"HX-Request": "true"})


# The table without the frame around it, whose counts are another's.
LIST_QUERIES = 8


# Testing the connection -----------------------------------------------------------------------


def test_connection_test_names_each_step(owner_browser: Browser, mailbox: Mailbox):
    page = owner_browser.post(url("mailbox_test", mailbox)).content.decode()

    assert "The server greets us" in page
    assert "replies here are not read" in page


def test_connection_test_is_a_partial_under_htmx(owner_browser: Browser, mailbox: Mailbox):
    answer = owner_browser.post(url("mailbox_test", mailbox), headers={"HX-Request": "true"})

    assert answer.content.decode().lstrip().startswith('<section class="card" id="mailbox_test"')


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"smtp_host": "no-such-host.invalid"}, "was not found in DNS"),
        ({"smtp_port": 0}, "refused the connection"),
        ({"smtp_security": "starttls"}, "does not offer STARTTLS"),
        ({"smtp_security": "tls"}, "TLS failed"),
        ({"smtp_username": "x", "smtp_password": "y"}, "two-factor login"),
    ],
)
def test_connection_test_explains_what_is_wrong(owner_browser, mailbox, changes, words):
    if "smtp_port" in changes:
        changes = {"smtp_port": free_port()}
    Mailbox.objects.filter(pk=mailbox.pk).update(
        **{k: v for k, v in changes.items() if k != "smtp_password"}
    )

    page = owner_browser.post(url("mailbox_test", mailbox)).content.decode()

    assert words in page


def test_a_good_test_resumes_a_failing_mailbox(owner_browser: Browser, mailbox: Mailbox):
    Mailbox.objects.update(status=MailboxStatus.FAILING, status_reason="421")

    owner_browser.post(url("mailbox_test", mailbox))

    mailbox.refresh_from_db()
    assert mailbox.status == MailboxStatus.ACTIVE


def test_a_test_mail_goes_to_oneself(owner_browser, owner, mailbox: Mailbox, smtp: SmtpServer):
    for _ in range(2):
        owner_browser.post(url("mailbox_trial", mailbox))
    send_due()

    assert [one.recipient for one in smtp.received] == [owner.user.email]


# Stopping ---------------------------------------------------------------------------------


def test_pause_keeps_the_reason_and_resume_clears_it(owner_browser: Browser, mailbox: Mailbox):
    owner_browser.post(url("mailbox_pause", mailbox), {"reason": "Holiday"})
    mailbox.refresh_from_db()
    paused = mailbox.status, mailbox.status_reason
    owner_browser.post(url("mailbox_resume", mailbox))
    mailbox.refresh_from_db()

    assert paused[0] == MailboxStatus.PAUSED
    assert paused[1].endswith(": Holiday")
    assert (mailbox.status, mailbox.status_reason) == (MailboxStatus.ACTIVE, "")


def test_a_mailbox_with_messages_is_archived_not_deleted(owner_browser, mailbox: Mailbox):
    MessageFactory.create(mailbox=mailbox, sent=True)

    owner_browser.post(url("mailbox_delete", mailbox))
    owner_browser.post(url("mailbox_archive", mailbox))

    mailbox.refresh_from_db()
    assert mailbox.status == MailboxStatus.ARCHIVED
    assert Message.objects.filter(status=MessageStatus.SENT).count() == 1


def test_an_unused_mailbox_can_be_deleted(owner_browser, mailbox: Mailbox):
    owner_browser.post(url("mailbox_delete", mailbox))

    assert not Mailbox.objects.exists()


def test_wrong_password_is_diagnosed(owner_browser, agency):
    server = SmtpServer()
    server.passwords["ann"] = "right"
    with smtp_running(server):
        mailbox = MailboxFactory.create(
            agency=agency,
            smtp_port=server.port,
            smtp_username="ann",
            smtp_password="wrong",
            provider="gmail",
        )
        page = owner_browser.post(url("mailbox_test", mailbox)).content.decode()

    assert "Gmail wants an app password" in page
    assert "wrong" not in page


def test_the_sandbox_is_offered_where_it_is_open(owner_browser, agency, settings):
    settings.SANDBOX, settings.SANDBOX_SMTP_PORT = True, 12025

    page = owner_browser.get(url("mailbox_new", agency=agency) + "?provider=sandbox")

    assert page.context["form"]["smtp_port"].value() == 12025


def test_the_sandbox_is_unknown_where_it_is_closed(owner_browser, agency, settings):
    settings.SANDBOX = False

    page = owner_browser.get(url("mailbox_new", agency=agency) + "?provider=sandbox")

    assert "Sandbox" not in [one.name for one in page.context["providers"]]
