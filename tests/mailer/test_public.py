"""What recipients and their scanners fetch: pixels, links, unsubscribing."""

import datetime as dt

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from compliance.models import SecurityEvent, Suppression, digest_of
from mailer.enums import AgentClass, MessageStatus
from mailer.models import Mailbox, Message, MessageEvent
from mailer.services.outbox import queue_messages
from mailer.signals import messages_touched, recipient_unsubscribed
from mailer.tokens import Purpose, make_token
from tests.factories.mailer import MessageFactory, draft

PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"}


@pytest.fixture
def message(mailbox: Mailbox) -> Message:
    return MessageFactory.create(
        mailbox=mailbox, sent=True, links=["https://site.example/a?b=c#d", "http://x.example/"]
    )


def url(message: Message, purpose: Purpose, link: int = 0) -> str:
    digest = digest_of(message.to_address) if purpose == Purpose.UNSUBSCRIBE else ""
    token = make_token(
        purpose, agency_id=message.agency_id, message_id=message.pk, link=link, digest=digest
    )
    return reverse(f"mailer_public:{purpose}", args=[token])


def visit(path: str, method: str = "get", headers: dict[str, str] | None = None):
    return getattr(Browser(enforce_csrf_checks=True), method)(path, headers=headers or PERSON)


def test_pixel_is_given_and_counted_once(message: Message):
    heard: list[tuple[str, object, int]] = []

    def listen(**facts):
        heard.extend((one.figure, one.old, one.message_id) for one in facts["changes"])

    messages_touched.connect(listen)
    answers = [visit(url(message, Purpose.OPEN)) for _ in range(2)]

    message.refresh_from_db()
    assert {a["Content-Type"] for a in answers} == {"image/gif"}
    assert "no-store" in answers[0]["Cache-Control"]
    assert message.opened_at is not None
    assert message.events.count() == 2
    assert heard == [("opened", None, message.pk)]


def test_pixel_is_given_for_any_token(db):
    answer = visit("/t/o/nonsense.gif")

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/gif")
    assert SecurityEvent.objects.filter(kind="forged_token").count() == 1


def test_click_leads_to_the_stored_link(message: Message):
    answer = visit(url(message, Purpose.CLICK))

    message.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, "https://site.example/a?b=c#d")
    assert message.events.get().url == "https://site.example/a?b=c#d"
    assert message.clicked_at is not None
    assert message.opened_at == message.clicked_at


def test_click_on_a_link_the_message_never_had_goes_nowhere(message: Message):
    assert visit(url(message, Purpose.CLICK, link=2)).status_code == 404


@pytest.mark.parametrize("target", ["javascript:alert(1)", "//evil.example", "ftp://x.example/a"])
def test_click_never_leads_off_the_web(message: Message, target: str):
    Message.objects.update(links=[target])

    assert visit(url(message, Purpose.CLICK)).status_code == 404


@pytest.mark.parametrize("cut", [1, 10, 20])
def test_truncated_click_gets_a_plain_page(message: Message, cut: int):
    answer = visit(url(message, Purpose.CLICK)[:-cut])

    assert answer.status_code == 404
    assert "Location" not in answer
    assert not MessageEvent.objects.exists()


# Unsubscribing ----------------------------------------------------------------------------


def test_looking_at_the_page_changes_nothing(message: Message):
    for method in ("get", "head"):
        assert visit(url(message, Purpose.UNSUBSCRIBE), method).status_code == 200

    assert not Suppression.objects.exists()


def test_one_click_without_cookies_unsubscribes(message: Message):
    answer = Browser(enforce_csrf_checks=True).post(
        url(message, Purpose.UNSUBSCRIBE), {"List-Unsubscribe": "One-Click"}
    )

    assert answer.status_code == 200
    assert not answer.cookies
    assert Suppression.objects.get().value == message.to_address


def test_unsubscribing_twice_has_one_effect(message: Message):
    heard = []

    def listen(**facts):
        heard.append(facts["address"])

    recipient_unsubscribed.connect(listen)
    for _ in range(2):
        answer = visit(url(message, Purpose.UNSUBSCRIBE), "post")

    assert "You are unsubscribed" in answer.content.decode()
    assert heard == [message.to_address]
    assert Suppression.objects.count() == 1


def test_unsubscribing_cancels_what_waits(mailbox: Mailbox, message: Message):
    waiting = queue_messages([draft(mailbox, to_address=message.to_address, kind="reply")])[0]

    visit(url(message, Purpose.UNSUBSCRIBE), "post")

    waiting.refresh_from_db()
    assert waiting.status == MessageStatus.CANCELLED


def test_unsubscribing_with_a_forged_token_does_nothing(message: Message):
    answer = visit(url(message, Purpose.UNSUBSCRIBE)[:-6] + "xxxxx", "post")

    assert answer.status_code == 404
    assert not Suppression.objects.exists()


# Machines and people ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "agent"),
    [
        (PERSON, AgentClass.HUMAN),
        ({"User-Agent": "Mozilla/5.0 GoogleImageProxy"}, AgentClass.MACHINE),
        ({"User-Agent": "Mozilla/5.0"}, AgentClass.MACHINE),
        ({"User-Agent": ""}, AgentClass.MACHINE),
        ({"User-Agent": "Barracuda Sentinel (EE)"}, AgentClass.MACHINE),
        ({"User-Agent": "python-requests/2.32"}, AgentClass.MACHINE),
        (PERSON | {"Sec-Purpose": "prefetch;prerender"}, AgentClass.MACHINE),
    ],
)
def test_who_fetched_is_told_apart(message: Message, headers: dict[str, str], agent: str):
    visit(url(message, Purpose.CLICK), headers=headers)

    message.refresh_from_db()
    assert message.events.get().agent == agent
    assert (message.clicked_at is None) is (agent == AgentClass.MACHINE)


def test_a_click_within_seconds_of_sending_is_a_scanners(message: Message):
    Message.objects.update(sent_at=timezone.now() - dt.timedelta(seconds=2))

    visit(url(message, Purpose.CLICK))

    assert message.events.get().agent == AgentClass.MACHINE


def test_head_is_answered_but_not_counted(message: Message):
    assert visit(url(message, Purpose.CLICK), "head").status_code == 302
    assert visit(url(message, Purpose.OPEN), "head").status_code == 200

    message.refresh_from_db()
    assert set(message.events.values_list("agent", flat=True)) == {AgentClass.MACHINE}
    assert message.opened_at is message.clicked_at is None


def test_a_scanner_that_opens_every_link_unsubscribes_nobody(message: Message):
    for purpose in Purpose:
        for method in ("head", "get"):
            visit(url(message, purpose), method, {"User-Agent": "linkscanner/1.0"})

    message.refresh_from_db()
    assert not Suppression.objects.exists()
    assert message.opened_at is message.clicked_at is message.unsubscribed_at is None
