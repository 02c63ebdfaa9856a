"""Line breaks and other header tricks in every field that reaches mail, up to a real server.

The values are put where no form would let them, so that each layer below is tried: nothing
arrives but the one e-mail to the one person, with the headers it should have.
"""

import io
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.core.management import call_command
from django.db import DataError, transaction
from django.test import Client as Browser
from django.urls import reverse

from accounts.models import Agency, Client, User
from campaigns.models import Campaign, StepVariant
from campaigns.services.compose import compose_due
from leads.models import Lead
from mailer.models import Mailbox, Message
from mailer.services.drafting import build_message
from mailer.services.outbox import queue_messages
from mailer.services.sending import send_mailbox
from tests.factories.mailer import draft
from tests.factories.outreach import running
from tests.servers.smtp import SmtpServer

HEADERS = {
    "from", "to", "subject", "date", "message-id", "mime-version", "content-type", "reply-to",
    "in-reply-to", "references", "list-unsubscribe", "list-unsubscribe-post",
    "content-transfer-encoding",
}  # fmt: skip
TRICKS = {
    "crlf": "x\r\nBcc: evil@site.example",
    "lf": "x\nBcc: evil@site.example",
    "cr": "x\rBcc: evil@site.example",
    "two crlf": "x\r\n\r\nBcc: evil@site.example",
    "folded": "x\r\n Bcc: evil@site.example\r\nX-Evil: 1",
    "nul": "x\x00\r\nBcc: evil@site.example",
    "line separator": "x\u2028Bcc: evil@site.example",
    "next line": "x\x85Bcc: evil@site.example",
    "vertical tab": "x\x0bBcc: evil@site.example",
    "form feed": "x\x0cBcc: evil@site.example",
    "encoded word": "=?utf-8?q?x=0D=0ABcc:_evil=40site.example?=",
    "percent": "x%0d%0aBcc:%20evil@site.example",
    "two addresses": "x@site.example, evil@site.example",
    "angle": 'x" <evil@site.example>, "y',
    "group": "evil: evil@site.example;",
    "command": "x>\r\nRCPT TO:<evil@site.example>\r\nDATA",
    "end of data": "x\r\n.\r\nMAIL FROM:<evil@site.example>",
    "surrogate": "x\udcff",
    "long": "x" * 5_000,
}
# Where a value is stored → how it is put there.
FIELDS: dict[str, Callable[[str], object]] = {
    "lead first name": lambda bad: Lead.objects.update(first_name=bad),
    "lead last name": lambda bad: Lead.objects.update(last_name=bad),
    "lead company": lambda bad: Lead.objects.update(company=bad),
    "lead address": lambda bad: Lead.objects.update(email=bad),
    "lead custom field": lambda bad: Lead.objects.update(custom={"topic": bad, bad: "x"}),
    "mailbox display name": lambda bad: Mailbox.objects.update(display_name=bad),
    "mailbox address": lambda bad: Mailbox.objects.update(address=bad),
    "mailbox reply-to": lambda bad: Mailbox.objects.update(reply_to=bad),
    "mailbox signature": lambda bad: Mailbox.objects.update(signature=bad),
    "mailbox tracking domain": lambda bad: Mailbox.objects.update(tracking_domain=bad),
    "agency name": lambda bad: Agency.objects.update(name=bad),
    "agency sender name": lambda bad: Agency.objects.update(sender_name=bad),
    "agency postal address": lambda bad: Agency.objects.update(postal_address=bad),
    "client name": lambda bad: Client.objects.update(name=bad),
    "user name": lambda bad: User.objects.update(name=bad),
    "campaign name": lambda bad: Campaign.objects.update(name=bad),
    "subject": lambda bad: StepVariant.objects.update(subject=bad),
    "subject by filter": lambda bad: StepVariant.objects.update(subject=f"{{{{ '{bad}' }}}}"),
    "body": lambda bad: StepVariant.objects.update(body=bad),
}


@pytest.fixture
def campaign(mailbox: Mailbox) -> Campaign:
    body = "Hello {{ first_name }} {{ topic | default: 'x' }} {{ signature | default: 'y' }}"
    return running(mailbox.agency, mailbox, texts=[body])


def put(name: str, bad: str) -> None:
    """Store a value, unless the database itself refuses it."""
    with suppress(DataError, UnicodeError, ValueError), transaction.atomic():
        FIELDS[name](bad)


def assert_one_mail_at_most(smtp: SmtpServer) -> None:
    assert len(smtp.received) <= 1
    assert not [line for line in smtp.commands if "evil@" in line and line.startswith("RCPT")]
    for one in smtp.received:
        names = [name.lower() for name in one.mail]
        assert sorted(names) == sorted(set(names))
        assert set(names) <= HEADERS
        assert [len(one.mail[name].addresses) for name in ("from", "to")] == [1, 1]


@pytest.mark.parametrize("bad", TRICKS.values(), ids=TRICKS)
@pytest.mark.parametrize("name", FIELDS)
def test_stored_value_adds_no_header_and_no_recipient(
    campaign: Campaign, smtp: SmtpServer, name: str, bad: str
):
    put(name, bad)

    compose_due()
    for box in Mailbox.objects.order_by("pk"):
        send_mailbox(box.pk)

    assert_one_mail_at_most(smtp)


@pytest.mark.parametrize("bad", TRICKS.values(), ids=TRICKS)
@pytest.mark.parametrize(
    "field", ["subject", "to_name", "to_address", "idempotency_key", "sequence_key", "text", "html"]
)
def test_draft_adds_no_header_and_no_recipient(
    mailbox: Mailbox, smtp: SmtpServer, field: str, bad: str
):
    try:
        with transaction.atomic():
            queue_messages([draft(mailbox, **{field: bad})])
    except (ValueError, DataError):
        return  # refused at the door

    send_mailbox(mailbox.pk)

    assert_one_mail_at_most(smtp)


@pytest.mark.parametrize("bad", TRICKS.values(), ids=TRICKS)
@pytest.mark.parametrize("field", ["message_id", "in_reply_to", "references", "to_address"])
def test_stored_message_adds_no_header_and_no_recipient(
    mailbox: Mailbox, smtp: SmtpServer, field: str, bad: str
):
    queue_messages([draft(mailbox)])
    value = f"<{bad}@site.example>" if field in {"message_id", "in_reply_to"} else bad
    try:
        with transaction.atomic():
            Message.objects.update(**{field: value})
    except (DataError, UnicodeError, ValueError):
        return  # the database refuses it

    send_mailbox(mailbox.pk)

    assert_one_mail_at_most(smtp)


@pytest.mark.parametrize("bad", [TRICKS["crlf"], TRICKS["nul"], TRICKS["lf"]])
def test_message_id_of_any_key_is_plain(mailbox: Mailbox, bad: str):
    with pytest.raises(ValueError, match="key"):
        build_message(draft(mailbox, idempotency_key=bad), now=mailbox.created_at)


@pytest.mark.parametrize("bad", [TRICKS["crlf"], TRICKS["lf"], TRICKS["cr"], TRICKS["nul"]])
@pytest.mark.parametrize("field", ["display_name", "reply_to", "address", "tracking_domain"])
def test_mailbox_form_stores_no_line_break(
    mailbox: Mailbox, owner_browser: Browser, field: str, bad: str
):
    values = {
        "address": mailbox.address, "display_name": "Ann", "provider": "", "reply_to": "",
        "smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_security": "none", "imap_port": "1",
        "imap_security": "none", "imap_folder": "INBOX", "daily_cap": "9", "hourly_cap": "9",
        "gap_seconds": "1", "gap_jitter_seconds": "1", "ramp_step": "5",
        "bounce_pause_percent": "8", "tracking_domain": "",
    }  # fmt: skip
    address = reverse("mailer:mailbox_edit", args=[mailbox.agency.slug, mailbox.pk])

    owner_browser.post(address, values | {field: bad})

    mailbox.refresh_from_db()
    assert not {"\r", "\n", "\x00"} & set(getattr(mailbox, field))


@pytest.mark.parametrize("bad", [TRICKS["crlf"], TRICKS["lf"], TRICKS["cr"]])
def test_imported_columns_reach_no_header(campaign: Campaign, smtp: SmtpServer, tmp_path, bad: str):
    cell = bad.replace('"', '""')
    path = tmp_path / "leads.csv"
    path.write_text(
        f'Email,First Name,Last Name,Company,Country\r\nnew@site.example,"{cell}","{cell}",'
        f'"{cell}",US\r\n"{cell}",Bob,Bee,Site,US\r\n',
        newline="",
    )
    call_command("import_leads", str(path), agency=campaign.agency.slug, stdout=io.StringIO())
    imported = Lead.objects.filter(email="new@site.example").first()
    assert imported is not None
    enrolment = campaign.enrolments.get()
    enrolment.lead = imported
    enrolment.save()

    compose_due()
    send_mailbox(campaign.mailboxes.get().pk)

    assert_one_mail_at_most(smtp)
    assert len(smtp.received) == 1
    assert not Lead.objects.filter(email__contains="\n").exists()


def test_encoded_word_is_held_back_with_its_reason(campaign: Campaign, smtp: SmtpServer):
    put("lead company", TRICKS["encoded word"])
    StepVariant.objects.update(subject="For {{ company }}")

    compose_due()

    assert "encoded word" in campaign.enrolments.get().pause_reason
