"""The caps a send counts against, and what is said when one is full. Pure."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from compliance.enums import Check, CheckResult, CounterScope
from compliance.facts import Facts, TraceLine
from compliance.windows import day_start, hour_start, next_day_start

CHECK_OF_SCOPE = {
    CounterScope.USER: Check.CAP_USER,
    CounterScope.MAILBOX_DAY: Check.CAP_MAILBOX_DAY,
    CounterScope.MAILBOX_HOUR: Check.CAP_MAILBOX_HOUR,
    CounterScope.RECIPIENT_DOMAIN: Check.CAP_RECIPIENT_DOMAIN,
    CounterScope.CAMPAIGN: Check.CAP_CAMPAIGN,
}
_WHO = {
    CounterScope.USER: "The member",
    CounterScope.MAILBOX_DAY: "The mailbox",
    CounterScope.MAILBOX_HOUR: "The mailbox",
    CounterScope.RECIPIENT_DOMAIN: "The agency, to this recipient domain,",
    CounterScope.CAMPAIGN: "The campaign",
}


def period_of(scope: CounterScope, facts: Facts) -> tuple[datetime, datetime]:
    """Return the start of the period that `facts.moment` counts in, and of the next one.

    Days are the agency's, from local midnight; hours are those of UTC.
    """
    if scope == CounterScope.MAILBOX_HOUR:
        start = hour_start(facts.moment)
        return start, start + timedelta(hours=1)
    return _day(facts.moment, facts.agency.zone)


@lru_cache(maxsize=256)
def _day(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when the local day began and when the next begins; one batch asks for one."""
    return day_start(at, zone), next_day_start(at, zone)


def cap_line(facts: Facts, scope: CounterScope, *, full: bool = False) -> TraceLine:
    """Return what a cap says: room, none, or (`full`) none left when slots were taken."""
    check = CHECK_OF_SCOPE[scope]
    cap = facts.caps.get(scope)
    if cap is None:
        return TraceLine(check, CheckResult.SKIPPED, "This cap does not count this e-mail.")
    hourly = scope == CounterScope.MAILBOX_HOUR
    used = cap if full else min(facts.used.get(scope, 0), cap)
    has = f"{_WHO[scope]} has sent {used} of {cap} e-mails {'this hour' if hourly else 'today'}"
    if used < cap:
        return TraceLine(check, CheckResult.PASSED, f"{has}.")
    until = period_of(scope, facts)[1]
    local = until.astimezone(facts.agency.zone)
    return TraceLine(
        check,
        CheckResult.DEFERRED,
        f"{has}; it waits until {local:%-d %B, %H:%M} ({facts.agency.zone.key}).",
        until=until,
        code=check,
    )
