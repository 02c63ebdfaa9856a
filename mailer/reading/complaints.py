"""Abuse complaints in the Abuse Reporting Format (RFC 5965)."""

from email.message import Message

from mailer.reading import mime
from mailer.reading.addresses import addresses_in

_FIELDS = ("original-rcpt-to:", "removal-recipient:", "x-hmxmroriginalrecipient:")
# On the mail itself where the report is the mail (Microsoft's JMRP).
_HOTMAIL = "X-HmXmrOriginalRecipient"


def complainants(mail: Message, parts: mime.Parts) -> list[str] | None:
    """Return who complained; None when the mail is no complaint, empty when nobody is named."""
    if not _is_complaint(mail, parts):
        return None
    reported = addresses_in(mime.header(mail, _HOTMAIL))
    if reported:
        return reported
    named = [
        line
        for source in [*parts.feedback, *parts.originals, *parts.plain]
        for line in source.split("\n")[:500]
    ]
    for field in (*_FIELDS, "to:"):
        for line in named:
            if line.strip().lower().startswith(field) and addresses_in(line):
                return addresses_in(line)
    return []


def _is_complaint(mail: Message, parts: mime.Parts) -> bool:
    """Return whether it is a feedback report, or Hotmail's, which has no such part."""
    if mime.header(mail, _HOTMAIL):
        return True
    if parts.feedback or "feedback-report" in mime.header(mail, "Content-Type").lower():
        return True
    subject = mime.header(mail, "Subject").lower()
    return bool(parts.originals) and subject.startswith("complaint about message from")
