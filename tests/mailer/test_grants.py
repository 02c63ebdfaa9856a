"""Mailboxes signed in at a provider: renewal, rotation, revocation, races."""

import datetime as dt
import threading

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from mailer import oauth
from mailer.enums import MailboxStatus, MessageStatus
from mailer.models import Mailbox, MailboxGrant, Message
from mailer.oauth import OAuthError
from mailer.services.grants import access_token
from mailer.services.mailboxes import pause_mailbox
from mailer.services.opening import open_smtp
from mailer.services.probing import probe_mailbox
from mailer.services.reading import read_mailbox
from mailer.services.sending import send_due
from mailer.smtp import SmtpError
from tests.factories.mailer import MailboxFactory, MessageFactory
from tests.mailer.signing_in import connected, follow, run_out, start
from tests.servers.oauth import (
    ACCOUNT,
    token_imap_running,
    token_smtp_running,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["XOAUTH2", "OAUTHBEARER"])
def mechanism(request):
    return request.param


def test_mail_goes_out_with_a_token(provider, lawful_agency, mechanism):
    with token_smtp_running(provider, mechanism) as smtp:
        mailbox = connected(lawful_agency, provider, smtp_port=smtp.port)
        message = MessageFactory.create(mailbox=mailbox, kind="test")

        send_due()

    message.refresh_from_db()
    assert (message.status, len(smtp.received)) == (MessageStatus.SENT, 1)
    assert provider.asked == []


def test_answers_are_read_with_a_token(provider, agency, mechanism):
    with token_imap_running(provider, mechanism) as imap:
        mailbox = connected(
            agency, provider, imap_host="127.0.0.1", imap_port=imap.port, imap_security="none"
        )

        report = read_mailbox(mailbox.pk)

    assert (report.error, report.seen) == ("", 1)


def test_token_that_runs_out_is_renewed_before_it_does(provider, agency):
    mailbox = connected(agency, provider)
    old = mailbox.grant.access_token
    MailboxGrant.objects.update(expires_at=timezone.now() + dt.timedelta(minutes=4))

    token = access_token(mailbox)

    assert token != old
    assert provider.opens(ACCOUNT, token)


def test_token_turned_down_by_smtp_is_renewed_once(provider, agency):
    with token_smtp_running(provider) as smtp:
        mailbox = connected(agency, provider, smtp_port=smtp.port)
        provider.access_tokens.clear()

        open_smtp(mailbox).close()

    assert (smtp.logins, len(provider.asked)) == (2, 1)


def test_token_turned_down_twice_is_not_renewed_for_ever(provider, agency):
    provider.account = "somebody.else@agency.example"
    with token_smtp_running(provider) as smtp:
        mailbox = connected(agency, provider, smtp_port=smtp.port)

        with pytest.raises(SmtpError, match="535"):
            open_smtp(mailbox)

    assert (smtp.logins, len(provider.asked)) == (2, 1)


def test_token_turned_down_by_imap_is_renewed_once(provider, agency):
    with token_imap_running(provider) as imap:
        mailbox = connected(
            agency, provider, imap_host="127.0.0.1", imap_port=imap.port, imap_security="none"
        )
        provider.access_tokens.clear()

        report = read_mailbox(mailbox.pk)

    assert (report.error, imap.logins, len(provider.asked)) == ("", 2, 1)


def test_rotated_refresh_token_is_kept(provider, agency):
    provider.rotate = True
    mailbox = connected(agency, provider)
    for _ in range(3):
        run_out(mailbox)
        access_token(mailbox)

    stored = MailboxGrant.objects.get().refresh_token
    assert list(provider.refresh_tokens) == [stored]


def test_connection_test_works_with_a_token(provider, agency):
    with token_smtp_running(provider) as smtp, token_imap_running(provider) as imap:
        mailbox = connected(
            agency,
            provider,
            smtp_port=smtp.port,
            imap_host="127.0.0.1",
            imap_port=imap.port,
            imap_security="none",
        )

        steps = [step for _, part in probe_mailbox(mailbox).parts for step in part]

    logins = [step.words for step in steps if step.name == "Log in"]
    assert logins == [f"Logged in as {ACCOUNT}."] * 2


@pytest.mark.parametrize("trouble", [{"status": 500}, {"status": 429}, {"delay": 1.5}])
def test_provider_in_trouble_costs_a_retry_only(provider, agency, trouble):
    mailbox = connected(agency, provider)
    run_out(mailbox)
    for name, value in trouble.items():
        setattr(provider, name, value)

    with pytest.raises(OAuthError, match="tried again") as caught:
        access_token(mailbox)

    grant = MailboxGrant.objects.get()
    assert (caught.value.revoked, grant.problem, grant.renewing_until) == (False, "", None)


def test_token_still_good_is_used_while_another_worker_renews(provider, agency):
    mailbox = connected(agency, provider)
    soon = timezone.now() + dt.timedelta(minutes=2)
    MailboxGrant.objects.update(expires_at=soon, renewing_until=soon)

    assert access_token(mailbox) == mailbox.grant.access_token


def test_revoked_consent_stops_the_mailbox_and_says_what_to_do(provider, lawful_agency):
    mailbox = connected(lawful_agency, provider)
    run_out(mailbox)
    provider.refresh_tokens.clear()
    message = MessageFactory.create(mailbox=mailbox, kind="test")

    send_due()

    mailbox.refresh_from_db()
    message.refresh_from_db()
    assert mailbox.status in {MailboxStatus.FAILING, MailboxStatus.PAUSED}
    assert "Connect again" in mailbox.status_reason
    assert message.status == MessageStatus.QUEUED


def test_revoked_consent_is_asked_about_once(provider, agency):
    mailbox = connected(agency, provider)
    run_out(mailbox)
    provider.refresh_tokens.clear()

    for _ in range(3):
        with pytest.raises(OAuthError):
            access_token(mailbox)

    assert len(provider.asked) == 1


def test_revoked_consent_is_shown_with_the_way_back(provider, agency, owner_browser):
    mailbox = connected(agency, provider)
    Mailbox.objects.update(provider="gmail")
    MailboxGrant.objects.update(problem="Google no longer lets us use this mailbox.")

    page = owner_browser.get(reverse("mailer:mailbox", args=[agency.slug, mailbox.pk]))

    assert "no longer lets us" in page.content.decode()
    assert f"connect/google/?mailbox={mailbox.pk}" in page.content.decode()


def test_reading_says_why_it_cannot(provider, agency):
    mailbox = connected(agency, provider, imap_host="127.0.0.1")
    run_out(mailbox)
    provider.refresh_tokens.clear()

    report = read_mailbox(mailbox.pk)

    assert "Connect again" in report.error


def test_connecting_again_lets_the_mailbox_send(provider, agency, owner_browser):
    mailbox = connected(agency, provider)
    MailboxGrant.objects.update(problem="Revoked. Connect again.")
    pause_mailbox(mailbox, reason="Revoked. Connect again.")

    follow(owner_browser, provider, start(owner_browser, agency, mailbox))

    mailbox.refresh_from_db()
    assert mailbox.status == MailboxStatus.ACTIVE
    assert MailboxGrant.objects.get().problem == ""


def test_connecting_again_leaves_what_a_person_paused(provider, agency, owner_browser):
    mailbox = connected(agency, provider)
    pause_mailbox(mailbox, reason="Paused by Ann.")

    follow(owner_browser, provider, start(owner_browser, agency, mailbox))

    mailbox.refresh_from_db()
    assert mailbox.status == MailboxStatus.PAUSED


def test_missing_key_is_a_clear_state(provider, agency, settings):
    mailbox = connected(agency, provider)
    settings.SALT_KEY = ["another"]

    with pytest.raises(OAuthError, match="encryption key is missing"):
        access_token(mailbox)


def test_password_with_a_missing_key_stops_the_mailbox(lawful_agency, settings):
    mailbox = MailboxFactory.create(
        agency=lawful_agency, smtp_username="ann", smtp_password="hush", smtp_port=1
    )
    MessageFactory.create(mailbox=mailbox, kind="test")
    settings.SALT_KEY = ["another"]

    send_due()

    mailbox.refresh_from_db()
    assert "encryption key is missing" in mailbox.status_reason


@pytest.mark.django_db(transaction=True)
def test_many_workers_renew_once(provider, agency):
    """With a provider that gives each refresh token once only."""
    provider.rotate, provider.delay = True, 0.2
    mailbox = connected(agency, provider)
    run_out(mailbox)
    tokens: list[str] = []

    def work() -> None:
        tokens.append(access_token(mailbox))
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert len(provider.asked) == 1
    assert set(tokens) == {MailboxGrant.objects.get().access_token}
    assert len(tokens) == 8


def test_connecting_again_during_a_renewal_wins(provider, agency, monkeypatch):
    """The answer to the old refresh token comes after the new consent."""
    mailbox = connected(agency, provider)
    run_out(mailbox)
    provider.refresh_tokens.clear()
    new_access = "access-of-the-new-consent"
    ask = oauth.refresh

    def late(*arguments):
        MailboxGrant.objects.update(access_token=new_access, version=99)
        return ask(*arguments)

    monkeypatch.setattr(oauth, "refresh", late)

    assert access_token(mailbox) == new_access
    assert MailboxGrant.objects.get().problem == ""


def test_messages_wait_while_the_consent_is_gone(provider, lawful_agency):
    mailbox = connected(lawful_agency, provider)
    run_out(mailbox)
    provider.refresh_tokens.clear()
    MessageFactory.create_batch(3, mailbox=mailbox, kind="test")

    send_due()

    assert set(Message.objects.values_list("status", flat=True)) == {MessageStatus.QUEUED}
