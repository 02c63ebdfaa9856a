"""The inbox's pages: what they list, what each button does, and that it can be undone."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from accounts.enums import Role
from compliance.models import Suppression
from mailer.enums import Intent, MessageStatus, ThreadStatus
from mailer.models import InboundMessage, Message, Thread
from mailer.services.inbox import take_in
from mailer.services.threads import wake_snoozed
from tests.factories.mailer import MailboxFactory, MessageFactory
from tests.mailer.mails import mail_from, report_on

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fixed_time():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def mailbox(lawful_agency):
    return MailboxFactory.create(agency=lawful_agency, address="ann@agency.example")


_uids = iter(range(1, 10**9))


@pytest.fixture
def answered(mailbox):
    """Return what makes a thread with one message and one answer."""

    def make(text="Yes, please send it.", sender="editor@site.example", **headers):
        message = MessageFactory.create(mailbox=mailbox, sent=True, to_address=sender)
        return take_in(
            mailbox,
            mail_from(sender, text, answers=message, **headers),
            folder="INBOX",
            uidvalidity=1,
            uid=next(_uids),
        )

    return make


def url(agency, name, *args):
    return reverse(f"mailer:{name}", args=[agency.slug, *args])


@pytest.mark.parametrize("number", [1, 3])
def test_inbox_list_needs_the_same_queries_for_any_number(
    owner_browser, agency, answered, number, django_assert_num_queries
):
    for n in range(number):
        answered(sender=f"editor{n}@site{n}.example")

    with django_assert_num_queries(10):
        page = owner_browser.get(url(agency, "inbox")).content.decode()
    assert page.count('class="qrow') == number


@pytest.mark.parametrize("number", [1, 3])
def test_thread_needs_the_same_queries_for_any_length(
    owner_browser, agency, answered, number, django_assert_num_queries
):
    inbound = answered()
    for _ in range(number):
        MessageFactory.create(mailbox=inbound.mailbox, sent=True, thread=inbound.thread)
    owner_browser.get(url(agency, "thread", inbound.thread_id))

    with django_assert_num_queries(8):
        owner_browser.get(url(agency, "thread", inbound.thread_id), headers=HTMX)


def test_inbox_shows_open_threads_only(owner_browser, agency, answered):
    answered(sender="open@site.example")
    done = answered(sender="done@other.example")
    owner_browser.post(url(agency, "thread_done", done.thread_id))

    page = owner_browser.get(url(agency, "inbox")).content.decode()

    assert "Erin Editor" in page
    assert (f'id="t-{done.thread_id}"' in page) is False


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?intent=interested", True),
        ("?intent=price", False),
        ("?q=site.example", True),
        ("?q=nobody", False),
        ("?view=mine", False),
        ("?view=done", False),
        ("?mailbox=999999", False),
    ],
)
def test_inbox_is_filtered_by_its_url(owner_browser, agency, answered, query, found):
    inbound = answered()

    page = owner_browser.get(url(agency, "inbox") + query).content.decode()

    assert (f'id="t-{inbound.thread_id}"' in page) is found


def test_inbox_loads_more_by_cursor(owner_browser, agency, mailbox, answered):
    for n in range(31):
        answered(sender=f"editor{n}@site{n}.example")
    first = owner_browser.get(url(agency, "inbox")).context["page"]

    more = owner_browser.get(url(agency, "inbox"), {"cursor": first.next_cursor}, headers=HTMX)

    assert (len(first.rows), more.content.decode().count('class="qrow')) == (30, 1)


def test_thread_shows_new_text_and_folds_the_quote(owner_browser, agency, answered):
    inbound = answered("Yes.\n\nOn 3 Nov 2026 at 10:15, Ann wrote:\n> Would you?")

    page = owner_browser.get(url(agency, "thread", inbound.thread_id)).content.decode()

    assert "<p>Yes.</p>" in page
    assert "Whole text" in page


def test_opening_a_thread_marks_it_read(owner_browser, agency, answered):
    inbound = answered()
    owner_browser.get(url(agency, "thread", inbound.thread_id))

    assert not Thread.objects.get().is_unread


def test_text_of_a_mail_is_never_markup(owner_browser, agency, answered):
    inbound = answered("<script>alert(1)</script> Yes", subject="<b>x</b>")

    page = owner_browser.get(url(agency, "thread", inbound.thread_id)).content.decode()

    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


def test_formatted_mail_is_framed_without_script(owner_browser, agency, answered):
    inbound = answered()
    response = owner_browser.get(url(agency, "mail_html", inbound.pk))

    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"preset": "tomorrow"}, ThreadStatus.SNOOZED),
        ({"until": "2026-12-01T08:30"}, ThreadStatus.SNOOZED),
        ({"until": "2026-01-01T08:30"}, ThreadStatus.OPEN),
        ({"until": "soon"}, ThreadStatus.OPEN),
        ({}, ThreadStatus.OPEN),
    ],
)
def test_thread_is_snoozed_until_a_moment_ahead(owner_browser, agency, answered, data, status):
    owner_browser.post(url(agency, "thread_snooze", answered().thread_id), data)

    assert Thread.objects.get().status == status


@pytest.mark.parametrize("name", ["thread_done", "thread_snooze"])
def test_thread_is_opened_again(owner_browser, agency, answered, name):
    thread = answered().thread
    owner_browser.post(url(agency, name, thread.pk), {"preset": "week"})
    owner_browser.post(url(agency, "thread_reopen", thread.pk))

    assert Thread.objects.get().status == ThreadStatus.OPEN


def test_snoozed_thread_comes_back_when_its_time_has_come(owner_browser, agency, answered):
    thread = answered().thread
    owner_browser.post(url(agency, "thread_snooze", thread.pk), {"preset": "hours"})
    assert 'class="qrow' not in owner_browser.get(url(agency, "inbox")).content.decode()

    with time_machine.travel(NOW + dt.timedelta(hours=4)):
        assert 'class="qrow' in owner_browser.get(url(agency, "inbox")).content.decode()
        assert (wake_snoozed(), wake_snoozed()) == (1, 0)
    assert Thread.objects.get().status == ThreadStatus.OPEN


def test_new_answer_wakes_a_snoozed_thread(owner_browser, agency, answered, mailbox):
    inbound = answered()
    owner_browser.post(url(agency, "thread_snooze", inbound.thread_id), {"preset": "week"})
    again = mail_from(answers=inbound.original)
    take_in(mailbox, again, folder="INBOX", uidvalidity=1, uid=next(_uids))

    assert Thread.objects.get().status == ThreadStatus.OPEN


def test_thread_is_given_to_a_member_of_the_agency_only(
    owner_browser, agency, answered, join, stranger
):
    thread, colleague = answered().thread, join(Role.MEMBER).user
    target = url(agency, "thread_assign", thread.pk)

    owner_browser.post(target, {"assignee": colleague.pk})
    owner_browser.post(target, {"assignee": stranger.user.pk})

    assert Thread.objects.get().assignee == colleague


def test_thread_is_marked_unread(owner_browser, agency, answered):
    thread = answered().thread
    owner_browser.get(url(agency, "thread", thread.pk))
    owner_browser.post(url(agency, "thread_unread", thread.pk))

    assert Thread.objects.get().is_unread


def reply(browser, agency, thread, text="Here it is.", key="some-key-1", **more):
    return browser.post(url(agency, "thread_reply", thread.pk), {"text": text, "key": key}, **more)


def test_reply_is_queued_in_the_thread_as_an_answer(owner_browser, agency, answered, owner):
    inbound = answered()
    reply(owner_browser, agency, inbound.thread)

    message = Message.objects.get(kind="reply")
    assert (message.thread, message.in_reply_to, message.subject) == (
        inbound.thread,
        inbound.message_id,
        "Re: A question about your guide",
    )
    assert message.references.split() == [inbound.original.message_id, inbound.message_id]
    assert (message.status, message.sender_user) == (MessageStatus.QUEUED, owner.user)
    assert (message.with_unsubscribe, message.track_opens) == (False, False)


def test_reply_goes_to_the_address_that_answered(owner_browser, agency, answered, mailbox):
    inbound = answered()
    alias = mail_from("erin@private.example", answers=inbound.original)
    take_in(mailbox, alias, folder="INBOX", uidvalidity=1, uid=next(_uids))
    reply(owner_browser, agency, inbound.thread)

    assert Message.objects.get(kind="reply").to_address == "erin@private.example"


def test_reply_sent_twice_is_queued_once(owner_browser, agency, answered):
    thread = answered().thread
    reply(owner_browser, agency, thread)
    reply(owner_browser, agency, thread)

    assert Message.objects.filter(kind="reply").count() == 1


def test_reply_waits_a_moment_and_is_taken_back(owner_browser, agency, answered):
    thread = answered().thread
    reply(owner_browser, agency, thread)
    message = Message.objects.get(kind="reply")
    assert message.next_attempt_at == NOW + dt.timedelta(seconds=10)

    page = owner_browser.post(url(agency, "reply_take_back", message.pk)).content.decode()

    message.refresh_from_db()
    assert message.status == MessageStatus.CANCELLED
    assert "Here it is.</textarea>" in page


def test_reply_that_left_is_not_taken_back(owner_browser, agency, answered):
    thread = answered().thread
    reply(owner_browser, agency, thread)
    Message.objects.filter(kind="reply").update(
        status=MessageStatus.SENT, sent_at=NOW, smtp_reply="250"
    )
    owner_browser.post(url(agency, "reply_take_back", Message.objects.get(kind="reply").pk))

    assert Message.objects.get(kind="reply").status == MessageStatus.SENT


@pytest.mark.parametrize("text", ["", "   ", "x" * 20_001])
def test_reply_that_cannot_be_sent_keeps_what_was_typed(owner_browser, agency, answered, text):
    response = reply(owner_browser, agency, answered().thread, text)

    assert response.status_code == 422
    assert text.strip() in response.content.decode()
    assert not Message.objects.filter(kind="reply").exists()


def test_reply_cannot_break_out_of_its_header(owner_browser, agency, answered):
    inbound = answered()
    InboundMessage.objects.update(subject="Hi\r\nBcc: all@site.example")
    reply(owner_browser, agency, inbound.thread)

    assert Message.objects.get(kind="reply").subject == "Re: Hi Bcc: all@site.example"


def correct(browser, agency, inbound, value):
    return browser.post(url(agency, "mail_correct", inbound.pk), {"value": value}, follow=True)


@pytest.mark.parametrize("value", [Intent.NOT_INTERESTED, Intent.UNSUBSCRIBE])
def test_correction_to_a_refusal_suppresses(owner_browser, agency, answered, value):
    inbound = answered()
    correct(owner_browser, agency, inbound, value)

    assert Suppression.objects.get().value == "editor@site.example"
    inbound.refresh_from_db()
    assert (inbound.intent, inbound.intent_source) == (value, "person")
    assert Thread.objects.get().intent == value


def test_correction_from_a_refusal_lifts_it_for_a_manager_and_says_so(
    owner_browser, agency, answered
):
    inbound = answered("We are not interested.")
    assert Suppression.objects.count() == 1

    page = correct(owner_browser, agency, inbound, Intent.INTERESTED).content.decode()

    assert Suppression.objects.count() == 0
    assert "was lifted" in page


def test_correction_by_a_member_leaves_the_suppression_and_says_so(
    agency, answered, join, browser_of
):
    inbound = answered("We are not interested.")
    browser = browser_of(join(Role.MEMBER))

    page = correct(browser, agency, inbound, Intent.INTERESTED).content.decode()

    assert Suppression.objects.count() == 1
    assert "stays until a manager lifts it" in page


def test_unsubscribe_is_never_lifted_by_a_correction(owner_browser, agency, answered):
    inbound = answered("Please unsubscribe me.")
    correct(owner_browser, agency, inbound, Intent.INTERESTED)

    assert Suppression.objects.count() == 1


def test_program_s_answer_may_turn_out_a_person_s(owner_browser, agency, answered):
    inbound = answered(Auto_Submitted="auto-replied")
    assert inbound.original.replied_at is None
    correct(owner_browser, agency, inbound, Intent.QUESTION)

    inbound.original.refresh_from_db()
    assert inbound.original.replied_at == NOW


def test_unknown_correction_changes_nothing(owner_browser, agency, answered):
    inbound = answered()
    correct(owner_browser, agency, inbound, "bounce")

    inbound.refresh_from_db()
    assert inbound.intent == Intent.INTERESTED


def test_bounce_is_shown_with_its_reason(owner_browser, agency, mailbox):
    message = MessageFactory.create(mailbox=mailbox, sent=True)
    report = report_on(message)
    take_in(mailbox, report, folder="INBOX", uidvalidity=1, uid=next(_uids))

    page = owner_browser.get(url(agency, "thread", message.thread_id)).content.decode()

    assert "the address is dead" in page


def test_action_under_htmx_answers_with_thread_row_and_toast(owner_browser, agency, answered):
    thread = answered().thread
    page = owner_browser.post(url(agency, "thread_done", thread.pk), headers=HTMX)

    body = page.content.decode()
    assert 'id="detail" hx-swap-oob="innerHTML"' in body
    assert f'id="t-{thread.pk}"' in body
    assert "Marked done." in body
    assert url(agency, "thread_reopen", thread.pk) in body


def test_thread_of_another_agency_is_not_found(agency, answered, stranger, browser_of):
    thread = answered().thread
    browser = browser_of(stranger)

    assert browser.get(url(stranger.agency, "thread", thread.pk)).status_code == 404
    assert browser.get(url(agency, "thread", thread.pk)).status_code == 404
