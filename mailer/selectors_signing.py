"""Which keys sign a mailbox's e-mails, and the e-mails so signed."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.conf import settings

from foundation.addresses import address_domain
from mailer.dkim import SigningKey, load_key, sign
from mailer.enums import DkimKeyStatus
from mailer.headers import HeaderError, wire_address
from mailer.models import DkimKey
from mailer.wire import WireMail, build_mail

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from mailer.models import Mailbox, Message


class SigningKeyError(Exception):
    """A stored key that cannot be read; nothing may be sent unsigned in its place."""


@dataclass(frozen=True)
class Builder:
    """Makes the very bytes that DATA is given, signed where the domain has keys."""

    keys: tuple[SigningKey, ...] = ()

    def build(self, message: Message, *, now: datetime) -> WireMail:
        """Return the e-mail as it goes over the wire; raises `HeaderError` when it may not."""
        mail = build_mail(message, now=now)
        return replace(mail, content=sign(mail.content, self.keys, now=now)) if self.keys else mail


def sending_domain(mailbox: Mailbox) -> str:
    """Return the domain of a mailbox's address in ASCII; "" when it has none."""
    try:
        return address_domain(wire_address(mailbox.address)).lower()
    except HeaderError:
        return ""


def is_local(mailbox: Mailbox) -> bool:
    """Return whether a mailbox's e-mails never leave this machine, as in the sandbox."""
    if not settings.SANDBOX:
        return False
    host = mailbox.smtp_host.strip().lower().rstrip(".")
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def keys_of(mailbox: Mailbox) -> QuerySet[DkimKey]:
    """Return every key of the mailbox's domain that was not retired."""
    rows = DkimKey.objects.filter(agency=mailbox.agency_id, domain=sending_domain(mailbox))
    return rows.exclude(status=DkimKeyStatus.RETIRED)


def builder_of(mailbox: Mailbox) -> Builder:
    """Return what builds this mailbox's e-mails; raises `SigningKeyError`."""
    active = keys_of(mailbox).filter(status=DkimKeyStatus.ACTIVE)
    # RSA first: every verifier knows it.
    return Builder(tuple(_loaded(row) for row in active.order_by("-algorithm")))


def _loaded(row: DkimKey) -> SigningKey:
    try:
        return load_key(
            domain=row.domain, selector=row.selector, algorithm=row.algorithm, pem=row.private_key
        )
    except (ValueError, TypeError) as error:
        msg = f"The signing key {row.selector} cannot be read. Make a new one or switch it off."
        raise SigningKeyError(msg) from error
