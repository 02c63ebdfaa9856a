"""Faults of IMAP servers and of what lies in their folders (RFC 3501)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core import mail as outbox

from mailer.enums import SetAsideStatus
from mailer.models import InboundMessage, SetAsideMail
from mailer.services import set_aside
from mailer.services.incidents import tell_incidents
from mailer.services.reading import read_mailbox
from tests.factories.accounts import UserFactory
from tests.faults.reading import EVERY, NOW, in_the_end, reader, row, wire
from tests.faults.rows import Fault
from tests.mailer.mails import mail_from
from tests.servers.faulty_imap import COMMANDS, FaultyImap, faulty_imap
from tests.servers.smtp import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.tls import Certificates

AT_ONCE = "read → 3 stored, 0 set aside"
LATER = "not read → 3 stored, 0 set aside"
NEVER = "not read → 0 stored, 0 set aside"
STEPS = ("greeting", *COMMANDS[:-1])


def _commands() -> Iterator[Fault]:
    """Every command answered by a cut line, silence, NO, BAD, BYE and more."""
    for step in STEPS:
        for fault, words in (
            ("drop", "line cut before the answer to"),
            ("half", "line cut within the answer to"),
            ("bye", "BYE instead of an answer to"),
            ("silent", "silence at"),
            ("trickle", "a byte at a time at"),
            ("long", "a line without end at"),
        ):
            drip = {"drip": 0.1} if fault == "trickle" else {}
            yield row(f"{words} {step}", LATER, faults={step: [fault]}, server=drip)
        if step != "greeting":
            yield row(f"unsolicited answers at {step}", AT_ONCE, faults={step: "unsolicited"})
        if step not in {"greeting", "CAPABILITY"}:
            yield row(f"NO to {step}", LATER, faults={step: ["NO [SERVERBUG] Trouble"]})
            yield row(f"BAD to {step}", LATER, faults={step: ["BAD What?"]})
    for fault in ("drop", "silent", "bye", "NO no", "BAD what"):
        yield row(f"{fault} at LOGOUT", AT_ONCE, faults={"LOGOUT": fault})
    yield row("a literal larger than anything", LATER, faults={"FETCH": ["huge"]})
    yield Fault("line cut at 200 places", "200 stored, 0 set aside", _cuts)


def _cuts(_: Certificates) -> str:
    server = FaultyImap()
    with faulty_imap(server):
        mailbox, sent = reader(server)
        for number in range(200):
            server.mails[number + 1] = wire(mail_from(answers=sent, text=f"Answer {number}."))
            server.cut_after = 3 + number * 17 % 1700
            read_mailbox(mailbox.pk, now=NOW, asked=True)
        server.cut_after = None
        read_mailbox(mailbox.pk, now=NOW, asked=True)
        read_mailbox(mailbox.pk, now=NOW, asked=True)
    return in_the_end(mailbox)


def _login() -> Iterator[Fault]:
    yield row(
        "wrong password", NEVER, mailbox={"imap_password": "no"}, says="user name or password"
    )
    yield row(
        "too many connections at LOGIN",
        LATER,
        faults={"LOGIN": ["NO [LIMIT] Too many simultaneous connections"]},
        says="just now",
    )
    yield row(
        "connection refused", NEVER, mailbox={"imap_port": free_port()}, says="Nothing answers"
    )
    yield row(
        "no such host", NEVER, mailbox={"imap_host": "nowhere.invalid"}, says="not found in DNS"
    )
    for name in ("expired", "other_name", "self_signed"):
        words = f"certificate: {name.replace('_', ' ')}"
        yield row(words, NEVER, certificate=name, says="secure connection")
    yield row("good certificate", AT_ONCE, certificate="good")
    yield row("TLS to a server that speaks none", NEVER, mailbox={"imap_security": "tls"})
    yield row("STARTTLS not offered", NEVER, mailbox={"imap_security": "starttls"})
    yield Fault("wrong password for a day: one alert", "1 incident, 1 alert, 0 stored", _alert)


def _alert(_: Certificates) -> str:
    server = FaultyImap(password="another")
    with faulty_imap(server):
        owner = UserFactory.create()
        mailbox, _sent = reader(server, owner=owner)
        mailbox.agency.memberships.create(user=owner, role="manager")
        outbox.outbox = []
        for number in range(72):
            read_mailbox(mailbox.pk, now=NOW + number * EVERY)
            tell_incidents()
    stored = InboundMessage.objects.filter(mailbox=mailbox).count()
    return f"{mailbox.incidents.count()} incident, {len(outbox.outbox)} alert, {stored} stored"


def _folders() -> Iterator[Fault]:
    yield row(
        "mailbox locked",
        LATER,
        faults={"EXAMINE": ["NO [INUSE] Mailbox is locked"]},
        says="locked",
    )
    yield row("folder missing", NEVER, mailbox={"imap_folder": "Leads"}, says="no folder “Leads”")
    for name, coded in (
        ('Quo"tes', 'Quo"tes'),
        ("Back\\slash", "Back\\slash"),
        ("Ablage & Müll", "Ablage &- M&APw-ll"),
        ("収件箱", "&U85O9nux-"),
        ("two words", "two words"),
    ):
        expected = AT_ONCE
        yield row(
            f"folder {name}", expected, server={"folder": coded}, mailbox={"imap_folder": name}
        )
    for capabilities in ("IMAP4rev1", "IMAP4rev1 IDLE UIDPLUS MOVE CONDSTORE"):
        yield row(f"server with {capabilities}", AT_ONCE, server={"capabilities": capabilities})
    yield Fault("UIDVALIDITY changes", "4 stored, 0 set aside", _renumbered)
    yield Fault("UIDs go backward", "4 stored, 0 set aside", _backward)
    yield Fault("gaps between UIDs", "5 stored, 0 set aside", _gaps)
    yield row(
        "a mail deleted between SEARCH and FETCH",
        AT_ONCE,
        odd={4: b"x"},
        server={"styles": {4: "deleted"}},
    )
    yield Fault("backlog of 10,000 mails", "10000 seen, 20 at a time", lambda c: _backlog(10_000))
    yield Fault("backlog of 200 mails", "200 seen, 20 at a time", lambda c: _backlog(200))


def _renumbered(_: Certificates) -> str:
    return _after(lambda server, mails: server.mails.update(_moved(server, mails, by=100)), 8)


def _backward(_: Certificates) -> str:
    def change(server: FaultyImap, mails: list[bytes]) -> None:
        server.mails = {uid - 50: raw for uid, raw in server.mails.items()}

    return _after(change, 7)


def _moved(server: FaultyImap, mails: list[bytes], *, by: int) -> dict[int, bytes]:
    server.mails.clear()
    return {by + number: raw for number, raw in enumerate(mails)}


def _after(change: Any, uidvalidity: int) -> str:
    """Read three mails, change the numbers of their folder, let a fourth arrive, read again."""
    server = FaultyImap()
    with faulty_imap(server):
        mailbox, sent = reader(server)
        mails = [wire(mail_from(answers=sent)) for _ in range(3)]
        server.mails = dict(enumerate(mails, 51))
        read_mailbox(mailbox.pk, now=NOW)
        change(server, mails)
        server.uidvalidity = uidvalidity
        server.mails[max(server.mails) - 3] = wire(mail_from(answers=sent))
        for _ in range(2):
            read_mailbox(mailbox.pk, now=NOW + EVERY)
    return in_the_end(mailbox)


def _gaps(_: Certificates) -> str:
    server = FaultyImap()
    with faulty_imap(server):
        mailbox, sent = reader(server)
        for uid in (3, 900, 4_000_000_000):
            server.mails[uid] = wire(mail_from(answers=sent))
        read_mailbox(mailbox.pk, now=NOW)
        for uid in (4_000_000_007, 4_294_967_295):
            server.mails[uid] = wire(mail_from(answers=sent))
        read_mailbox(mailbox.pk, now=NOW + EVERY)
    return in_the_end(mailbox)


def _backlog(number: int) -> str:
    server = FaultyImap()
    raw = b"From: news@shop.example\r\nSubject: News\r\n\r\nHello.\r\n"
    server.mails = dict.fromkeys(range(1, number + 1), raw)
    with faulty_imap(server):
        mailbox, _sent = reader(server)
        seen = read_mailbox(mailbox.pk, now=NOW).seen
    return f"{seen} seen, {server.largest_fetch} at a time"


def _mails() -> Iterator[Fault]:
    """What lies in the folder beside three good mails."""
    head = b"From: x@elsewhere.example\r\nSubject: odd\r\nMessage-ID: <odd@elsewhere.example>\r\n"
    for name, raw in (
        ("empty mail", b""),
        ("a lone header", b"Subject: hi"),
        ("no header at all", b"\r\n\r\njust text\r\n"),
        ("NUL bytes", head + b"\r\n\x00\x00text\x00\r\n"),
        ("broken MIME", head + b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n--x'),
        ("unknown charset", head + b"Content-Type: text/plain; charset=klingon\r\n\r\n\xff\xfe"),
        ("base64 that is none", head + b"Content-Transfer-Encoding: base64\r\n\r\n####\r\n"),
        ("literal-like text", head + b"\r\n* 7 FETCH (UID 9 BODY[] {12}\r\n)\r\na1 OK done\r\n"),
        ("a header of 500,000 bytes", b"Subject: " + b"x" * 500_000 + b"\r\n\r\nhi"),
        ("a mail of 5 MB", head + b"\r\n" + b"long line of words \r\n" * 250_000),
    ):
        yield row(name, AT_ONCE, odd={9: raw})
    yield row("literals with the UID after them", AT_ONCE, server={"styles": {2: "uid_after"}})
    for style, name, raw, expected in (
        ("quoted", "a body in quotes", b'Subject: "hi"', AT_ONCE),
        ("nil", "a body that is NIL", b"x", _WITHHELD),
        ("absent", "a body that is left out", b"x", _WITHHELD),
        ("flags", "flags instead of a body", b"x", _WITHHELD),
    ):
        yield row(name, expected, odd={4: raw}, server={"styles": {4: style}})
    yield row(
        "the line is cut at one mail, for ever",
        "not read → 3 stored, 1 set aside",
        odd={9: b"x"},
        server={"styles": {9: "die"}},
    )
    yield Fault("set aside, tried again by a person", "taken, 4 stored", _tried_again)


_WITHHELD = "read → 3 stored, 1 set aside"


def _tried_again(_: Certificates) -> str:
    server = FaultyImap(styles={2: "nil"})
    with faulty_imap(server):
        mailbox, sent = reader(server)
        for uid in range(1, 5):
            server.mails[uid] = wire(mail_from(answers=sent))
        read_mailbox(mailbox.pk, now=NOW)
        server.styles.clear()
        set_aside.move(SetAsideMail.objects.get(mailbox=mailbox), SetAsideStatus.AGAIN)
        read_mailbox(mailbox.pk, now=NOW + EVERY)
    stored = InboundMessage.objects.filter(mailbox=mailbox).count()
    return f"{SetAsideMail.objects.get(mailbox=mailbox).status}, {stored} stored"


FAULTS = [*_commands(), *_login(), *_folders(), *_mails()]
