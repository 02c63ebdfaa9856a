"""Answers as prospects write them: real MIME from the mail programs people use."""

import datetime as dt
import html
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr

from django.utils import timezone

from foundation.choices import TonedChoices


class Preset(TonedChoices):
    """What a prospect answers."""

    INTERESTED = "interested", "ok", "Interested"
    PRICE = "price", "warn", "Question with a price"
    NOT_INTERESTED = "not_interested", "bad", "Not interested"
    UNSUBSCRIBE = "unsubscribe", "bad", "Please unsubscribe me"
    OUT_OF_OFFICE = "out_of_office", "warn", "Out of office until a date"
    WRONG_PERSON = "wrong_person", "mute", "Wrong person"
    BOUNCE = "bounce", "bad", "Bounce: no such address"
    MAILBOX_FULL = "mailbox_full", "warn", "Bounce: mailbox full"
    FREE = "free", "", "My own words"


_PROGRAMS = ("gmail", "outlook", "apple")
_WORDS = {
    Preset.INTERESTED: (
        "Thanks for reaching out. Yes, this sounds interesting. Could you send me the outline?",
        "Hi,\n\nI like the idea. Please send the draft over and I will have a look this week.",
        "Happy to take a look. What would you write about, and when could you deliver it?",
    ),
    Preset.PRICE: (
        (
            "Hello,\n\nwe charge 180 USD for a sponsored post with one dofollow link."
            " Does that work for you?"
        ),
        (
            "Thanks for your mail. Our fee for a placement is €150, valid for twelve months."
            " Shall I send an invoice?"
        ),
    ),
    Preset.NOT_INTERESTED: (
        "Thanks, but we're not interested.",
        "Hi, thank you for thinking of us. This is not a fit for our site, so we will pass.",
    ),
    Preset.UNSUBSCRIBE: (
        "Please unsubscribe me.",
        "Please remove me from your mailing list.",
    ),
    Preset.WRONG_PERSON: (
        "I am not the right person for this. Please contact my colleague at editor@{domain}.",
    ),
    Preset.OUT_OF_OFFICE: (
        (
            "Thank you for your e-mail. I am out of the office until {day} and have limited"
            " access to e-mail. I will answer when I am back."
        ),
    ),
    Preset.FREE: ("Thank you for your e-mail.",),
}


def answer(
    original: EmailMessage,
    recipient: str,
    *,
    preset: Preset,
    text: str = "",
    return_date: dt.date | None = None,
    style: int = 0,
) -> bytes:
    """Return the raw reply of `recipient` to `original`.

    Args:
        original: the mail answered.
        recipient: who answers.
        preset: what they say, unless `text` gives their words.
        text: their words.
        return_date: the day an out-of-office names; a week from now when not given.
        style: chooses among wordings and mail programs.
    """
    words = text.strip() or _words(preset, recipient, return_date, style)
    reply = _envelope(original, recipient)
    if preset == Preset.OUT_OF_OFFICE:
        reply["Subject"] = f"Out of office: {_subject(original)}"
        reply["Auto-Submitted"] = "auto-replied"
        reply["X-Autoreply"] = "yes"
        reply.set_content(f"{words}\n\n-- \n{_name_of(original, recipient)}\n")
        return reply.as_bytes()
    reply["Subject"] = _answered_subject(original)
    _write_body(reply, original, f"{words}\n\nBest,\n{_name_of(original, recipient)}", style)
    return reply.as_bytes()


def _words(preset: Preset, recipient: str, return_date: dt.date | None, style: int) -> str:
    choices = _WORDS[preset]
    today = timezone.now().date()
    day = return_date or today + dt.timedelta(days=7)
    return choices[style % len(choices)].format(
        domain=recipient.rpartition("@")[2], day=f"{day.day} {day:%B %Y}"
    )


def _envelope(original: EmailMessage, recipient: str) -> EmailMessage:
    reply = EmailMessage(policy=SMTP)
    sender = _line(original.get("Reply-To") or original.get("From", ""))
    asked = _line(original.get("Message-ID", ""))
    chain = f"{_line(original.get('References', ''))} {asked}".strip()
    reply["From"] = f"{_name_of(original, recipient)} <{recipient}>"
    reply["To"] = sender
    reply["Date"] = formatdate(localtime=False)
    reply["Message-ID"] = make_msgid(domain=recipient.rpartition("@")[2])
    if asked:
        reply["In-Reply-To"] = asked
        reply["References"] = chain
    return reply


def _write_body(reply: EmailMessage, original: EmailMessage, words: str, style: int) -> None:
    quoted = _plain_text(original)
    name, address = parseaddr(_line(original.get("From", "")))
    when = _line(original.get("Date", ""))
    quote = "\n".join(f"> {line}".rstrip() for line in quoted.splitlines())
    program = _PROGRAMS[style % len(_PROGRAMS)]
    if program == "outlook":
        reply["X-Mailer"] = "Microsoft Outlook 16.0"
        head = (
            f"From: {name} <{address}>\nSent: {when}\n"
            f"To: {_line(reply['From'])}\nSubject: {_subject(original)}"
        )
        reply.set_content(f"{words}\n\n{'_' * 32}\n{head}\n\n{quoted}\n")
        return
    line = f"On {when}, {name} <{address}> wrote:"
    reply.set_content(f"{words}\n\n{line}\n{quote}\n")
    if program == "apple":
        reply["X-Mailer"] = "Apple Mail (2.3774.600.62)"
        return
    reply.add_alternative(
        f'<div dir="ltr">{_paragraphs(words)}</div><br>'
        f'<div class="gmail_quote"><div dir="ltr" class="gmail_attr">{html.escape(line)}<br></div>'
        f'<blockquote class="gmail_quote">{_paragraphs(quoted)}</blockquote></div>',
        subtype="html",
    )


def _plain_text(original: EmailMessage) -> str:
    part = original.get_body(("plain", "html"))
    return str(part.get_content()).strip() if part else ""


def _paragraphs(text: str) -> str:
    return "".join(f"<div>{html.escape(line) or '<br>'}</div>" for line in text.splitlines())


def _subject(original: EmailMessage) -> str:
    return _line(original.get("Subject", ""))


def _answered_subject(original: EmailMessage) -> str:
    subject = _subject(original)
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def _name_of(original: EmailMessage, recipient: str) -> str:
    """Return the name the mail was addressed to, or one made from the address."""
    name = parseaddr(_line(original.get("To", "")))[0]
    made = recipient.partition("@")[0].replace(".", " ").replace("_", " ").title()
    return "".join(c for c in name or made if c.isalnum() or c in " -'") or "Prospect"


def _line(value: object) -> str:
    return " ".join(str(value).split())
