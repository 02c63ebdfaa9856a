"""What one racer of test_counter_race does."""

import datetime as dt
from collections.abc import Callable

from accounts.models import Agency
from compliance.enums import Stage
from compliance.services import authorise
from tests.factories.compliance import NOON, send_request


def send_until_full(slug: str, name: str, batch: int, *, ready: Callable[[], object]) -> int:
    """Claim batches of e-mails until none is allowed; return how many were."""
    agency = Agency.objects.get(slug=slug)
    ready()
    sent = round_ = 0
    while True:
        keys = [f"{name}-{round_}-{n}" for n in range(batch)]
        requests = [
            send_request(
                reference=key,
                recipient=f"p@{key}.example",
                sequence_key=key,
                mailbox_daily_cap=100,
                mailbox_hourly_cap=1000,
                campaign_daily_cap=1000,
                user_id=None,
            )
            for key in keys
        ]
        decisions = authorise(
            agency, requests, stage=Stage.CLAIMED, reserve=True, now=NOON + dt.timedelta(seconds=1)
        )
        allowed = sum(decision.is_allowed for decision in decisions)
        sent += allowed
        round_ += 1
        if not allowed:
            return sent
