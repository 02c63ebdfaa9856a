"""Choices of the leads app, and how a lead's status may move."""

from foundation.choices import Moves, TonedChoices


class LeadStatus(TonedChoices):
    """How far a lead has come."""

    NEW = "new", "", "New"
    QUALIFIED = "qualified", "info", "Qualified"
    CONTACTED = "contacted", "accent", "Contacted"
    REPLIED = "replied", "violet", "Replied"
    PLACED = "placed", "ok", "Link placed"
    LOST = "lost", "mute", "Lost"
    BOUNCED = "bounced", "bad", "Bounced"
    UNSUBSCRIBED = "unsubscribed", "bad", "Unsubscribed"
    DISQUALIFIED = "disqualified", "mute", "Disqualified"


_ENDS = frozenset(
    {
        LeadStatus.LOST,
        LeadStatus.BOUNCED,
        LeadStatus.UNSUBSCRIBED,
        LeadStatus.DISQUALIFIED,
    }
)

MOVES: Moves = {
    LeadStatus.NEW: frozenset(
        {LeadStatus.QUALIFIED, LeadStatus.CONTACTED, LeadStatus.REPLIED} | _ENDS
    ),
    LeadStatus.QUALIFIED: frozenset(
        {LeadStatus.NEW, LeadStatus.CONTACTED, LeadStatus.REPLIED} | _ENDS
    ),
    LeadStatus.CONTACTED: frozenset({LeadStatus.REPLIED, LeadStatus.PLACED} | _ENDS),
    LeadStatus.REPLIED: frozenset({LeadStatus.PLACED} | _ENDS),
    LeadStatus.PLACED: frozenset({LeadStatus.LOST, LeadStatus.UNSUBSCRIBED}),
    LeadStatus.LOST: frozenset({LeadStatus.QUALIFIED, LeadStatus.REPLIED, LeadStatus.UNSUBSCRIBED}),
    LeadStatus.BOUNCED: frozenset({LeadStatus.NEW, LeadStatus.UNSUBSCRIBED}),
    LeadStatus.UNSUBSCRIBED: frozenset(),
    LeadStatus.DISQUALIFIED: frozenset({LeadStatus.NEW, LeadStatus.UNSUBSCRIBED}),
}


class Verification(TonedChoices):
    """What is known of an address."""

    VALID = "valid", "ok", "Valid"
    RISKY = "risky", "warn", "Risky"
    INVALID = "invalid", "bad", "Invalid"
    UNKNOWN = "unknown", "mute", "Unknown"


class Tier(TonedChoices):
    """The score in one word: hot from 70, warm from 40, cold below."""

    HOT = "hot", "bad", "Hot"
    WARM = "warm", "warn", "Warm"
    COLD = "cold", "info", "Cold"


class LeadSourceKind(TonedChoices):
    """Where a lead came from."""

    IMPORT = "import", "", "Import"
    MANUAL = "manual", "", "Added by hand"
    DISCOVERY = "discovery", "", "Discovery"
    REPLY = "reply", "", "Reply"


class InferenceSource(TonedChoices):
    """How a country or time zone came to be known."""

    GIVEN = "given", "ok", "Given"
    TLD = "tld", "warn", "From the domain"
    PHONE = "phone", "warn", "From the phone number"
    COUNTRY = "country", "", "From the country"
    REGION = "region", "", "From the region or city"
    AGENCY = "agency", "mute", "The agency's own"
    NONE = "none", "mute", "Unknown"


class ImportStatus(TonedChoices):
    """How far an import has come."""

    UPLOADED = "uploaded", "", "Uploaded"
    MAPPED = "mapped", "info", "Mapped"
    QUEUED = "queued", "info", "Waiting"
    RUNNING = "running", "accent", "Importing"
    FINISHED = "finished", "ok", "Finished"
    FAILED = "failed", "bad", "Failed"
    CANCELLED = "cancelled", "mute", "Cancelled"


IMPORT_MOVES: Moves = {
    ImportStatus.UPLOADED: frozenset(
        {ImportStatus.MAPPED, ImportStatus.QUEUED, ImportStatus.CANCELLED}
    ),
    ImportStatus.MAPPED: frozenset({ImportStatus.QUEUED, ImportStatus.CANCELLED}),
    ImportStatus.QUEUED: frozenset({ImportStatus.RUNNING, ImportStatus.CANCELLED}),
    # A run that died is claimed again; one that found the file broken has failed.
    ImportStatus.RUNNING: frozenset(
        {
            ImportStatus.RUNNING,
            ImportStatus.FINISHED,
            ImportStatus.FAILED,
            ImportStatus.CANCELLED,
        }
    ),
    ImportStatus.FINISHED: frozenset(),
    ImportStatus.FAILED: frozenset({ImportStatus.QUEUED}),
    ImportStatus.CANCELLED: frozenset({ImportStatus.QUEUED}),
}


class BulkAction(TonedChoices):
    """What may be done to many leads at once."""

    STATUS = "status", "", "Change status"
    OWNER = "owner", "", "Assign"
    CLIENT = "client", "", "Set client"
    FIELD = "field", "", "Set a custom field"
    VERIFY = "verify", "", "Check addresses"
    SUPPRESS = "suppress", "bad", "Suppress"
    DELETE = "delete", "bad", "Delete"


class BulkStatus(TonedChoices):
    """How far an act on many leads has come."""

    QUEUED = "queued", "info", "Waiting"
    RUNNING = "running", "accent", "Running"
    FINISHED = "finished", "ok", "Finished"
    UNDONE = "undone", "mute", "Undone"
    FAILED = "failed", "bad", "Failed"


BULK_MOVES: Moves = {
    BulkStatus.QUEUED: frozenset({BulkStatus.RUNNING}),
    BulkStatus.RUNNING: frozenset({BulkStatus.RUNNING, BulkStatus.FINISHED, BulkStatus.FAILED}),
    BulkStatus.FINISHED: frozenset({BulkStatus.UNDONE}),
    BulkStatus.UNDONE: frozenset(),
    BulkStatus.FAILED: frozenset(),
}


class EventKind(TonedChoices):
    """One thing that happened to a person or site, as its timeline shows it."""

    CREATED = "created", "", "Added"
    UPDATED = "updated", "", "Changed"
    ENROLLED = "enrolled", "info", "Enrolled"
    SENT = "sent", "accent", "E-mail sent"
    OPENED = "opened", "", "Opened"
    CLICKED = "clicked", "", "Clicked"
    REPLIED = "replied", "violet", "Replied"
    OUT_OF_OFFICE = "out_of_office", "warn", "Out of office"
    BOUNCED = "bounced", "bad", "Bounced"
    UNSUBSCRIBED = "unsubscribed", "bad", "Unsubscribed"
    COMPLAINED = "complained", "bad", "Complained"
    STOPPED = "stopped", "mute", "Sequence stopped"
    STATUS = "status", "", "Status"
    NOTE = "note", "", "Note"
