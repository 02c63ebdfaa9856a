"""Erasing someone reaches every app, and every column that named them."""

import pytest
from django.apps import apps
from django.utils import timezone

from campaigns.models import Enrolment, EnrolmentRun, EnrolmentSkip, StepEmail
from compliance import personal_data
from leads.enums import EventKind
from leads.models import ImportReject, Lead, LeadEvent
from mailer.enums import InboundKind
from mailer.models import Alias, InboundMessage, Message, MessageEvent, SetAsideMail, Thread
from tests.factories.campaigns import CampaignFactory, StepFactory, VariantFactory
from tests.factories.compliance import ConsentFactory
from tests.factories.leads import LeadFactory, LeadImportFactory
from tests.factories.mailer import MailboxFactory, MessageFactory, ThreadFactory

ANN = "ann.unusual@site.example"
TRACES = ("ann.unusual", "unusual-name", "unusual words", "+44 unusual")


@pytest.fixture
def known(agency):
    """A person every app knows, in every place that can name them."""
    lead = LeadFactory.create(
        agency=agency, email=ANN, first_name="Unusual-name", phone="+44 unusual",
        custom={"note": "unusual words"},
    )  # fmt: skip
    LeadEvent.objects.create(
        agency=agency, lead=lead, kind=EventKind.values[0], summary=f"To {ANN}"
    )
    ImportReject.objects.create(
        lead_import=LeadImportFactory.create(agency=agency), line=2, cells=[ANN], problems=[]
    )
    mailbox = MailboxFactory.create(agency=agency)
    thread = ThreadFactory.create(
        mailbox=mailbox, counterpart=ANN, subject="unusual words", preview="unusual words"
    )
    sent = MessageFactory.create(
        mailbox=mailbox, thread=thread, to_address=ANN, to_name="Unusual-name", sent=True,
        subject="unusual words", text="unusual words", html="unusual words",
        smtp_reply=f"250 {ANN} ok",
    )  # fmt: skip
    MessageEvent.objects.create(
        agency=agency, message=sent, kind="opened", evidence={"by": "unusual words"}
    )
    for number, (sender, kind) in enumerate(
        [(ANN, InboundKind.REPLY), ("mailer-daemon@x.example", InboundKind.BOUNCE)]
    ):
        InboundMessage.objects.create(
            agency=agency, mailbox=mailbox, thread=thread, original=sent, uid=number,
            message_id=f"<{number}@x>", from_address=sender, from_name="Unusual-name", kind=kind,
            subject="unusual words", text=f"{ANN} unusual words", new_text="unusual words",
            html="unusual words", facts={"bounced": [ANN]}, received_at=timezone.now(),
        )  # fmt: skip
    Alias.objects.create(agency=agency, alias="unusual@home.example", address=ANN)
    SetAsideMail.objects.create(
        agency=agency, mailbox=mailbox, folder="INBOX", uidvalidity=1, uid=9,
        sender=f"Unusual-name <{ANN}>", subject="unusual words", reason="unusual words",
    )  # fmt: skip
    campaign = CampaignFactory.create(agency=agency)
    variant = VariantFactory.create(step=StepFactory.create(campaign=campaign))
    enrolment = Enrolment.objects.create(agency=agency, campaign=campaign, lead=lead)
    StepEmail.objects.create(
        agency=agency, campaign=campaign, enrolment=enrolment, step=variant.step, variant=variant,
        subject="unusual words", body="unusual words",
    )  # fmt: skip
    EnrolmentSkip.objects.create(
        agency=agency, lead=lead, reason="", detail=ANN,
        run=EnrolmentRun.objects.create(agency=agency, campaign=campaign),
    )  # fmt: skip
    ConsentFactory.create(agency=agency, address=ANN, evidence="unusual words")
    return agency


def everything_stored():
    models = [
        model
        for app in ("leads", "mailer", "campaigns", "compliance")
        for model in apps.get_app_config(app).get_models()
    ]
    return {model._meta.label: str(list(model.objects.values())).lower() for model in models}


def test_every_app_has_registered():
    assert {"campaigns", "compliance", "leads", "mailer"} <= set(personal_data.registered())


def test_everything_is_handed_over(known):
    held = personal_data.everything_on(known, ANN)["data"]

    counts = {
        section: len(rows) for holder in held.values() for section, rows in holder.items() if rows
    }
    assert counts == {
        "consents": 1,
        "drafted e-mails": 1,
        "e-mail events": 1,
        "e-mails not read": 1,
        "enrolments": 1,
        "lead events": 1,
        "leads": 1,
        "other addresses": 1,
        "received e-mails": 2,
        "sent e-mails": 1,
    }


def test_no_column_names_an_erased_person(known, owner):
    personal_data.erase_person(agency=known, address=ANN, actor=owner.user)

    left = {
        label: [trace for trace in TRACES if trace in text]
        for label, text in everything_stored().items()
    }
    assert {label: traces for label, traces in left.items() if traces} == {}


def test_that_there_was_something_stays_counted(known, owner):
    personal_data.erase_person(agency=known, address=ANN, actor=owner.user)

    amounts = [
        model.objects.count()
        for model in (Lead, Message, MessageEvent, Thread, Enrolment, StepEmail)
    ]
    assert amounts == [1] * 6


def test_other_agencies_keep_what_they_hold(known, stranger, owner):
    LeadFactory.create(agency=stranger.agency, email=ANN)
    MessageFactory.create(mailbox=MailboxFactory.create(agency=stranger.agency), to_address=ANN)

    personal_data.erase_person(agency=known, address=ANN, actor=owner.user)

    assert Lead.objects.for_agency(stranger.agency).get().email == ANN
    assert Message.objects.for_agency(stranger.agency).get().to_address == ANN


def test_queued_email_is_cancelled_and_blank(known, owner):
    mailbox = MailboxFactory.create(agency=known)
    message = MessageFactory.create(mailbox=mailbox, to_address=ANN, text="unusual words")

    personal_data.erase_person(agency=known, address=ANN, actor=owner.user)

    message.refresh_from_db()
    assert (message.status, message.text) == ("cancelled", "[erased]")


def test_unread_mail_of_a_longer_address_is_somebody_elses(known):
    SetAsideMail.objects.update(sender=f"<jo{ANN}>")

    held = personal_data.everything_on(known, ANN)["data"]

    assert [
        rows for holder in held.values() for rows in [holder.get("e-mails not read")] if rows
    ] == []
