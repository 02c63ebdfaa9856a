"""The gate between refusals and hand-overs: whichever commits first wins, with no gap between.

A refusal cancels what it finds, but a message queued and claimed while it has not committed
yet is invisible to it, as it is to the policy. So a hand-over looks once more, and the two
exclude each other: a refusal shuts the gates of the mailboxes it concerns until it commits;
a hand-over that finds its gate shut is rolled back and tried again. Refusals share the
gates, hand-overs never wait at one, so nobody can deadlock here. On SQLite writers come one
at a time anyway.
"""

from django.db import connection

from accounts.models import Agency
from compliance.selectors import suppressed
from mailer.models import Mailbox, Message

# Advisory locks of PostgreSQL: a number of our own, and one of so many gates.
_KIND = 0x6D61696C
_GATES = 64


class ShutError(Exception):
    """Somebody is refusing mail just now; try again when that has committed."""


def shut(agency: Agency | None) -> None:
    """Let no mailbox of an agency (None: of any) hand over until this transaction ends."""
    if connection.vendor != "postgresql":
        return
    rows = Mailbox.objects.for_agency(agency) if agency else Mailbox.objects.all()
    gates = sorted({pk % _GATES for pk in rows.values_list("pk", flat=True)})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(%s, gate) FROM unnest(%s::int[]) AS gate",
            [_KIND, gates],
        )


def is_refused(message: Message) -> bool:
    """Return whether the recipient is suppressed, and hold the gate until this commits.

    Raises `ShutError` when someone is refusing just now.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_xact_lock(%s, %s)", [_KIND, message.mailbox_id % _GATES]
            )
            if not cursor.fetchone()[0]:
                raise ShutError
    return bool(suppressed(message.agency, [message.to_address]))
