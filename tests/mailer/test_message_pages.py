"""Messages: the list, one message with its story, and what a person may do."""

import datetime as dt

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from mailer.enums import MailboxStatus, MessageStatus
from mailer.models import Mailbox, Message
from mailer.services.outbox import hold_messages, queue_messages
from mailer.services.sending import send_due
from tests.factories.mailer import MessageFactory, draft
from tests.servers.smtp import SmtpServer


def url(name: str, message: Message) -> str:
    return reverse(f"mailer:{name}", args=[message.agency.slug, message.pk])


def page(browser: Browser, message: Message) -> str:
    return browser.get(url("message", message)).content.decode()


@pytest.fixture
def queued(mailbox: Mailbox) -> Message:
    return queue_messages([draft(mailbox)])[0]


def test_page_says_when_it_goes(owner_browser, queued: Message):
    assert "goes with the next pass" in page(owner_browser, queued)


def test_page_says_that_the_campaign_is_paused(owner_browser, queued: Message):
    hold_messages(agency=queued.agency, campaign_key=queued.campaign_key)

    assert "its campaign is paused" in page(owner_browser, queued)


def test_page_says_that_the_mailbox_is_failing(owner_browser, queued: Message):
    soon = timezone.now() + dt.timedelta(minutes=5)
    Mailbox.objects.update(
        status=MailboxStatus.FAILING, status_reason="The server said no.", retry_at=soon
    )

    assert "The server said no." in page(owner_browser, queued)


def test_page_shows_the_policys_reasons(owner_browser, mailbox: Mailbox):
    blocked = queue_messages([draft(mailbox, country="DE")])[0]

    assert "asks for consent" in page(owner_browser, blocked)


def test_preview_runs_nothing(owner_browser, mailbox: Mailbox):
    html = '<p onclick="x()">Hi</p><script>alert(1)</script><img src="https://x.example/p.gif">'
    message = MessageFactory.create(mailbox=mailbox, html=html)

    answer = owner_browser.get(url("message_preview", message))

    assert b"<script" not in answer.content
    assert b"onclick" not in answer.content
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer["X-Frame-Options"] == "SAMEORIGIN"


def test_source_shows_the_headers(owner_browser, queued: Message):
    answer = owner_browser.get(url("message_source", queued)).content.decode()

    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in answer


def test_cancel_stops_it(owner_browser, queued: Message, smtp: SmtpServer):
    owner_browser.post(url("message_cancel", queued))
    send_due()

    queued.refresh_from_db()
    assert queued.status == MessageStatus.CANCELLED
    assert smtp.received == []


def uncertain(mailbox: Mailbox) -> Message:
    return MessageFactory.create(
        mailbox=mailbox, status=MessageStatus.UNCERTAIN, claimed_at=timezone.now(), kind="reply"
    )


def test_it_arrived_settles_an_uncertain_message(owner_browser, mailbox: Mailbox):
    message = uncertain(mailbox)

    owner_browser.post(url("message_arrived", message))

    message.refresh_from_db()
    assert message.status == MessageStatus.SENT
    assert message.announced
    assert "confirmed" in message.smtp_reply


def test_send_again_keeps_the_message_id(owner_browser, mailbox: Mailbox, smtp: SmtpServer):
    message = uncertain(mailbox)

    owner_browser.post(url("message_again", message))
    send_due()

    assert [one.mail["Message-ID"] for one in smtp.received] == [message.message_id]


@pytest.mark.parametrize("status", [MessageStatus.SENT, MessageStatus.CANCELLED, "blocked"])
def test_send_again_refuses_what_is_settled(owner_browser, mailbox: Mailbox, status: str):
    message = MessageFactory.create(mailbox=mailbox, sent=True)
    Message.objects.update(status=status)

    owner_browser.post(url("message_again", message))

    message.refresh_from_db()
    assert message.status == status


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=ed@one", 1), ("q=one.example", 1), ("q=nobody", 0), ("status=sent", 1), ("", 2)],
)
def test_list_is_filtered_by_its_url(owner_browser, mailbox: Mailbox, query: str, found: int):
    MessageFactory.create(mailbox=mailbox, to_address="ed@one.example", subject="SUBJECT")
    MessageFactory.create(mailbox=mailbox, to_address="x@two.example", sent=True, subject="SUBJECT")

    answer = owner_browser.get(reverse("mailer:messages", args=[mailbox.agency.slug]) + f"?{query}")

    assert answer.content.decode().count("SUBJECT") == found


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_as_often_for_one_as_for_three(
    owner_browser, mailbox, count, django_assert_num_queries
):
    MessageFactory.create_batch(count, mailbox=mailbox)
    path = reverse("mailer:messages", args=[mailbox.agency.slug])

    with django_assert_num_queries(LIST_QUERIES):
        owner_browser.get(path, headers={"HX-Request": "true"})


# The table without the frame around it, whose counts are another's.
LIST_QUERIES = 4
