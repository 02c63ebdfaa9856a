"""Small raw mails as prospects and servers send them."""

from email.message import EmailMessage
from typing import Any

from mailer.models import Message
from mailer.sandbox.delivery_reports import delivery_report

_numbers = iter(range(1, 10**9))


def mail_from(sender: str = "editor@site.example", text: str = "Sounds good.", **headers: Any):
    """Return a raw mail; `answers=` a message or its id, other headers by name."""
    message = EmailMessage()
    answered = headers.pop("answers", None)
    message["From"] = f"Erin Editor <{sender}>"
    message["To"] = "ann@agency.example"
    message["Subject"] = headers.pop("subject", "Re: A question about your guide")
    message["Message-ID"] = headers.pop("message_id", f"<mail{next(_numbers)}@site.example>")
    if answered:
        asked = answered.message_id if isinstance(answered, Message) else answered
        message["In-Reply-To"] = asked
        message["References"] = asked
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def report_on(message: Message, status: str = "5.1.1", diagnostic: str = "550 5.1.1 User unknown"):
    """Return the raw delivery report a message got."""
    original = EmailMessage()
    original["From"] = message.mailbox.address
    original["To"] = message.to_address
    original["Subject"] = message.subject
    original["Message-ID"] = message.message_id
    return delivery_report(original, message.to_address, status=status, diagnostic=diagnostic)


def complaint_about(message: Message) -> bytes:
    """Return the raw abuse report (ARF) about a message."""
    return (
        "From: fbl@isp.example\r\nTo: ann@agency.example\r\nSubject: FW: abuse\r\n"
        "MIME-Version: 1.0\r\nMessage-ID: <arf@isp.example>\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nAn abuse report.\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n"
        "User-Agent: FBL/1\r\nVersion: 1\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {message.message_id}\r\n"
        f"To: {message.to_address}\r\n\r\nHi\r\n--b--\r\n"
    ).encode()
