"""Mailboxes, threads, outgoing messages and their events, incoming messages."""

from mailer.models.alias import Alias
from mailer.models.check import OutboxCheck
from mailer.models.deliverability import DkimKey, MailboxCheck
from mailer.models.grant import MailboxGrant
from mailer.models.inbound import InboundMessage, SetAsideMail
from mailer.models.incident import MailboxIncident
from mailer.models.mailbox import Mailbox
from mailer.models.message import Message, MessageEvent, Thread
from mailer.models.tracking import SpoolPosition, TrackingDomain

__all__ = [
    "Alias",
    "DkimKey",
    "InboundMessage",
    "Mailbox",
    "MailboxCheck",
    "MailboxGrant",
    "MailboxIncident",
    "Message",
    "MessageEvent",
    "OutboxCheck",
    "SetAsideMail",
    "SpoolPosition",
    "Thread",
    "TrackingDomain",
]
