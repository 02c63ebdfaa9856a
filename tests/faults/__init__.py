"""Every fault a mail server can have, what should come of it, and what does."""

from tests.faults import envelope_rows, incidents, reading_rows, sending_rows

FAULTS = {
    "SMTP": [*sending_rows.FAULTS, *envelope_rows.FAULTS],
    "IMAP": reading_rows.FAULTS,
    "breaker": incidents.FAULTS,
}
