"""Builds the bytes of an e-mail (RFC 5322) from a stored message, at the moment of sending.

The stored text and HTML stay clean; footer, signature, tracking and list headers are
added here. Every header goes through `email.policy.SMTP`, which folds and encodes and
refuses line breaks, after `mailer.headers` has refused them once already.
"""

import html
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy

from django.conf import settings
from django.urls import reverse

from compliance.models import digest_of
from mailer import public_words
from mailer.headers import HeaderError, check_built, check_header, wire_address
from mailer.links import rewrite_links
from mailer.models import Mailbox, Message
from mailer.tokens import Purpose, make_token

# Lists of ids and URLs: folded at white space only. The library would turn an item
# longer than a line into an encoded word, which no reader of these headers decodes.
_UNBROKEN = {"message-id", "in-reply-to", "references", "list-unsubscribe"}


class _WirePolicy(EmailPolicy):
    """`email.policy.SMTP`, with ids and URLs kept whole."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return the header as it goes over the wire."""
        if name.lower() in _UNBROKEN:
            return f"{name}: {CRLF_SPACE.join(str(value).split())}\r\n".encode("ascii")
        return super().fold_binary(name, value)


# Seven bits only, so that no server without 8BITMIME stands in the way.
_POLICY = _WirePolicy(linesep="\r\n", max_line_length=78, cte_type="7bit")
_UTF8_POLICY = _WirePolicy(linesep="\r\n", max_line_length=78, utf8=True)
CRLF_SPACE = "\r\n "
_MSG_ID = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,200}>")
_BODY_END = re.compile(r"</body\s*>", re.IGNORECASE)


@dataclass(frozen=True)
class WireMail:
    """What SMTP needs: the envelope, the content, and whether SMTPUTF8 must be offered."""

    sender: str
    recipient: str
    content: bytes
    utf8: bool


def public_url(mailbox: Mailbox, path: str) -> str:
    """Return an absolute URL on the mailbox's own domain once that leads to us, or on ours."""
    own = mailbox.tracking_domain and mailbox.tracking_verified_at
    origin = f"https://{mailbox.tracking_domain}" if own else ""
    return f"{origin or settings.TRACKING_URL}{path}"


def unsubscribe_token(message: Message) -> str:
    """Return the token of a message's unsubscribe link, which outlives the message."""
    return make_token(
        Purpose.UNSUBSCRIBE,
        agency_id=message.agency_id,
        message_id=message.pk,
        digest=digest_of(message.to_address),
    )


def unsubscribe_url(message: Message) -> str:
    """Return the message's own unsubscribe link."""
    path = reverse("mailer_public:unsubscribe", args=[unsubscribe_token(message)])
    return public_url(message.mailbox, path)


def _token(message: Message, purpose: Purpose, link: int = 0) -> str:
    return make_token(purpose, agency_id=message.agency_id, message_id=message.pk, link=link)


def build_mail(message: Message, *, now: datetime) -> WireMail:
    """Return the e-mail as it goes over the wire; raises `HeaderError` when it may not.

    Needs `message.mailbox` and `message.agency` loaded.
    """
    sender = wire_address(message.mailbox.address)
    recipient = wire_address(message.to_address)
    utf8 = not (sender.isascii() and recipient.isascii())
    mail = EmailMessage(policy=_UTF8_POLICY if utf8 else _POLICY)
    try:
        _headers(mail, message, sender, recipient, now)
        text = text_body(message)
        mail.set_content(text, cte=_cte(text))
        if message.html:
            markup = html_body(message)
            mail.add_alternative(markup, subtype="html", cte=_cte(markup))
        content = mail.as_bytes()
        check_built(content, mail.keys())
    except HeaderError:
        raise
    except Exception as error:  # odd input makes the library raise anything
        raise HeaderError(f"The e-mail cannot be built: {error}.") from error
    return WireMail(sender, recipient, content, utf8)


def _cte(text: str) -> str:
    """Quoted-printable for anything but short plain lines; never base64 for mere text."""
    plain = text.isascii() and all(len(line) <= 76 for line in text.splitlines())  # noqa: PLR2004
    return "7bit" if plain else "quoted-printable"


def _headers(
    mail: EmailMessage, message: Message, sender: str, recipient: str, now: datetime
) -> None:
    mailbox = message.mailbox
    mail["From"] = _address(mailbox.display_name, sender, "display name")
    mail["To"] = _address(message.to_name, recipient, "recipient's name")
    mail["Subject"] = check_header("subject", message.subject)
    mail["Date"] = now
    if not _MSG_ID.fullmatch(message.message_id):
        raise HeaderError("The Message-ID is malformed.")
    mail["Message-ID"] = message.message_id
    if mailbox.reply_to and mailbox.reply_to != mailbox.address:
        mail["Reply-To"] = _address(mailbox.display_name, wire_address(mailbox.reply_to), "name")
    if message.in_reply_to:
        mail["In-Reply-To"] = " ".join(_MSG_ID.findall(message.in_reply_to)[:1])
        mail["References"] = " ".join(_MSG_ID.findall(message.references))
    if message.with_unsubscribe:
        target = wire_address(mailbox.reply_to or mailbox.address)
        subject = f"unsubscribe%20{unsubscribe_token(message)}"
        # RFC 2369 and RFC 8058; whoever signs (DKIM) must cover both fields (RFC 8058, 4).
        mail["List-Unsubscribe"] = (
            f"<{unsubscribe_url(message)}>, <mailto:{target}?subject={subject}>"
        )
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _address(name: str, address: str, field: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(check_header(field, name), local, domain)


def text_body(message: Message) -> str:
    """Return the plain text with signature and footer."""
    parts = [message.text.replace("\r\n", "\n").strip("\n")]
    if signature := closing_of(message.mailbox, message.text):
        parts.append(signature)
    if message.with_unsubscribe:
        lines = [*_imprint(message), f"{_way_out(message)}: {unsubscribe_url(message)}"]
        parts.append("--\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def html_body(message: Message) -> str:
    """Return the HTML with signature, footer, rewritten links and the open pixel."""
    body = message.html
    if message.track_clicks and message.links:
        body = rewrite_links(body, message.links, lambda index: _click_url(message, index))
    extra = ""
    if signature := closing_of(message.mailbox, message.text):
        lines = html.escape(signature).replace("\n", "<br>\n")
        extra += f"<p>{lines}</p>\n"
    if message.with_unsubscribe:
        imprint = "<br>\n".join(html.escape(line) for line in _imprint(message))
        link = html.escape(unsubscribe_url(message))
        extra += (
            f'<p style="color:#666;font-size:12px">{imprint}<br>\n'
            f'<a href="{link}" style="color:#666">{_way_out(message)}</a></p>\n'
        )
    if message.track_opens:
        path = reverse("mailer_public:open", args=[_token(message, Purpose.OPEN)])
        url = html.escape(public_url(message.mailbox, path))
        extra += f'<img src="{url}" width="1" height="1" alt="">\n'
    if message.agency.link_trap and message.track_clicks:
        path = reverse("mailer_public:trap", args=[_token(message, Purpose.TRAP)])
        url = html.escape(public_url(message.mailbox, path))
        # Nothing in it: shown nowhere, and hidden by no style that spam filters look for.
        extra += f'<a href="{url}" aria-hidden="true" tabindex="-1"></a>\n'
    end = _BODY_END.search(body)
    place = end.start() if end else len(body)
    return f"{body[:place]}\n{extra}{body[place:]}"


def closing_of(mailbox: Mailbox, text: str) -> str:
    """Return the signature that goes under a text: none where the text carries it already."""
    signed = " ".join(mailbox.signature.split()) in " ".join(text.split())
    return "" if signed else mailbox.signature.strip()


def _click_url(message: Message, index: int) -> str:
    path = reverse("mailer_public:click", args=[_token(message, Purpose.CLICK, index)])
    return public_url(message.mailbox, path)


def _way_out(message: Message) -> str:
    """Return the word for unsubscribing in the recipient's language, and in English."""
    language = public_words.language_of(country=message.country, address=message.to_address)
    word = public_words.words(language)["ask_title"]
    return word if language == public_words.ENGLISH else f"{word} / Unsubscribe"


def _imprint(message: Message) -> list[str]:
    """Return who stands behind the e-mail and where, as the law asks."""
    agency = message.agency
    lines = [agency.sender_name or agency.name, *agency.postal_address.splitlines()]
    return [line.strip() for line in lines if line.strip()]
