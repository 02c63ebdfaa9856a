"""Facts this app announces upward, in the transaction that made them true.

address_suppressed: `agency` (None = platform), `kind`, `values` (normalised addresses
    or domains, a list), `reason`. Heard by mailer, which cancels what is queued or
    claimed, and by campaigns, which stops enrolments.
"""

from django.dispatch import Signal

address_suppressed = Signal()
