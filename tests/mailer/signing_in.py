"""Signing mailboxes in at the stand-in of a provider."""

import datetime as dt
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils import timezone

from mailer.enums import MailboxAuth
from mailer.models import Mailbox, MailboxGrant
from tests.factories.mailer import MailboxFactory
from tests.servers.oauth import (
    ACCOUNT,
    OAuthServer,
)


def connected(agency, provider: OAuthServer, **changes) -> Mailbox:
    """A mailbox with a consent whose access token is good for an hour."""
    access, refresh = provider.grant()
    values = {"address": ACCOUNT, "auth": MailboxAuth.OAUTH2, "smtp_username": ACCOUNT}
    mailbox = MailboxFactory.create(agency=agency, **(values | changes))
    MailboxGrant.objects.create(
        agency=agency,
        mailbox=mailbox,
        provider="google",
        account=ACCOUNT,
        access_token=access,
        refresh_token=refresh,
        expires_at=timezone.now() + dt.timedelta(hours=1),
    )
    return mailbox


def run_out(mailbox: Mailbox) -> None:
    """Let the access token be old."""
    MailboxGrant.objects.filter(mailbox=mailbox).update(expires_at=timezone.now())


def start(browser, agency, mailbox=None, provider="google"):
    url = reverse("mailer:connect_start", args=[agency.slug, provider])
    return browser.get(url, {"mailbox": mailbox.pk} if mailbox else {})


def follow(browser, provider: OAuthServer, answer):
    """Agree at the provider and come back."""
    back = urlsplit(provider.consent(answer["Location"]))
    return browser.get(f"{back.path}?{back.query}")


def said(browser, agency) -> str:
    return browser.get(reverse("mailer:mailbox_new", args=[agency.slug])).content.decode()
