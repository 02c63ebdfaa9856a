"""Facts this app announces upward, in the transaction that made them true.

messages_sent: `messages` (a list of Message).
message_failed: `message`; it will not be sent unless a person says so.
message_requeued: `message`; a person asked to send it again. A receiver that knows why it
    must not go raises `mailer.services.uncertain.NotAgainError`, and nothing has changed.
message_cancelled: `message`; a person cancelled this one before it was sent.
message_recalled: `message`; stopped while it was handed over, the server did not take it, and
    it was cancelled instead of queued.
message_blocked: `message`, `decision` (compliance.policy.Decision); the policy said no.
message_bounced: `message`, `inbound` (or None when refused at RCPT), `hard` (the address
    itself is dead).
reply_received: `inbound`, `message` (or None), a human reply.
reply_corrected: `inbound`; a person said that it is something else than was read.
out_of_office_received: `inbound`, `message`, `return_date` (date or None).
recipient_unsubscribed: `agency`, `address`, `message` (or None), `inbound` (or None).
complaint_received: `agency`, `address`, `message` (or None), `inbound`.
messages_touched: `changes` (a list of mailer.services.fetches.FirstChange): when a person
    first opened or clicked is known now, was earlier, or turned out to be a machine.
mailbox_stopped: `incident`; a mailbox cannot send or read. Once for each incident.
mailbox_recovered: `incident`, with its end.
"""

from django.dispatch import Signal

messages_sent = Signal()
message_failed = Signal()
message_requeued = Signal()
message_cancelled = Signal()
message_recalled = Signal()
message_blocked = Signal()
message_bounced = Signal()
reply_received = Signal()
reply_corrected = Signal()
out_of_office_received = Signal()
recipient_unsubscribed = Signal()
complaint_received = Signal()
messages_touched = Signal()
mailbox_stopped = Signal()
mailbox_recovered = Signal()
