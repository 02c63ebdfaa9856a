"""Mailboxes signed in at a provider: consent given, refused, forged, taken back."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.urls import reverse

from accounts.enums import Role
from compliance.models import AuditEntry, SecurityEvent
from mailer.models import Mailbox, MailboxGrant
from mailer.oauth import oauth_providers
from mailer.services.grants import disconnect
from tests.factories.mailer import MailboxFactory, MessageFactory
from tests.mailer.signing_in import connected, follow, said, start
from tests.servers.oauth import (
    ACCOUNT,
)

pytestmark = pytest.mark.django_db


def test_signing_in_adds_a_mailbox_of_that_account(provider, owner_browser, agency):
    answer = follow(owner_browser, provider, start(owner_browser, agency))

    mailbox = Mailbox.objects.get()
    assert answer["Location"] == reverse("mailer:mailbox", args=[agency.slug, mailbox.pk])
    assert (mailbox.address, mailbox.auth) == (ACCOUNT, "oauth2")
    assert (mailbox.smtp_host, mailbox.imap_host) == ("smtp.gmail.com", "imap.gmail.com")
    assert AuditEntry.objects.filter(action="mailer:mailbox_connected").count() == 1


def test_consent_asks_for_the_least(provider, owner_browser, agency):
    answers = {key: start(owner_browser, agency, provider=key) for key in oauth_providers()}

    asked = {key: parse_qs(urlsplit(one["Location"]).query) for key, one in answers.items()}
    assert asked["google"]["scope"] == ["https://mail.google.com/ openid email"]
    assert asked["microsoft"]["scope"][0].split() == [
        "https://outlook.office.com/SMTP.Send",
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        "offline_access",
        "openid",
        "email",
    ]


def test_tokens_are_stored_encrypted(provider, owner_browser, agency):
    follow(owner_browser, provider, start(owner_browser, agency))

    with connection.cursor() as cursor:
        cursor.execute("SELECT access_token, refresh_token FROM mailer_mailboxgrant")
        row = cursor.fetchone()
    assert all(cell.startswith("gAAAA") for cell in row)


def test_signing_in_again_keeps_what_the_mailbox_has(provider, owner_browser, agency):
    mailbox = MailboxFactory.create(agency=agency, address=ACCOUNT, smtp_password="old")
    message = MessageFactory.create(mailbox=mailbox, sent=True)

    follow(owner_browser, provider, start(owner_browser, agency))

    mailbox.refresh_from_db()
    assert list(Mailbox.objects.all()) == [mailbox]
    assert message.thread in mailbox.threads.all()
    assert mailbox.smtp_password == ""


def test_another_account_than_the_mailbox_is_refused(provider, owner_browser, agency):
    mailbox = MailboxFactory.create(agency=agency, address="bob@agency.example")

    follow(owner_browser, provider, start(owner_browser, agency, mailbox))

    assert "You signed in as ann@agency.example" in said(owner_browser, agency)
    assert not MailboxGrant.objects.exists()


def test_forged_state_changes_nothing(provider, owner_browser, agency):
    back = urlsplit(provider.consent(start(owner_browser, agency)["Location"]))
    code = parse_qs(back.query)["code"][0]

    owner_browser.get(back.path, {"code": code, "state": "forged"})

    assert "was not started here" in said(owner_browser, agency)
    assert SecurityEvent.objects.filter(kind="forged_token").count() == 1
    assert not MailboxGrant.objects.exists()


def test_state_of_another_person_changes_nothing(
    provider, owner_browser, agency, stranger, browser_of
):
    back = urlsplit(provider.consent(start(owner_browser, agency)["Location"]))

    browser_of(stranger).get(f"{back.path}?{back.query}")

    assert not MailboxGrant.objects.exists()


def test_sign_in_started_too_long_ago_changes_nothing(
    provider, owner_browser, agency, time_machine
):
    time_machine.move_to("2026-11-21 09:00:00Z", tick=False)
    back = urlsplit(provider.consent(start(owner_browser, agency)["Location"]))

    time_machine.move_to("2026-11-21 09:31:00Z", tick=False)
    owner_browser.get(f"{back.path}?{back.query}")

    assert not MailboxGrant.objects.exists()


def test_code_works_once(provider, owner_browser, agency):
    back = urlsplit(provider.consent(start(owner_browser, agency)["Location"]))
    owner_browser.get(f"{back.path}?{back.query}")
    MailboxGrant.objects.all().delete()

    owner_browser.get(f"{back.path}?{back.query}")

    assert not MailboxGrant.objects.exists()
    assert len(provider.asked) == 1


def test_person_who_says_no_is_told_so(provider, owner_browser, agency):
    state = parse_qs(urlsplit(start(owner_browser, agency)["Location"]).query)["state"][0]

    url = reverse("mailer_public:connect_callback", args=["google"])
    owner_browser.get(url, {"error": "access_denied", "state": state})

    assert "was not given permission" in said(owner_browser, agency)


def test_provider_that_fails_is_named(provider, owner_browser, agency):
    answer = start(owner_browser, agency)
    provider.status = 500

    follow(owner_browser, provider, answer)

    assert "Google did not answer when asked for access" in said(owner_browser, agency)


def test_consent_for_an_hour_only_is_refused(provider, owner_browser, agency):
    provider.grants_refresh = False

    follow(owner_browser, provider, start(owner_browser, agency))

    assert "for an hour only" in said(owner_browser, agency)


def test_without_a_client_id_the_page_says_what_to_set(settings, owner_browser, agency):
    off = {**settings.MAIL_OAUTH["google"], "client_id": ""}
    settings.MAIL_OAUTH = {"google": off, "microsoft": off}

    answer = start(owner_browser, agency)

    assert answer.status_code == 302
    assert "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET" in said(owner_browser, agency)


def test_member_cannot_finish_what_needs_a_manager(provider, owner_browser, owner, agency):
    answer = start(owner_browser, agency)
    owner.role = Role.MEMBER
    owner.save()

    assert follow(owner_browser, provider, answer).status_code == 403


def test_disconnecting_revokes_at_the_provider(provider, agency, owner_browser):
    mailbox = connected(agency, provider)
    refresh = mailbox.grant.refresh_token

    owner_browser.post(reverse("mailer:mailbox_disconnect", args=[agency.slug, mailbox.pk]))

    mailbox.refresh_from_db()
    assert provider.revoked == [refresh]
    assert (mailbox.auth, mailbox.status) == ("password", "paused")
    assert not MailboxGrant.objects.exists()


def test_disconnecting_works_when_the_provider_does_not(provider, agency):
    mailbox = connected(agency, provider)
    provider.status = 500

    assert disconnect(mailbox) is False
    assert not MailboxGrant.objects.exists()


def test_deleting_a_mailbox_revokes_at_the_provider(provider, agency, owner_browser):
    mailbox = connected(agency, provider)
    refresh = mailbox.grant.refresh_token

    owner_browser.post(reverse("mailer:mailbox_delete", args=[agency.slug, mailbox.pk]))

    assert (Mailbox.objects.count(), provider.revoked) == (0, [refresh])


def test_servers_of_a_connected_mailbox_cannot_be_changed(provider, agency, owner_browser):
    """Its token would go wherever they point."""
    mailbox = connected(agency, provider)
    url = reverse("mailer:mailbox_edit", args=[agency.slug, mailbox.pk])

    owner_browser.post(
        url,
        {
            "smtp_host": "mail.evil.example",
            "address": "eve@evil.example",
            "imap_folder": "INBOX",
            "daily_cap": 9,
            "hourly_cap": 9,
            "gap_seconds": 1,
            "gap_jitter_seconds": 1,
            "ramp_step": 1,
            "bounce_pause_percent": 8,
        },
    )

    mailbox.refresh_from_db()
    assert (mailbox.smtp_host, mailbox.address) == ("127.0.0.1", ACCOUNT)
    assert mailbox.daily_cap == 9
