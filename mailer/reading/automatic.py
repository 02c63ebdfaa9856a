"""Telling a program's answer from a person's: headers (RFC 3834 and older), then words."""

import datetime as dt
import re
from dataclasses import dataclass
from email.message import Message

from mailer.enums import Intent
from mailer.reading import absence, mime
from mailer.reading.intents import wants
from mailer.reading.phrases import pattern

_MARKS = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-AutoReply-From",
    "X-Mail-Autoreply",
    "X-Auto-Response",
    "X-FC-MachineGenerated",
    "X-Vacation",
)
_NOBODY = re.compile(
    r"^(?:no-?reply|do-?not-?reply|noreply|mailer-daemon|autoreply|auto-?responder)\b"
)


_PRESENT = pattern("present")
_ANSWERS = frozenset(
    {
        Intent.INTERESTED,
        Intent.NOT_INTERESTED,
        Intent.QUESTION,
        Intent.PRICE,
        Intent.UNSUBSCRIBE,
    }
)
# A notice says little besides the absence.
MOST_WORDS = 90


@dataclass(frozen=True)
class Automatic:
    """A program's answer, and whether it says that somebody is away."""

    away: bool
    reason: str


def automatic(mail: Message, subject: str, text: str, parts: mime.Parts) -> Automatic | None:
    """Return what makes the mail a program's; None for a person's.

    Args:
        mail: the parsed mail.
        subject: its subject.
        text: its new text.
        parts: its parts.
    """
    away = absence.away_subject(subject) or absence.says_away(text)
    by_header = _by_header(mail, parts) or _by_envelope(mail)
    if by_header:
        return Automatic(away=away or "vacation" in by_header.lower(), reason=by_header)
    by_words = _by_subject(subject) or _by_text(text)
    return Automatic(away=away, reason=by_words) if by_words else None


def _by_subject(subject: str) -> str:
    if absence.away_subject(subject):
        return "The subject is an absence notice's."
    if absence.automatic_subject(subject) and not _is_answer_about(subject):
        return "The subject says a program answers."
    return ""


def _by_text(text: str) -> str:
    away, received = absence.says_away(text), absence.says_received(text)
    said = away or received
    if not said or _PRESENT.search(text[:3000]) or _answers(absence.besides_absence(text)):
        return ""
    if away:
        return "The text says the writer is away, and nothing else."
    return "The text only acknowledges receipt."


def _answers(rest: str) -> bool:
    """Return whether somebody also answers what was asked: then a person wrote it."""
    return len(rest.split()) > MOST_WORDS or wants(rest).intent in _ANSWERS


def written_on(mail: Message, default: dt.date) -> dt.date:
    """Return the day a mail was written."""
    at = mime.sent_at(mail)
    return dt.date.fromisoformat(at[:10]) if at else default


def _by_header(mail: Message, parts: mime.Parts) -> str:
    submitted = mime.header(mail, "Auto-Submitted").lower()
    if submitted and not submitted.startswith("no"):
        return f"Auto-Submitted: {submitted[:60]}"
    for name in _MARKS:
        value = mime.header(mail, name)
        if value and value.lower() not in {"no", "none", "false"}:
            return f"{name}: {value[:60]}"
    if "vacation" in mime.header(mail, "X-Apple-Action").lower():
        return "X-Apple-Action: VACATION"
    return "A read receipt." if parts.disposition else ""


def _by_envelope(mail: Message) -> str:
    """Return what the older or indirect headers say, the first that applies."""
    precedence = mime.header(mail, "Precedence").lower()
    listed = bool(mime.header(mail, "List-Id"))
    bulk = precedence.startswith("auto") or (precedence in {"bulk", "junk"} and not listed)
    newsletter = mime.header(mail, "List-Unsubscribe") and not mime.header(mail, "In-Reply-To")
    sender = next((address for _, address in mime.addresses(mail, "From")), "")
    said = {
        f"Precedence: {precedence}": bulk,
        "X-POST-MessageClass": "autorespond" in mime.header(mail, "X-POST-MessageClass").lower(),
        "Delivered-To": "autorespond" in mime.header(mail, "Delivered-To").lower(),
        "An empty return path.": mime.header(mail, "Return-Path") == "<>",
        "A newsletter.": bool(newsletter),
        f"From {sender}": _NOBODY.match(sender) is not None,
    }
    return next((reason for reason, holds in said.items() if holds), "")


def _is_answer_about(subject: str) -> bool:
    """Return whether the words stand in the subject being answered ("Re: automatic replies")."""
    low = subject.strip().lower()
    return low.startswith(("re:", "aw:", "sv:", "fwd:", "fw:")) and "(auto" not in low
