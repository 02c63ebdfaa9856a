"""Finds what an incoming mail answers: by its references, then by whom it is from.

Many mails are matched at once, in a number of queries that does not grow with them.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Q

from foundation.addresses import registrable_domain
from mailer.enums import InboundKind
from mailer.models import Alias, InboundMessage, Mailbox, Message, Thread
from mailer.reading.phrases import words
from mailer.services.subjects import bare_subject, only_answered, under_our_subject, whose
from mailer.tokens import ForgedTokenError, Purpose, read_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mailer.reading import Reading

_SHARED_DOMAINS = words("shared_domains")
_REPORTS = frozenset({InboundKind.BOUNCE, InboundKind.COMPLAINT})
T = TypeVar("T")
_PROGRAMS = frozenset({InboundKind.AUTO_REPLY, InboundKind.OUT_OF_OFFICE})
_BY_PEOPLE = frozenset({InboundKind.REPLY, InboundKind.UNSUBSCRIBE})


@dataclass(frozen=True)
class Match:
    """What a mail belongs to: the message it answers, the thread, or only a known contact.

    `own` is a mail we wrote ourselves; `message` then is the one it is a copy of.
    """

    message: Message | None = None
    thread: Thread | None = None
    known: bool = False
    own: bool = False

    @property
    def belongs(self) -> bool:
        """Whether the mail is any of our business."""
        return not self.own and bool(self.message or self.thread or self.known)


def find_matches(mailbox: Mailbox, readings: Sequence[Reading]) -> list[Match]:
    """Return what each mail belongs to, in order; a handful of queries for all of them."""
    ids = {one for reading in readings for one in _ids(reading)}
    people = {one for reading in readings for one in _people(reading)}
    domains = {_domain(one) for one in people} - {""}
    by_id = _by_id(mailbox, ids)
    threads = _threads_by_id(mailbox, ids - by_id.keys())
    by_address = _by_address(mailbox, people)
    aliases = _aliases(mailbox, people - by_address.keys())
    by_domain = _by_domain(mailbox, domains)
    by_subject = under_our_subject(mailbox, readings)
    copies = _by_id(mailbox, {reading.message_id for reading in readings} - {""})
    asked_out = _by_unsubscribe_token(mailbox, readings)
    ours = _own_addresses(mailbox)
    found = []
    for reading in readings:
        if reading.message_id in copies or _wrote_it(reading, ours):
            found.append(Match(message=copies.get(reading.message_id), own=True))
            continue
        named = asked_out.get(reading.subject) or _first(by_id, _ids(reading))
        thread = _first(threads, _ids(reading))
        person = _first(by_address, _people(reading))
        if named:
            found.append(Match(message=named, thread=named.thread, known=True))
        elif thread:
            found.append(Match(message=_last_of(thread, person), thread=thread, known=True))
        elif person:
            found.append(Match(message=person, thread=person.thread, known=True))
        else:
            found.append(_by_contact(reading, aliases, by_domain, by_subject))
    return found


def _by_unsubscribe_token(mailbox: Mailbox, readings: Sequence[Reading]) -> dict[str, Message]:
    """Return the messages whose List-Unsubscribe address was written to, by subject.

    The token tells which, from whatever address the program wrote.
    """
    keys: dict[str, int] = {}
    for reading in readings:
        parts = reading.subject[:200].split()
        if len(parts) == 2 and parts[0].lower() == "unsubscribe":  # noqa: PLR2004  # word and token
            with suppress(ForgedTokenError):
                token = read_token(Purpose.UNSUBSCRIBE, parts[1])
                if token.agency_id == mailbox.agency_id:
                    keys[reading.subject] = token.message_id
    rows = Message.objects.for_agency(mailbox.agency_id).filter(pk__in=keys.values())
    found = {row.pk: row for row in rows.select_related("thread")}
    return {subject: found[pk] for subject, pk in keys.items() if pk in found}


def _own_addresses(mailbox: Mailbox) -> set[str]:
    rows = Mailbox.objects.for_agency(mailbox.agency_id).values_list("address", flat=True)
    return {address.lower() for address in rows}


def _wrote_it(reading: Reading, ours: set[str]) -> bool:
    return reading.kind not in _REPORTS and reading.from_address in ours


def _ids(reading: Reading) -> list[str]:
    """Return the Message-IDs a mail names, the nearest first."""
    named = [*reading.original_ids] if reading.kind in _REPORTS else []
    return [*named, *reading.in_reply_to, *reversed(reading.references)][:50]


def _people(reading: Reading) -> list[str]:
    """Return whom a mail is from, or whom a report is about."""
    if reading.kind == InboundKind.BOUNCE:
        return [one for failed in reading.bounced for one in (failed.address, failed.original)]
    if reading.kind == InboundKind.COMPLAINT:
        return list(reading.complained)
    return [reading.from_address] if reading.from_address else []


def _domain(address: str) -> str:
    domain = registrable_domain(address) or address.rpartition("@")[2]
    return "" if domain in _SHARED_DOMAINS else domain


def _by_id(mailbox: Mailbox, ids: Iterable[str]) -> dict[str, Message]:
    rows = Message.objects.for_agency(mailbox.agency_id).filter(message_id__in=set(ids))
    return {row.message_id: row for row in rows.select_related("thread")}


def _threads_by_id(mailbox: Mailbox, ids: Iterable[str]) -> dict[str, Thread]:
    """Find the thread where somebody answers their own earlier answer."""
    rows = InboundMessage.objects.filter(
        mailbox=mailbox, message_id__in=set(ids), thread__isnull=False
    )
    return {row.message_id: row.thread for row in rows.select_related("thread") if row.thread}


def _by_address(mailbox: Mailbox, people: Iterable[str]) -> dict[str, Message]:
    """Return the last message to each address, this mailbox's before the others'."""
    written = Q(sent_at__isnull=False) | Q(status="uncertain")
    rows = (
        Message.objects.for_agency(mailbox.agency_id)
        .filter(written, to_address__in=set(people))
        .select_related("thread")
        .order_by("sent_at", "id")
    )
    found: dict[str, Message] = {}
    for row in rows:
        held = found.get(row.to_address)
        if held is None or held.mailbox_id != mailbox.pk or row.mailbox_id == mailbox.pk:
            found[row.to_address] = row
    return found


def _aliases(mailbox: Mailbox, people: Iterable[str]) -> dict[str, InboundMessage]:
    """Return the last mail from each address that answered a message to another one.

    A person's: one postmaster's reports are about many people, and so are a desk's receipts.
    """
    people = set(people)
    refused = Alias.objects.for_agency(mailbox.agency_id).filter(is_rejected=True, alias__in=people)
    people -= set(refused.values_list("alias", flat=True))
    rows = (
        InboundMessage.objects.for_agency(mailbox.agency_id)
        .filter(from_address__in=people, thread__isnull=False, kind__in=_BY_PEOPLE)
        .select_related("thread", "original")
        .order_by("received_at", "id")
    )
    return {row.from_address: row for row in rows}


def _by_domain(mailbox: Mailbox, domains: Iterable[str]) -> dict[str, list[Message]]:
    rows = (
        Message.objects.for_agency(mailbox.agency_id)
        .filter(recipient_domain__in=set(domains), sent_at__isnull=False)
        .select_related("thread")
        .order_by("-sent_at", "-id")[:1000]
    )
    found: dict[str, list[Message]] = {}
    for row in rows:
        found.setdefault(row.recipient_domain, []).append(row)
    return found


def _by_contact(
    reading: Reading,
    aliases: dict[str, InboundMessage],
    by_domain: dict[str, list[Message]],
    by_subject: dict[str, list[Message]],
) -> Match:
    """Match an alias, a colleague at a site we wrote to, or whoever answers our subject.

    A colleague who answers under our subject answers our message, where it is plain which;
    anyone else of the site is a known contact with a thread of their own. What programs of
    a site send unasked (newsletters) is nobody's answer.
    """
    alias = aliases.get(reading.from_address)
    if alias:
        return Match(message=alias.original, thread=alias.thread, known=True)
    messages = by_domain.get(_domain(reading.from_address), []) if reading.from_address else []
    subject = bare_subject(reading.subject)
    same = [one for one in messages if subject and bare_subject(one.subject) == subject]
    stranger = whose(reading, same) or only_answered(reading, by_subject)
    if stranger:
        return Match(message=stranger, thread=stranger.thread, known=True)
    return Match(known=bool(messages) and reading.kind not in _PROGRAMS | _REPORTS)


def _first(found: dict[str, T], keys: Iterable[str]) -> T | None:
    return next((found[key] for key in keys if key in found), None)


def _last_of(thread: Thread, person: Message | None) -> Message | None:
    return person if person and person.thread_id == thread.pk else None
