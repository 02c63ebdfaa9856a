"""One incoming e-mail, read."""

import datetime as dt
import re
from dataclasses import dataclass, field
from email.message import Message

from mailer.enums import InboundKind, Intent
from mailer.reading import absence, automatic, bounces, complaints, intents, mime
from mailer.reading.addresses import addresses_in
from mailer.reading.new_text import new_text, without_quotes
from mailer.reading.prices import Price, price_in

__all__ = ["BouncedRecipient", "Price", "Reading", "read_mail"]

_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class BouncedRecipient:
    """An address a mail did not reach; permanent only when the address itself is dead."""

    address: str
    permanent: bool
    code: str = ""
    original: str = ""
    words: str = ""


@dataclass(frozen=True)
class Reading:
    """What one e-mail is and says."""

    kind: str
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    from_address: str = ""
    from_name: str = ""
    recipients: tuple[str, ...] = ()
    subject: str = ""
    sent_at: str = ""
    text: str = ""
    html: str = ""
    new_text: str = ""
    bounced: tuple[BouncedRecipient, ...] = ()
    complained: tuple[str, ...] = ()
    original_ids: tuple[str, ...] = ()
    return_date: dt.date | None = None
    intent: str = ""
    reasons: tuple[str, ...] = ()
    price: Price | None = None
    right_address: str = ""
    right_name: str = ""
    addresses: tuple[str, ...] = ()
    received_on: dt.date = field(default=_EPOCH)


def read_mail(raw: bytes, *, today: dt.date | None = None) -> Reading:
    """Read a raw e-mail.

    Args:
        raw: its bytes; only the first `mime.MAX_BYTES` count.
        today: the day it was received, from which a date without a year is counted
            when the mail itself has no readable Date.
    """
    mail = mime.parse(raw)
    parts = mime.parts_of(mail)
    text = mime.plain_text(parts)
    common = _common(mail, parts, text, today or _EPOCH)
    complained = complaints.complainants(mail, parts)
    if complained is not None:
        return _complaint(common, parts, text, complained)
    failed = bounces.failures(mail, parts)
    if failed is not None:
        return _bounce(common, parts, text, failed)
    return _answer(mail, parts, common)


def _common(mail: Message, parts: mime.Parts, text: str, today: dt.date) -> Reading:
    senders = mime.addresses(mail, "From")
    name, address = senders[0] if senders else ("", "")
    others = mime.addresses(mail, "Reply-To", "Cc")
    fresh = new_text(text)
    return Reading(
        kind=InboundKind.REPLY,
        message_id=next(iter(mime.message_ids(mime.header(mail, "Message-ID"))), ""),
        in_reply_to=mime.message_ids(mime.header(mail, "In-Reply-To")),
        references=mime.message_ids(mime.header(mail, "References")),
        from_address=address,
        from_name=name,
        recipients=tuple(
            one for _, one in mime.addresses(mail, "To", "Cc", "Delivered-To", "X-Original-To")
        ),
        subject=mime.header(mail, "Subject"),
        sent_at=mime.sent_at(mail),
        text=text,
        html="\n".join(parts.html)[: mime.MAX_TEXT * 2],
        new_text=fresh,
        addresses=_named([address, *(one for _, one in others)], fresh),
        received_on=automatic.written_on(mail, today),
    )


def _named(first: list[str], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in [*first, *addresses_in(text)] if one))


def _complaint(common: Reading, parts: mime.Parts, text: str, complained: list[str]) -> Reading:
    return _with(
        common,
        kind=InboundKind.COMPLAINT,
        complained=tuple(complained),
        original_ids=bounces.original_ids(parts, text),
        addresses=_named(complained, ""),
        reasons=("An abuse report (ARF).",),
    )


def _bounce(
    common: Reading, parts: mime.Parts, text: str, failed: list[bounces.Failure]
) -> Reading:
    bounced = tuple(
        BouncedRecipient(one.address, one.permanent, one.code, one.original, one.words[:500])
        for one in failed
    )
    delivered = not failed and bool(parts.statuses)
    return _with(
        common,
        kind=InboundKind.AUTO_REPLY if delivered else InboundKind.BOUNCE,
        bounced=bounced,
        original_ids=bounces.original_ids(parts, text),
        addresses=_named([one.address for one in bounced], ""),
        reasons=("A delivery report.",),
    )


def _answer(mail: Message, parts: mime.Parts, common: Reading) -> Reading:
    said = without_quotes(common.new_text)
    if _asks_out_by_subject(common.subject):
        return _with(
            common,
            kind=InboundKind.UNSUBSCRIBE,
            intent=Intent.UNSUBSCRIBE,
            reasons=("The subject asks to unsubscribe.",),
        )
    machine = automatic.automatic(mail, common.subject, said, parts)
    if machine is not None:
        return _automatic(common, said, machine)
    found = intents.wants(said, common.from_address)
    asks_out = found.intent == Intent.UNSUBSCRIBE
    return _with(
        common,
        kind=InboundKind.UNSUBSCRIBE if asks_out else InboundKind.REPLY,
        intent=found.intent,
        reasons=found.reasons,
        price=found.price or price_in(said, common.from_address),
        right_address=found.right_address,
        right_name=found.right_name,
    )


def _automatic(common: Reading, said: str, machine: automatic.Automatic) -> Reading:
    """Return a program's answer; one that says somebody has left names who took over."""
    if machine.away:
        back = _return_date(common, said)
        return _with(
            common, kind=InboundKind.OUT_OF_OFFICE, return_date=back, reasons=(machine.reason,)
        )
    found = intents.wants(said, common.from_address)
    left = found.intent == Intent.WRONG_PERSON
    return _with(
        common,
        kind=InboundKind.AUTO_REPLY,
        intent=found.intent if left else "",
        reasons=(machine.reason, *(found.reasons if left else ())),
        right_address=found.right_address if left else "",
        right_name=found.right_name if left else "",
    )


def _return_date(common: Reading, said: str) -> dt.date | None:
    text = f"{said}\n{common.subject}"
    return absence.return_date(text, common.received_on, month_first=_writes_month_first(common))


def _writes_month_first(common: Reading) -> bool:
    """Return whether 03/04 is March: English written on an American clock (UTC-4 to -10)."""
    zone = common.sent_at[-6:]
    american = zone[:1] == "-" and "04" <= zone[1:3] <= "10"
    return american and re.search(r"\b(?:the|until|back|return)\b", common.text[:3000]) is not None


def _asks_out_by_subject(subject: str) -> bool:
    """Return whether it is a List-Unsubscribe mail (RFC 2369): its subject starts so."""
    return subject.strip().lower().startswith("unsubscribe") and len(subject) <= 200  # noqa: PLR2004  # a token


def _with(common: Reading, **changes: object) -> Reading:
    return Reading(**{**vars(common), **changes})
