"""Taking in one mail: what it belongs to, what is stored, what follows."""

import datetime as dt
from typing import Any

import pytest

from compliance.models import Suppression
from mailer import signals
from mailer.enums import EventKind, Intent, MessageStatus, ThreadStatus
from mailer.models import InboundMessage, Message, MessageEvent, Thread
from mailer.services.inbox import take_in
from mailer.wire import unsubscribe_token
from tests.factories.accounts import AgencyFactory
from tests.factories.mailer import MailboxFactory, MessageFactory
from tests.mailer.mails import complaint_about, mail_from, report_on

HARMFUL = ("script", "alert", "onclick", "<img", "<form", "<input", "track.example")
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@pytest.fixture
def mailbox(agency):
    return MailboxFactory.create(agency=agency, address="ann@agency.example")


@pytest.fixture
def sent(mailbox):
    return MessageFactory.create(mailbox=mailbox, sent=True, to_address="editor@site.example")


@pytest.fixture
def heard():
    """Return every signal fired, by name, with its arguments."""
    found = []

    def listen(name):
        def hear(**facts):
            found.append((name, facts))

        return hear

    names = (
        "reply_received",
        "out_of_office_received",
        "message_bounced",
        "complaint_received",
        "recipient_unsubscribed",
    )
    receivers = {name: listen(name) for name in names}
    for name, hear in receivers.items():
        getattr(signals, name).connect(hear, weak=False)
    yield found
    for name, hear in receivers.items():
        getattr(signals, name).disconnect(hear)


_uids = iter(range(1, 10**9))


def take(mailbox, raw, now=NOW, **where):
    names: dict[str, Any] = {"folder": "INBOX", "uidvalidity": 1, "uid": next(_uids)}
    return take_in(mailbox, raw, now=now, **(names | where))


def refused(agency):
    rows = Suppression.objects.filter(agency=agency).order_by("value")
    return list(rows.values_list("value", "reason"))


def test_unsubscribe_mail_names_its_message_from_whatever_address(mailbox, sent, agency):
    asked = mail_from("alias@else.example", "", subject=f"unsubscribe {unsubscribe_token(sent)}")

    inbound = take(mailbox, asked)

    assert (inbound.kind, inbound.original) == ("unsubscribe", sent)
    assert [value for value, _ in refused(agency)] == ["alias@else.example", "editor@site.example"]


def test_unsubscribe_mail_of_another_agencys_message_names_nothing(mailbox, sent):
    theirs = MessageFactory.create(sent=True)

    inbound = take(mailbox, mail_from(subject=f"unsubscribe {unsubscribe_token(theirs)}"))

    assert inbound.original == sent


def test_reply_is_matched_by_its_reference(mailbox, sent, heard):
    inbound = take(mailbox, mail_from("anyone@else.example", answers=sent))

    assert (inbound.original, inbound.thread, inbound.kind) == (sent, sent.thread, "reply")
    assert [(name, facts["message"]) for name, facts in heard] == [("reply_received", sent)]


def test_reply_opens_its_thread(mailbox, sent):
    take(mailbox, mail_from(answers=sent, text="Yes, interested!"))

    thread = Thread.objects.get()
    assert (thread.status, thread.is_unread, thread.intent, thread.preview) == (
        ThreadStatus.OPEN,
        True,
        Intent.INTERESTED,
        "Yes, interested!",
    )
    assert thread.last_inbound_at == NOW


def test_reply_marks_the_message_once(mailbox, sent):
    take(mailbox, mail_from(answers=sent))
    take(mailbox, mail_from(answers=sent), now=NOW + dt.timedelta(days=1))

    sent.refresh_from_db()
    assert sent.replied_at == NOW
    assert MessageEvent.objects.filter(kind=EventKind.REPLIED).count() == 2


def test_reply_without_references_is_matched_by_address(mailbox, sent):
    assert take(mailbox, mail_from()).original == sent


def test_alias_that_answered_once_is_remembered(mailbox, sent):
    take(mailbox, mail_from("erin@private.example", answers=sent))

    assert take(mailbox, mail_from("erin@private.example")).original == sent


def test_colleague_under_our_subject_answers_our_message(mailbox, sent):
    raw = mail_from("boss@site.example", subject="AW: A question about your guide")

    assert take(mailbox, raw).original == sent


def test_colleague_with_a_subject_of_their_own_gets_a_thread_of_their_own(mailbox, sent):
    inbound = take(mailbox, mail_from("boss@site.example", subject="Hello"))

    assert (inbound.original, inbound.thread.counterpart) == (None, "boss@site.example")


@pytest.mark.parametrize(
    "raw",
    [
        mail_from("stranger@nowhere.example", subject="Re: Something else entirely"),
        mail_from("news@site.example", subject="News", List_Unsubscribe="<https://site.example>"),
        mail_from("stranger@nowhere.example", subject="Re: Other", answers="<unknown@a.example>"),
    ],
)
def test_unrelated_mail_is_not_stored(mailbox, sent, raw):
    assert take(mailbox, raw) is None
    assert InboundMessage.objects.count() == 0


def test_shared_mail_domain_makes_nobody_known(mailbox):
    MessageFactory.create(mailbox=mailbox, sent=True, to_address="erin@gmail.com")

    assert take(mailbox, mail_from("other@gmail.com", subject="Hello")) is None


def test_program_saying_that_somebody_left_waits_for_a_person(mailbox, sent, heard):
    text = "Erin is no longer with Site Ltd. Please contact Olaf Olsen at olaf@site.example."
    raw = mail_from(answers=sent, text=text, Auto_Submitted="auto-replied")

    inbound = take(mailbox, raw)

    assert (inbound.kind, inbound.intent) == ("auto_reply", Intent.WRONG_PERSON)
    assert inbound.facts["right_person"]["address"] == "olaf@site.example"
    assert (inbound.thread.status, [name for name, _ in heard]) == (
        ThreadStatus.OPEN,
        ["out_of_office_received"],
    )


def test_mail_to_another_agency_is_not_matched(mailbox, sent):
    other = MailboxFactory.create(agency=AgencyFactory.create(), address="ann@agency.example")

    assert take(other, mail_from(answers=sent)) is None


def test_own_copy_is_ignored(mailbox, sent):
    by_address = mail_from("ann@agency.example", answers=sent)
    by_id = mail_from("editor@site.example", message_id=sent.message_id)

    assert [take(mailbox, raw) for raw in (by_address, by_id)] == [None, None]


def test_mail_is_taken_in_once(mailbox, sent, heard):
    raw = mail_from(answers=sent)

    assert take(mailbox, raw, uidvalidity=1, uid=1)
    assert take(mailbox, raw, uidvalidity=2, uid=9) is None
    assert len(heard) == 1


def test_mail_without_message_id_is_taken_in_once(mailbox, sent):
    raw = b"From: editor@site.example\r\nSubject: Hi\r\n\r\nYes"

    assert take(mailbox, raw)
    assert take(mailbox, raw) is None


def test_hard_bounce_suppresses_the_address(mailbox, sent, heard):
    inbound = take(mailbox, report_on(sent))

    sent.refresh_from_db()
    assert (inbound.kind, sent.bounced_at) == ("bounce", NOW)
    assert refused(mailbox.agency) == [("editor@site.example", "bounced")]
    assert [(name, facts["hard"]) for name, facts in heard] == [("message_bounced", True)]


def test_soft_bounce_suppresses_nobody(mailbox, sent, heard):
    take(mailbox, report_on(sent, "4.2.2", "452 4.2.2 Mailbox full"))

    sent.refresh_from_db()
    assert (sent.bounced_at, refused(mailbox.agency)) == (None, [])
    assert list(MessageEvent.objects.values_list("kind", flat=True)) == [EventKind.SOFT_BOUNCED]
    assert [facts["hard"] for _, facts in heard] == [False]


def test_bounce_opens_no_thread(mailbox, sent):
    take(mailbox, report_on(sent))

    assert Thread.objects.get().status == ThreadStatus.DONE


def test_bounce_without_message_id_is_matched_by_its_recipient(mailbox, sent):
    raw = report_on(sent).replace(sent.message_id.encode(), b"<other@x.example>")

    assert take(mailbox, raw).original == sent


def test_complaint_suppresses(mailbox, sent, heard):
    take(mailbox, complaint_about(sent))

    sent.refresh_from_db()
    assert sent.complained_at == NOW
    assert refused(mailbox.agency) == [("editor@site.example", "complained")]
    assert [(name, facts["address"]) for name, facts in heard] == [
        ("complaint_received", "editor@site.example")
    ]


def test_unsubscribe_request_suppresses_whom_we_wrote_to_and_who_answered(mailbox, sent, heard):
    raw = mail_from("erin@private.example", "Please unsubscribe me.", answers=sent)
    take(mailbox, raw)

    sent.refresh_from_db()
    assert sent.unsubscribed_at == NOW
    assert refused(mailbox.agency) == [
        ("editor@site.example", "unsubscribed"),
        ("erin@private.example", "unsubscribed"),
    ]
    assert [name for name, _ in heard] == ["recipient_unsubscribed"]


def test_refusal_suppresses_and_still_is_a_reply(mailbox, sent, heard):
    take(mailbox, mail_from(text="We are not interested.", answers=sent))

    assert refused(mailbox.agency) == [("editor@site.example", "not_interested")]
    assert [name for name, _ in heard] == ["reply_received"]


def test_absence_is_announced_with_its_end(mailbox, sent, heard):
    raw = mail_from(text="I am out of the office until 4 December 2026.", answers=sent)
    take(mailbox, raw)

    sent.refresh_from_db()
    assert sent.replied_at is None
    assert [(name, facts["return_date"]) for name, facts in heard] == [
        ("out_of_office_received", dt.date(2026, 12, 4))
    ]
    assert Thread.objects.get().status == ThreadStatus.DONE


def test_program_s_answer_announces_nothing(mailbox, sent, heard):
    take(mailbox, mail_from(answers=sent, Auto_Submitted="auto-replied"))

    assert heard == []


@pytest.mark.parametrize("raw_of", [lambda m: mail_from(answers=m), report_on])
def test_answer_settles_an_uncertain_message(mailbox, raw_of):
    uncertain = MessageFactory.create(
        mailbox=mailbox, status=MessageStatus.UNCERTAIN, claimed_at=NOW - dt.timedelta(hours=1)
    )
    take(mailbox, raw_of(uncertain))

    assert Message.objects.get().status == MessageStatus.SENT


def test_html_is_stored_harmless(mailbox, sent):
    raw = (
        b"From: editor@site.example\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n"
        b"<p onclick='x()'>Hi <script>alert(1)</script><a href='javascript:x'>link</a>"
        b"<img src='https://track.example/p.gif'><form><input></form></p>"
    )
    html = take(mailbox, raw).html

    assert [word for word in HARMFUL if word in html] == []
    assert ">link</a>" in html
