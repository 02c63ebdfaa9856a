"""The bytes of an e-mail: headers, parts, footer, tracking; nothing else gets in."""

import email
import email.policy
import re
from email.message import EmailMessage

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.headers import HeaderError, check_header, wire_address
from mailer.models import Mailbox, Message
from mailer.services.outbox import queue_messages
from mailer.tokens import Purpose, read_token
from mailer.wire import build_mail
from tests.factories.mailer import MessageFactory, draft
from tests.mailer.steps import NOW

HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
    "MIME-Version", "Content-Type",
}  # fmt: skip


def built(message: Message) -> EmailMessage:
    content = build_mail(message, now=NOW).content
    found = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")


@pytest.fixture
def message(mailbox: Mailbox) -> Message:
    html = '<p>See <a href="https://site.example/guide?a=1&amp;b=2">the guide</a>.</p>'
    return queue_messages([draft(mailbox, html=html)])[0]


def test_mail_carries_these_headers_and_no_other(message: Message):
    assert set(built(message).keys()) == HEADERS


def test_mail_has_text_and_html(message: Message):
    assert [part.get_content_type() for part in built(message).iter_parts()] == [
        "text/plain",
        "text/html",
    ]


def test_lines_end_in_crlf_and_are_seven_bit(message: Message):
    message.text = "Grüße aus Köln 🌍\n" + "x" * 2000
    message.subject = "Grüße 🌍 " * 20
    content = build_mail(message, now=NOW).content

    assert content.isascii()
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert body(built(message), "plain").startswith("Grüße aus Köln 🌍\n")


def test_unsubscribe_headers_follow_rfc_8058(message: Message):
    mail = built(message)

    found = re.fullmatch(
        r"<(http[^>]+)>, <mailto:ann@agency\.example\?subject=unsubscribe%20[\w-]+>",
        mail["List-Unsubscribe"],
    )
    assert found
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = found[1].rstrip("/").rpartition("/")[2]
    assert read_token(Purpose.UNSUBSCRIBE, token).message_id == message.pk


def test_long_ids_and_urls_are_never_encoded(message: Message):
    message.in_reply_to = "<" + "a" * 90 + "@site.example>"
    message.references = f"<first@site.example> {message.in_reply_to}"
    content = build_mail(message, now=NOW).content

    assert b"=?" not in content.partition(b"\r\n\r\n")[0]
    assert f"In-Reply-To: {message.in_reply_to}\r\n".encode() in content


def test_footer_names_the_sender_and_the_way_out(message: Message):
    for kind in ("plain", "html"):
        text = body(built(message), kind)
        assert "Test Agency Ltd" in text
        assert "1 Test Street, Testville" in text
        assert "/u/" in text


def test_links_are_rewritten_in_html_only(message: Message):
    mail = built(message)

    assert "/t/c/" in body(mail, "html")
    assert "site.example/guide" not in body(mail, "html")
    assert "/t/c/" not in body(mail, "plain")
    assert message.links == ["https://site.example/guide?a=1&b=2"]


def test_tracking_can_be_off(mailbox: Mailbox):
    html = '<a href="https://site.example/">x</a>'
    message = queue_messages([draft(mailbox, html=html, track_opens=False, track_clicks=False)])[0]

    assert "/t/" not in body(built(message), "html")


def test_tracking_domain_carries_the_links(message: Message):
    message.mailbox.tracking_domain = "go.agency.example"
    message.mailbox.tracking_verified_at = timezone.now()

    assert "https://go.agency.example/t/o/" in body(built(message), "html")


def test_a_reply_carries_no_list_headers(mailbox: Mailbox):
    message = MessageFactory.create(mailbox=mailbox, with_unsubscribe=False, html="")

    mail = built(message)

    assert "List-Unsubscribe" not in mail
    assert mail.get_content_type() == "text/plain"


def test_signature_is_escaped_in_html(message: Message):
    message.mailbox.signature = "Ann <b>Sender</b>\nAgency"

    assert "Ann &lt;b&gt;Sender&lt;/b&gt;<br>" in body(built(message), "html")


@pytest.mark.parametrize("field", ["subject", "to_name", "to_address", "message_id"])
@pytest.mark.parametrize("bad", ["x\r\nBcc: a@b.example", "x\nBcc: a@b.example", "x\x00", "x\ry"])
def test_a_stored_line_break_cannot_reach_the_wire(message: Message, field: str, bad: str):
    setattr(message, field, bad)

    with pytest.raises(HeaderError):
        build_mail(message, now=NOW)


def test_a_line_break_in_the_mailbox_cannot_reach_the_wire(message: Message):
    message.mailbox.display_name = "Ann\r\nBcc: all@site.example"

    with pytest.raises(HeaderError):
        build_mail(message, now=NOW)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120))
def test_any_subject_that_passes_adds_no_header(text: str):
    try:
        check_header("subject", text)
    except HeaderError:
        return
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["Subject"] = text

    parsed = email.message_from_bytes(mail.as_bytes(), policy=email.policy.default)

    assert list(parsed.keys()) == ["Subject"]


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("ed@bücher.example", "ed@xn--bcher-kva.example"),
        ("ed@site.example", "ed@site.example"),
        ("jürgen@site.example", "jürgen@site.example"),
    ],
)
def test_domains_travel_in_ascii(address: str, wire: str):
    assert wire_address(address) == wire


def test_a_local_part_outside_ascii_asks_for_smtputf8(message: Message):
    message.to_address = "jürgen@site.example"

    assert build_mail(message, now=NOW).utf8


@pytest.mark.parametrize("bad", ["a b@c.example", "a@b@c.example>", "<a@b.example", "@b.example"])
def test_what_is_no_address_is_refused(bad: str):
    with pytest.raises(HeaderError):
        wire_address(bad)


def test_a_text_that_carries_the_signature_is_not_signed_again(message: Message):
    message.mailbox.signature = "Ann Sender\nAgency"
    message.text = "Hello.\n\nAnn Sender\nAgency"
    message.html = "<p>Hello.</p><p>Ann Sender<br>Agency</p>"

    assert body(built(message), "plain").count("Ann Sender") == 1
    assert body(built(message), "html").count("Ann Sender") == 1
