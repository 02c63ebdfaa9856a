"""A message as it leaves, byte for byte, and the look at its content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mailer.deliverability.content import Content, Report, check_content
from mailer.headers import HeaderError
from mailer.selectors_signing import SigningKeyError, builder_of, sending_domain
from mailer.wire import build_mail, html_body, public_url, text_body

if TYPE_CHECKING:
    from datetime import datetime

    from mailer.models import Message


@dataclass(frozen=True)
class Source:
    """An e-mail's bytes and the look at its content, or why it cannot be built."""

    content: bytes = b""
    report: Report | None = None
    problem: str = ""

    @property
    def text(self) -> str:
        """The bytes for people."""
        return self.content.decode("utf-8", "replace").replace("\r\n", "\n")


def source_of(message: Message, *, now: datetime) -> Source:
    """Return what DATA would be given, signed if its domain is, and the look at it."""
    try:
        mail = builder_of(message.mailbox).build(message, now=now)
    except (HeaderError, SigningKeyError) as error:
        return Source(problem=str(error))
    return Source(mail.content, look_at(message, size=len(mail.content)))


def content_report(message: Message, *, now: datetime) -> Report | None:
    """Return the look at an e-mail's content; None when it cannot be built."""
    try:
        mail = build_mail(message, now=now)
    except HeaderError:
        return None
    return look_at(message, size=len(mail.content))


def look_at(message: Message, *, size: int) -> Report:
    """Return the look at a message's content."""
    mailbox = message.mailbox
    clicks = message.track_clicks and bool(message.links)
    host = urlsplit(public_url(mailbox, "/")).hostname or ""
    return check_content(
        Content(
            subject=message.subject,
            text=text_body(message) if not message.html else message.text,
            html=message.html,
            sender_domain=sending_domain(mailbox),
            tracking_host=host if clicks and not _is_here(host) else "",
            has_unsubscribe=message.with_unsubscribe,
            answers=bool(message.in_reply_to),
            size=size,
            html_size=len(html_body(message).encode()) if message.html else 0,
        )
    )


def _is_here(host: str) -> bool:
    """Return whether this is a developer's own machine, where no filter looks."""
    return host in {"localhost", "127.0.0.1", "::1"}
