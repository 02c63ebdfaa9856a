"""DKIM signatures: another implementation verifies what a real SMTP server was given."""

import datetime as dt
import re

import dkim
import dkim.canonicalization
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.dkim import SIGNED, generate_key, load_key, relaxed_body, relaxed_header, sign
from mailer.enums import DkimAlgorithm, DkimKeyStatus
from mailer.models import DkimKey, Mailbox
from mailer.selectors_signing import SigningKeyError, builder_of
from mailer.services.sending import send_mailbox
from tests.factories.mailer import DkimKeyFactory
from tests.mailer.steps import queue, status_of
from tests.servers.smtp import SmtpServer, smtp_running

# The verifier refuses signatures of the future, by the real clock.
AT = dt.datetime(2024, 5, 6, 7, tzinfo=dt.UTC)
PAIRS = {algorithm: generate_key(algorithm) for algorithm in DkimAlgorithm}
BODIES = {
    "empty": "",
    "one line": "Hello",
    "trailing blank lines": "Hello\n\n\n\n",
    "only blank lines": "\n\n\n",
    "dots": ".\n..\n.hidden\n.\n\nend.",
    "long lines": "x" * 5000 + "\n" + "word " * 2000,
    "other letters": "Grüße aus Köln 🌍\nDobrý den, čeština",
    "bare spaces": "  indented\n\ttab\t \n   \nword  word   \n ",
    "from at the start": "From here\n>From there",
    "quoted printable signs": "a=b=3D\n=\n" + "=" * 100,
}


def keys(domain: str = "agency.example"):
    return [
        load_key(domain=domain, selector=f"s{kind}", algorithm=kind, pem=PAIRS[kind][0])
        for kind in DkimAlgorithm
    ]


def published(name: bytes, timeout: int = 5) -> bytes | None:
    for algorithm, (_, public) in PAIRS.items():
        if name.startswith(f"s{algorithm}._domainkey.".encode()):
            return f"v=DKIM1; k={algorithm}; p={public}".encode()
    return None


def verified(content: bytes, count: int = 2) -> list[bool]:
    return [_verifies(content, at) for at in range(count)]


def _verifies(content: bytes, at: int) -> bool:
    try:
        return dkim.DKIM(content).verify(idx=at, dnsfunc=published)
    except dkim.ValidationError:
        return False


@pytest.fixture
def signed_mailbox(mailbox: Mailbox) -> Mailbox:
    for algorithm, (private, public) in PAIRS.items():
        DkimKeyFactory.create(
            agency=mailbox.agency,
            selector=f"s{algorithm}",
            algorithm=algorithm,
            private_key=private,
            public_key=public,
            status=DkimKeyStatus.ACTIVE,
        )
    return mailbox


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_mail_as_received_is_verified(signed_mailbox: Mailbox, smtp: SmtpServer, body: str):
    queue(signed_mailbox, text=body, html=f"<p>{body}</p>")

    send_mailbox(signed_mailbox.pk)

    assert verified(smtp.received[0].content) == [True, True]


def test_mail_with_an_address_outside_ascii_is_verified(signed_mailbox: Mailbox):
    with smtp_running(enable_SMTPUTF8=True) as server:
        Mailbox.objects.filter(pk=signed_mailbox.pk).update(smtp_port=server.port)
        queue(signed_mailbox, to_address="jürgen@site.example", to_name="Jürgen Müller")

        send_mailbox(signed_mailbox.pk)

        assert verified(server.received[0].content) == [True, True]


def test_answer_in_a_thread_is_verified(signed_mailbox: Mailbox, smtp: SmtpServer):
    first = queue(signed_mailbox)
    send_mailbox(signed_mailbox.pk)
    first.refresh_from_db()
    queue(signed_mailbox, to_address=first.to_address, answers=first, cooldown_override=True)

    send_mailbox(signed_mailbox.pk)

    assert verified(smtp.received[-1].content) == [True, True]


def signed_names(content: bytes) -> list[str]:
    found = re.search(rb"\sh=(.*?);", content, re.DOTALL)
    assert found
    return [name.strip() for name in found[1].decode().split(":")]


def test_every_header_that_matters_is_signed(signed_mailbox: Mailbox):
    Mailbox.objects.filter(pk=signed_mailbox.pk).update(reply_to="desk@agency.example")
    signed_mailbox.refresh_from_db()
    message = queue(signed_mailbox)
    message.in_reply_to = message.references = "<first@site.example>"

    names = signed_names(builder_of(signed_mailbox).build(message, now=AT).content)

    assert sorted(set(names)) == sorted(set(SIGNED) - {"Content-Transfer-Encoding"})


def test_sender_is_signed_once_more_than_present():
    content = sign(b"From: a@agency.example\r\nSubject: x\r\n\r\nHello\r\n", keys(), now=AT)

    assert signed_names(content) == ["From", "From", "Subject"]


def test_added_sender_breaks_the_signature():
    content = sign(b"From: a@agency.example\r\nSubject: x\r\n\r\nHello\r\n", keys(), now=AT)

    assert verified(content) == [True, True]
    assert verified(content + b"more\r\n") == [False, False]
    assert verified(content.replace(b"\r\n\r\n", b"\r\nFrom: evil@site.example\r\n\r\n")) == [
        False,
        False,
    ]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([b"\r\n", b" ", b"\t", b".", b"a", b"=20", b"\xc3\xbc"])))
def test_body_is_canonical_as_another_implementation_has_it(parts: list[bytes]):
    body = b"".join([*parts, b"\r\n"])  # DATA always ends a line

    assert relaxed_body(body) == dkim.canonicalization.Relaxed.canonicalize_body(body)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([b"\r\n ", b"\r\n\t", b" ", b"\t", b"word", b":", b";"])))
def test_header_is_canonical_as_another_implementation_has_it(parts: list[bytes]):
    value = b"".join(parts)
    known = dkim.canonicalization.Relaxed.canonicalize_headers([(b"X-Some", value)])

    assert relaxed_header(b"X-Some", value) + b"\r\n" == b":".join(known[0])


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_body_is_verified(raw: bytes):
    body = raw.replace(b"\r", b"").replace(b"\n", b"\r\n") + b"\r\n"
    content = sign(b"From: a@agency.example\r\nSubject: x\r\n\r\n" + body, keys(), now=AT)

    assert verified(content) == [True, True]


def test_lines_of_the_signature_are_short():
    content = sign(b"From: a@agency.example\r\n\r\nHello\r\n", keys(), now=AT)

    assert max(map(len, content.split(b"\r\n"))) <= 78


def test_without_keys_nothing_is_changed(mailbox: Mailbox, smtp: SmtpServer):
    queue(mailbox)

    send_mailbox(mailbox.pk)

    assert b"DKIM-Signature" not in smtp.received[0].content


@pytest.mark.parametrize("status", [DkimKeyStatus.WAITING, DkimKeyStatus.RETIRING])
def test_only_active_keys_sign(signed_mailbox: Mailbox, status: str):
    DkimKey.objects.update(status=status)

    assert builder_of(signed_mailbox).keys == ()


def test_keys_of_another_agency_do_not_sign(signed_mailbox: Mailbox, stranger):
    DkimKey.objects.update(agency=stranger.agency)

    assert builder_of(signed_mailbox).keys == ()


@pytest.fixture
def unreadable(signed_mailbox: Mailbox) -> Mailbox:
    DkimKey.objects.filter(algorithm="rsa").update(private_key="not a key")
    return signed_mailbox


def test_mail_never_goes_unsigned_for_want_of_a_readable_key(unreadable: Mailbox, smtp: SmtpServer):
    message = queue(unreadable)

    send_mailbox(unreadable.pk)

    unreadable.refresh_from_db()
    assert (status_of(message), unreadable.status, smtp.received) == ("queued", "failing", [])
    with pytest.raises(SigningKeyError):
        builder_of(unreadable)


def test_private_key_is_encrypted_at_rest(signed_mailbox: Mailbox):
    with connection.cursor() as cursor:
        cursor.execute("SELECT private_key FROM mailer_dkimkey")
        stored = [row[0] for row in cursor.fetchall()]

    assert not any("PRIVATE KEY" in one for one in stored)
