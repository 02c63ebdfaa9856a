"""The unsubscribe page and its one click: for every reader, for ever, and to be undone."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign
from compliance.models import AuditEntry, Suppression
from compliance.personal_data import erase_person
from mailer import public_words
from mailer.models import Message
from mailer.wire import unsubscribe_token
from tests.factories.mailer import MessageFactory

PLACES = {
    "de": "DE", "fr": "FR", "es": "MX", "it": "IT", "nl": "NL", "pt": "BR", "sv": "SE",
    "da": "DK", "no": "NO", "fi": "FI", "pl": "PL", "cs": "CZ", "en": "US",
}  # fmt: skip


@pytest.fixture
def message(db: None) -> Message:
    return MessageFactory.create(sent=True)


def url(message: Message) -> str:
    return reverse("mailer_public:unsubscribe", args=[unsubscribe_token(message)])


def post(path: str, data: Any = None, **extra: Any):
    return Browser(enforce_csrf_checks=True).post(path, data or {}, **extra)


def test_one_click_as_form_data_is_heard(message: Message):
    path = url(message)

    answer = post(path, {"List-Unsubscribe": "One-Click"})  # the test client sends multipart

    assert (answer.status_code, dict(answer.cookies)) == (200, {})
    assert message.events.get().evidence == {"how": "one click"}


def test_one_click_urlencoded_with_or_without_the_slash(message: Message):
    for path in (url(message), f"{url(message)}/"):
        answer = post(
            path,
            "List-Unsubscribe=One-Click",
            content_type="application/x-www-form-urlencoded",
        )
        assert answer.status_code == 200

    assert Suppression.objects.count() == 1


@pytest.mark.parametrize("language", sorted(PLACES))
def test_page_speaks_the_recipients_language(message: Message, language: str):
    Message.objects.update(country=PLACES[language])

    page = Browser().get(url(message)).content.decode()

    words = public_words.words(language)
    assert f'<html lang="{public_words.html_lang(language)}"' in page
    assert words["ask_title"] in page.replace("&#x27;", "'")
    assert message.to_address in page


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("fr-CA,fr;q=0.9,en;q=0.5", "fr"),
        ("nb-NO", "no"),
        ("ja, pl;q=0.4, *;q=0.1", "pl"),
        ("ja", "de"),
        ("\ud83d;q=x, ;;;", "de"),
    ],
)
def test_what_the_browser_asks_for_counts_first(accepted: str, language: str):
    assert public_words.language_of(accepted=accepted, country="DE") == language


def test_top_level_domain_speaks_where_no_country_is_known():
    assert public_words.language_of(address="editor@site.cz") == "cs"
    assert public_words.language_of(country="US", address="editor@site.cz") == "en"


def test_every_language_has_every_text_and_its_names():
    for language in public_words.LANGUAGES:
        words = public_words.words(language)
        assert all(words.values())
        for key in ("ask", "done", "back"):
            assert re.findall(r"{\w+}", words[key]) == ["{who}", "{sender}"], (language, key)


def test_taking_it_back_lifts_the_suppression_and_keeps_the_evidence(message: Message):
    post(url(message))

    answer = post(url(message), {"undo": "1"})

    assert "Taken back" in answer.content.decode()
    assert not Suppression.objects.exists()
    assert list(message.events.order_by("pk").values_list("kind", flat=True)) == [
        "unsubscribed",
        "taken_back",
    ]
    assert AuditEntry.objects.filter(action="unsubscription taken back").count() == 1


def test_unsubscribing_again_after_taking_it_back_counts(message: Message):
    for data in ({}, {"undo": "1"}, {}):
        post(url(message), data)

    assert Suppression.objects.count() == 1


@pytest.mark.parametrize("reason", ["complained", "not_interested", "manual", "bounced", "erased"])
def test_other_refusals_are_not_taken_back(message: Message, reason: str):
    post(url(message))
    Suppression.objects.update(reason=reason)

    post(url(message), {"undo": "1"})

    assert Suppression.objects.count() == 1


def test_a_day_later_it_is_not_taken_back(message: Message):
    post(url(message))
    Suppression.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))

    page = post(url(message), {"undo": "1"}).content.decode()

    assert "mistake" not in page
    assert Suppression.objects.count() == 1


def test_link_works_when_the_message_is_deleted(message: Message):
    path = url(message)
    message.delete()
    Campaign.objects.all().delete()

    assert "This address" in Browser().get(path).content.decode()
    assert post(path).status_code == 200
    assert Suppression.objects.get().digest == unsubscribe_digest(path)


def unsubscribe_digest(path: str) -> str:
    from mailer.tokens import Purpose, read_token  # noqa: PLC0415  # used once

    return read_token(Purpose.UNSUBSCRIBE, path.rpartition("/")[2]).digest


def test_link_works_when_the_person_was_erased(message: Message):
    path, address = url(message), message.to_address
    erase_person(agency=message.agency, address=address, actor=None)

    page = post(path).content.decode()

    assert "You are unsubscribed" in page
    assert address not in page
    assert Suppression.objects.count() == 1


def test_link_works_years_later(message: Message, time_machine):
    path = url(message)
    time_machine.move_to("2037-01-01")

    assert post(path).status_code == 200
    assert Suppression.objects.count() == 1
