"""Delivery status notifications as a recipient's server writes them (RFC 3464)."""

from email.message import EmailMessage
from email.utils import formatdate, make_msgid


def delivery_report(
    original: EmailMessage, recipient: str, *, status: str, diagnostic: str
) -> bytes:
    """Return a multipart/report about `original` as Postfix would write it.

    Args:
        original: the mail that could not be delivered.
        recipient: whom it was for.
        status: an enhanced status code (RFC 3463).
        diagnostic: the SMTP reply of the recipient's server.
    """
    domain = recipient.rpartition("@")[2]
    permanent = status.startswith("5")
    boundary = f"report.{make_msgid(domain=domain).strip('<>').replace('@', '.')}"
    envelope_from = str(original.get("Return-Path") or original.get("From", ""))
    what = "could not be delivered" if permanent else "has not been delivered yet"
    lines = [
        "Return-Path: <>",
        f"Date: {formatdate(localtime=False)}",
        f"From: Mail Delivery System <MAILER-DAEMON@mx.{domain}>",
        f"To: {_one_line(envelope_from)}",
        f"Subject: {'Undelivered Mail Returned to Sender' if permanent else 'Delayed Mail'}",
        f"Message-ID: {make_msgid(domain=f'mx.{domain}')}",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"',
        "",
        f"--{boundary}",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        f"This is the mail system at host mx.{domain}.",
        "",
        f"Your message to <{recipient}> {what}.",
        "",
        f"<{recipient}>: host mx.{domain} said: {diagnostic}",
        "",
        f"--{boundary}",
        "Content-Type: message/delivery-status",
        "",
        f"Reporting-MTA: dns; mx.{domain}",
        f"Arrival-Date: {formatdate(localtime=False)}",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        f"Original-Recipient: rfc822;{recipient}",
        f"Action: {'failed' if permanent else 'delayed'}",
        f"Status: {status}",
        f"Remote-MTA: dns; mx.{domain}",
        f"Diagnostic-Code: smtp; {diagnostic}",
        "",
        f"--{boundary}",
        "Content-Type: text/rfc822-headers",
        "",
        *(
            f"{name}: {_one_line(str(original[name]))}"
            for name in ("From", "To", "Subject", "Date", "Message-ID")
            if original[name]
        ),
        "",
        f"--{boundary}--",
        "",
    ]
    return "\r\n".join(lines).encode("utf-8", "replace")


def _one_line(value: str) -> str:
    return " ".join(value.split())
