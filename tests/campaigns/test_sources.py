"""The source of a sequence's e-mail, and the content check beside its preview."""

import email
import email.policy

import pytest
from django.test import Client as Browser
from django.urls import reverse

from campaigns.models import Campaign, StepVariant
from leads.models import Lead
from mailer.models import Message
from tests.factories.campaigns import StepFactory, VariantFactory
from tests.factories.mailer import MessageFactory


def url(campaign: Campaign, name: str = "sequence_source") -> str:
    return reverse(f"campaigns:{name}", args=[campaign.agency.slug, campaign.slug])


def downloaded(browser: Browser, campaign: Campaign, step: int = 1):
    response = browser.get(url(campaign), {"download": "1", "step": str(step)})
    assert response["Content-Type"] == "message/rfc822"
    return email.message_from_bytes(response.content, policy=email.policy.default)


def write(campaign: Campaign, **changes: str) -> None:
    StepVariant.objects.filter(step__campaign=campaign, step__order=1).update(**changes)


def test_source_is_the_mail_with_every_header(campaign: Campaign, owner_browser: Browser):
    lead = campaign.enrolments.get().lead

    mail = downloaded(owner_browser, campaign)

    assert mail["To"].addresses[0].addr_spec == lead.email
    assert set(mail.keys()) >= {"From", "Subject", "Date", "Message-ID", "List-Unsubscribe-Post"}


def test_looking_at_the_source_keeps_nothing(campaign: Campaign, owner_browser: Browser):
    owner_browser.get(url(campaign))

    assert not Message.objects.exists()


def test_source_of_an_answer_is_an_answer(campaign: Campaign, owner_browser: Browser):
    VariantFactory.create(step=StepFactory.create(campaign=campaign, order=2, thread_mode="same"))

    mail = downloaded(owner_browser, campaign, step=2)

    assert mail["Subject"].startswith("Re: ")
    assert mail["In-Reply-To"]


def test_what_is_held_back_has_no_source(campaign: Campaign, owner_browser: Browser):
    write(campaign, body="Hello {{ shoe_size }}")

    page = owner_browser.get(url(campaign), {"download": "1"}).content.decode()

    assert "held back for this lead, who has no shoe_size" in page


@pytest.mark.parametrize("bad", ["x\r\nBcc: all@site.example", "x\nBcc: all@site.example"])
def test_a_stored_line_break_in_a_name_adds_no_header(
    campaign: Campaign, owner_browser: Browser, bad: str
):
    Lead.objects.update(first_name=bad)

    mail = downloaded(owner_browser, campaign)

    assert (mail["Bcc"], len(mail["To"].addresses)) == (None, 1)


def test_designer_shows_the_content_check(campaign: Campaign, owner_browser: Browser):
    write(campaign, subject="Re: FREE MONEY", body="Click here now!!! http://bit.ly/x")

    page = owner_browser.get(url(campaign, "sequence")).content.decode()

    assert "likely to be filtered" in page
    assert "hides where it leads" in page


def test_preview_of_what_is_being_written_is_checked(campaign: Campaign, owner_browser: Browser):
    page = owner_browser.post(
        url(campaign, "sequence_preview"), {"subject": "Fwd: this", "body": "Hello"}
    )

    assert "pretends to answer or forward" in page.content.decode()


def test_text_of_an_author_is_escaped_in_the_check(campaign: Campaign, owner_browser: Browser):
    write(campaign, body="[<script>alert(1)</script>evil.example](https://good.example/)")

    assert "<script>alert" not in owner_browser.get(url(campaign, "sequence")).content.decode()


def test_message_source_is_checked_and_can_be_saved(campaign: Campaign, owner_browser: Browser):
    message = MessageFactory.create(mailbox=campaign.mailboxes.get(), subject="Fwd: hello")
    address = reverse("mailer:message_source", args=[campaign.agency.slug, message.pk])

    page = owner_browser.get(address).content.decode()
    saved = owner_browser.get(address, {"download": "1"})

    assert "pretends to answer or forward" in page
    assert b"\r\nSubject: Fwd: hello\r\n" in saved.content
