"""People who answer from another address: recognised, remembered, refused for, undone."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from compliance.models import Suppression
from compliance.services import suppress
from leads.rules.freemail import FREE_MAIL
from mailer.models import Alias, InboundMessage
from mailer.reading.phrases import words
from mailer.services.aliases import reject_alias
from mailer.services.inbox import take_in
from tests.factories.mailer import MailboxFactory, MessageFactory
from tests.mailer.mails import mail_from, report_on

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
SUBJECT = "A question about your guide"
_uids = iter(range(1, 10**9))


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def mailbox(agency):
    return MailboxFactory.create(agency=agency, address="ann@agency.example")


@pytest.fixture
def sent(mailbox):
    return _sent(mailbox, "editor@site.example")


def _sent(mailbox, to, **more: Any):
    return MessageFactory.create(
        mailbox=mailbox, sent=True, sent_at=NOW, to_address=to, subject=SUBJECT, **more
    )


def _take(mailbox, raw):
    return take_in(mailbox, raw, folder="INBOX", uidvalidity=1, uid=next(_uids), now=NOW)


def _refused(agency):
    rows = Suppression.objects.for_agency(agency).order_by("value")
    return list(rows.values_list("value", flat=True))


def test_stranger_under_the_only_such_subject_answers_it(mailbox, sent):
    assert _take(mailbox, mail_from("erin@gmail.com")).original == sent


def test_stranger_under_a_subject_many_got_is_nobody(mailbox, sent):
    _sent(mailbox, "other@else.example")

    assert _take(mailbox, mail_from("erin@gmail.com")) is None


def test_stranger_quoting_whom_we_wrote_to_is_that_person(mailbox, sent):
    _sent(mailbox, "other@else.example")
    text = "Yes.\n\nFrom: ann@agency.example\nTo: editor@site.example\nSubject: A question\n\nHi"

    assert _take(mailbox, mail_from("erin@gmail.com", text)).original == sent


def test_stranger_of_the_same_full_name_is_that_person(mailbox):
    named = _sent(mailbox, "editor@site.example", to_name="Erin Editor")
    _sent(mailbox, "other@else.example", to_name="Olaf Olsen")

    assert _take(mailbox, mail_from("erin@gmail.com")).original == named


def test_new_subject_of_a_stranger_is_not_our_business(mailbox, sent):
    assert _take(mailbox, mail_from("erin@gmail.com", subject="Buy my course now")) is None


def test_our_words_without_re_are_not_an_answer(mailbox, sent):
    assert _take(mailbox, mail_from("erin@gmail.com", subject=SUBJECT)) is None


def test_alias_is_remembered(mailbox, sent):
    _take(mailbox, mail_from("erin@gmail.com", answers=sent))

    alias = Alias.objects.get()
    assert (alias.alias, alias.address) == ("erin@gmail.com", "editor@site.example")


def test_somebody_we_also_wrote_to_is_no_alias(mailbox, sent):
    _sent(mailbox, "olaf@site.example")

    _take(mailbox, mail_from("olaf@site.example", answers=sent))

    assert not Alias.objects.exists()


def test_later_refusal_of_one_address_holds_for_the_other(mailbox, sent):
    _take(mailbox, mail_from("erin@gmail.com", answers=sent))

    suppress(
        agency=mailbox.agency, kind="address", values=["erin@gmail.com"], reason="unsubscribed"
    )

    assert _refused(mailbox.agency) == ["editor@site.example", "erin@gmail.com"]


def test_dead_address_says_nothing_about_the_other(mailbox, sent):
    _take(mailbox, mail_from("erin@gmail.com", answers=sent))

    suppress(agency=mailbox.agency, kind="address", values=["erin@gmail.com"], reason="bounced")

    assert _refused(mailbox.agency) == ["erin@gmail.com"]


def test_rejected_alias_is_nobody_again(mailbox, sent):
    _take(mailbox, mail_from("erin@gmail.com", answers=sent))
    reject_alias(Alias.objects.get())

    suppress(
        agency=mailbox.agency, kind="address", values=["erin@gmail.com"], reason="unsubscribed"
    )

    assert _refused(mailbox.agency) == ["erin@gmail.com"]
    assert _take(mailbox, mail_from("erin@gmail.com", subject="Hello there again")) is None


def test_thread_shows_the_alias_and_undoes_it(owner_browser, mailbox, sent):
    inbound = _take(mailbox, mail_from("erin@gmail.com", answers=sent))
    alias = Alias.objects.get()
    page = reverse("mailer:thread", args=[mailbox.agency.slug, inbound.thread.pk])
    before = owner_browser.get(page).content.decode()

    owner_browser.post(reverse("mailer:alias_reject", args=[mailbox.agency.slug, alias.pk]))

    after = owner_browser.get(page).content.decode()
    assert ("Also writes as" in before, "Also writes as" in after) == (True, False)


def test_colleague_under_a_subject_two_of_the_site_got_is_neither(mailbox, sent):
    _sent(mailbox, "olaf@site.example")

    inbound = _take(mailbox, mail_from("desk@site.example"))

    assert inbound.original is None


def test_colleague_quoting_one_of_two_answers_for_that_one(mailbox, sent):
    _sent(mailbox, "olaf@site.example")
    text = "Yes.\n\nFrom: ann@agency.example\nTo: editor@site.example\n\nHi"

    assert _take(mailbox, mail_from("desk@site.example", text)).original == sent


@pytest.mark.parametrize("quoted", ["sub-editor@site.example", "editor@site.example.net"])
def test_longer_address_in_the_quote_is_somebody_else(mailbox, sent, quoted):
    _sent(mailbox, "other@else.example")

    assert _take(mailbox, mail_from("erin@gmail.com", f"Yes.\n\nTo: {quoted}\n\nHi")) is None


def test_neighbours_at_a_mail_provider_are_strangers(mailbox):
    _sent(mailbox, "erin@gmx.ch")
    _sent(mailbox, "olaf@else.example")

    assert _take(mailbox, mail_from("somebody@gmx.ch", subject="Hello there")) is None


def test_postmaster_who_reported_on_one_is_not_that_person(mailbox, sent):
    _take(mailbox, report_on(sent))
    reported = InboundMessage.objects.get()
    InboundMessage.objects.filter(pk=reported.pk).update(thread=sent.thread)

    found = _take(mailbox, mail_from(reported.from_address, subject="About your mail"))

    assert found is None


def test_mail_providers_are_known_alike_to_leads_and_mailer():
    assert words("shared_domains") == FREE_MAIL
