"""An agency that may write to the United States, with a mailbox on a real SMTP server."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import Agency
from mailer.models import Mailbox
from mailer.signals import message_bounced, message_failed, messages_sent
from tests.factories.compliance import AssessmentFactory
from tests.factories.mailer import MailboxFactory
from tests.servers.dns import DnsServer, dns_running
from tests.servers.oauth import OAuthServer, oauth_running
from tests.servers.smtp import SmtpServer, smtp_running


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with smtp_running() as server:
        yield server


@pytest.fixture
def lawful_agency(agency: Agency) -> Agency:
    """With the recorded assessment that writing to the US asks for."""
    AssessmentFactory.create(agency=agency)
    return agency


@pytest.fixture
def mailbox(lawful_agency: Agency, smtp: SmtpServer) -> Mailbox:
    return MailboxFactory.create(
        agency=lawful_agency, address="ann@agency.example", smtp_port=smtp.port
    )


@pytest.fixture
def heard():
    """What was announced, as (signal's name, message)."""
    found: list[tuple[str, Any]] = []

    def listen(name, key):
        def receiver(**facts):
            found.append((name, facts[key]))

        return receiver

    pairs = [
        (messages_sent, listen("sent", "messages")),
        (message_failed, listen("failed", "message")),
        (message_bounced, listen("bounced", "hard")),
    ]
    for signal, receiver in pairs:
        signal.connect(receiver)
    yield found
    for signal, receiver in pairs:
        signal.disconnect(receiver)


@pytest.fixture
def dns(settings: Any) -> Iterator[DnsServer]:
    """A DNS server of the test's own, which the product asks."""
    with dns_running() as server:
        settings.DNS_SERVERS = [server.address]
        yield server


@pytest.fixture
def provider(settings) -> Iterator[OAuthServer]:
    """A stand-in for both providers."""
    with oauth_running() as server:
        settings.MAIL_OAUTH = {"google": server.settings, "microsoft": server.settings}
        settings.OAUTH_TIMEOUT = 1
        yield server
