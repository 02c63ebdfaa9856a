"""Choices of the mailer app, and how a message's status may move."""

from foundation.choices import Moves, TonedChoices


class MailboxStatus(TonedChoices):
    """Whether a mailbox may send."""

    ACTIVE = "active", "ok", "Active"
    PAUSED = "paused", "warn", "Paused"
    FAILING = "failing", "bad", "Failing"
    ARCHIVED = "archived", "mute", "Archived"


MAILBOX_MOVES: Moves = {
    MailboxStatus.ACTIVE: frozenset(
        {MailboxStatus.PAUSED, MailboxStatus.FAILING, MailboxStatus.ARCHIVED}
    ),
    MailboxStatus.PAUSED: frozenset(
        {MailboxStatus.ACTIVE, MailboxStatus.PAUSED, MailboxStatus.ARCHIVED}
    ),
    MailboxStatus.FAILING: frozenset(
        {
            MailboxStatus.ACTIVE,
            MailboxStatus.PAUSED,
            MailboxStatus.FAILING,
            MailboxStatus.ARCHIVED,
        }
    ),
    MailboxStatus.ARCHIVED: frozenset({MailboxStatus.PAUSED}),
}


class Trouble(TonedChoices):
    """What stopped a mailbox."""

    LOGIN = "login", "bad", "Login refused"
    ASKED = "asked", "warn", "Server asked us to stop"
    REFUSED = "refused", "bad", "Server refuses the mailbox"
    TLS = "tls", "bad", "No secure connection"
    CONNECTION = "connection", "warn", "Server not reached"
    BOUNCES = "bounces", "bad", "Too many bounces"
    READ_LOGIN = "read_login", "bad", "Login for reading refused"
    READING = "reading", "warn", "Replies not read"


class ConnectionSecurity(TonedChoices):
    """How a connection is protected."""

    STARTTLS = "starttls", "ok", "STARTTLS"
    TLS = "tls", "ok", "TLS"
    NONE = "none", "bad", "None (loopback only)"


class MailboxAuth(TonedChoices):
    """What a mailbox logs in with."""

    PASSWORD = "password", "", "Password"
    OAUTH2 = "oauth2", "", "Sign-in at the provider"


class OAuthKind(TonedChoices):
    """Providers a mailbox can be signed in at."""

    GOOGLE = "google", "", "Google"
    MICROSOFT = "microsoft", "", "Microsoft"


class ThreadStatus(TonedChoices):
    """Whether a conversation waits for us."""

    OPEN = "open", "accent", "Open"
    SNOOZED = "snoozed", "warn", "Snoozed"
    DONE = "done", "mute", "Done"


THREAD_MOVES: Moves = {
    status: frozenset(ThreadStatus) for status in ThreadStatus
}  # a person may put a conversation anywhere


class MessageKind(TonedChoices):
    """What an outgoing e-mail is."""

    CAMPAIGN = "campaign", "", "Campaign"
    REPLY = "reply", "", "Reply"
    TEST = "test", "mute", "Test"


class MessageStatus(TonedChoices):
    """Where an outgoing e-mail stands."""

    DRAFT = "draft", "", "Draft"
    QUEUED = "queued", "info", "Queued"
    CLAIMED = "claimed", "info", "About to send"
    HANDING_OVER = "handing_over", "info", "Handing over"
    SENT = "sent", "ok", "Sent"
    UNCERTAIN = "uncertain", "warn", "Uncertain"
    FAILED = "failed", "bad", "Failed"
    BLOCKED = "blocked", "bad", "Blocked"
    CANCELLED = "cancelled", "mute", "Cancelled"


MOVES: Moves = {
    MessageStatus.DRAFT: frozenset({MessageStatus.QUEUED, MessageStatus.CANCELLED}),
    MessageStatus.QUEUED: frozenset(
        {MessageStatus.CLAIMED, MessageStatus.BLOCKED, MessageStatus.CANCELLED}
    ),
    MessageStatus.CLAIMED: frozenset(
        {
            MessageStatus.QUEUED,
            MessageStatus.HANDING_OVER,
            MessageStatus.BLOCKED,
            MessageStatus.FAILED,
            MessageStatus.CANCELLED,
        }
    ),
    MessageStatus.HANDING_OVER: frozenset(
        {
            MessageStatus.SENT,
            MessageStatus.QUEUED,
            MessageStatus.FAILED,
            MessageStatus.UNCERTAIN,
        }
    ),
    MessageStatus.UNCERTAIN: frozenset(
        {MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.QUEUED}
    ),
    MessageStatus.FAILED: frozenset({MessageStatus.QUEUED}),
    MessageStatus.SENT: frozenset(),
    MessageStatus.BLOCKED: frozenset(),
    MessageStatus.CANCELLED: frozenset(),
}

# What a refusal, a pause or a reply may still stop: nothing was handed over yet.
STOPPABLE = frozenset({MessageStatus.DRAFT, MessageStatus.QUEUED, MessageStatus.CLAIMED})


class InboundKind(TonedChoices):
    """What an incoming e-mail is."""

    REPLY = "reply", "violet", "Reply"
    AUTO_REPLY = "auto_reply", "mute", "Automatic reply"
    OUT_OF_OFFICE = "out_of_office", "warn", "Out of office"
    BOUNCE = "bounce", "bad", "Bounce"
    COMPLAINT = "complaint", "bad", "Complaint"
    UNSUBSCRIBE = "unsubscribe", "bad", "Unsubscribe request"
    OWN_COPY = "own_copy", "mute", "Own copy"


class Intent(TonedChoices):
    """What a human reply wants."""

    INTERESTED = "interested", "ok", "Interested"
    NOT_INTERESTED = "not_interested", "bad", "Not interested"
    QUESTION = "question", "info", "Question"
    PRICE = "price", "warn", "Price quoted"
    WRONG_PERSON = "wrong_person", "mute", "Wrong person"
    UNSUBSCRIBE = "unsubscribe", "bad", "Unsubscribe"
    OTHER = "other", "", "Other"


class SetAsideStatus(TonedChoices):
    """Where a mail stands that could not be taken in."""

    WAITING = "waiting", "warn", "Not read"
    AGAIN = "again", "info", "Being tried again"
    TAKEN = "taken", "ok", "Read"
    DISMISSED = "dismissed", "mute", "Dismissed"


SET_ASIDE_MOVES: Moves = {
    SetAsideStatus.WAITING: frozenset({SetAsideStatus.AGAIN, SetAsideStatus.DISMISSED}),
    SetAsideStatus.AGAIN: frozenset(
        {SetAsideStatus.WAITING, SetAsideStatus.TAKEN, SetAsideStatus.DISMISSED}
    ),
    SetAsideStatus.TAKEN: frozenset(),
    SetAsideStatus.DISMISSED: frozenset({SetAsideStatus.AGAIN}),
}


class IntentSource(TonedChoices):
    """Who said what a reply wants."""

    RULES = "rules", "", "Rules"
    PERSON = "person", "", "A person"


class EventKind(TonedChoices):
    """One thing that happened to a sent message."""

    SENT = "sent", "", "Sent"
    OPENED = "opened", "", "Opened"
    CLICKED = "clicked", "", "Clicked"
    TRAPPED = "trapped", "mute", "Followed the hidden link"
    REPLIED = "replied", "violet", "Replied"
    OUT_OF_OFFICE = "out_of_office", "warn", "Out of office"
    BOUNCED = "bounced", "bad", "Bounced"
    SOFT_BOUNCED = "soft_bounced", "warn", "Delivery delayed or refused for now"
    UNSUBSCRIBED = "unsubscribed", "bad", "Unsubscribed"
    TAKEN_BACK = "taken_back", "warn", "Took the unsubscription back"
    COMPLAINED = "complained", "bad", "Complained"
    FAILED = "failed", "bad", "Failed"


# What visitors of an e-mail's own addresses leave behind.
FETCHES = (EventKind.OPENED, EventKind.CLICKED, EventKind.TRAPPED)


class AgentClass(TonedChoices):
    """Who opened or clicked, as far as it can be told."""

    HUMAN = "human", "ok", "Person"
    MACHINE = "machine", "mute", "Machine"
    UNKNOWN = "unknown", "", "Unknown"


class DkimAlgorithm(TonedChoices):
    """With what a key signs (RFC 6376 3.3, RFC 8463)."""

    RSA = "rsa", "", "RSA, 2048 bits"
    ED25519 = "ed25519", "", "Ed25519"


class DkimKeyStatus(TonedChoices):
    """Whether a key signs."""

    WAITING = "waiting", "warn", "Waiting for its DNS record"
    ACTIVE = "active", "ok", "Signing"
    RETIRING = "retiring", "mute", "No longer signs"
    RETIRED = "retired", "mute", "Retired"


DKIM_KEY_MOVES: Moves = {
    DkimKeyStatus.WAITING: frozenset({DkimKeyStatus.ACTIVE, DkimKeyStatus.RETIRED}),
    DkimKeyStatus.ACTIVE: frozenset({DkimKeyStatus.RETIRING}),
    DkimKeyStatus.RETIRING: frozenset({DkimKeyStatus.RETIRED}),
    DkimKeyStatus.RETIRED: frozenset(),
}


class CheckState(TonedChoices):
    """What a look at the DNS came to; the worst comes last."""

    NOT_APPLICABLE = "na", "mute", "Not applicable"
    OK = "ok", "ok", "Fine"
    INFO = "info", "info", "Optional"
    UNKNOWN = "unknown", "", "Not known"
    WARN = "warn", "warn", "Could be better"
    FAIL = "fail", "bad", "Must be mended"
