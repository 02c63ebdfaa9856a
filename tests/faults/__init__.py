"""Every fault a mail server can have, what should come of it, and what does."""

from tests.faults import envelope_rows, incidents, sending_rows

FAULTS = {
    "SMTP": [*sending_rows.FAULTS, *envelope_rows.FAULTS],
    "breaker": incidents.FAULTS,
}
