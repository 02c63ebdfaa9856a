"""What operators are told of the nightly look at the outbox."""

from datetime import datetime, timedelta

from mailer.models import Message, OutboxCheck

# A check a night; a missed one may be caught up.
OVERDUE = timedelta(hours=36)


def check_alarm(now: datetime) -> str:
    """Return what an operator must know of the last check; "" when all is well."""
    last = OutboxCheck.objects.order_by("-at", "-pk").first()
    if last is None or last.at < now - OVERDUE:
        begun = Message.objects.filter(created_at__lt=now - OVERDUE).exists()
        return "The nightly check of the outbox has not run for 36 hours." if begun else ""
    if last.broken:
        rows = "row that breaks" if last.broken == 1 else "rows that break"
        return f"The last check of the outbox found {last.broken:,} {rows} its rules."
    return ""
