"""The race for the caps: every process takes what it can, by a clock that is handed in."""

import argparse
import multiprocessing
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connections

from accounts.models import Agency
from compliance.enums import Stage
from compliance.models import SendCounter
from compliance.policy import SendRequest
from compliance.services import authorise, release
from tests.factories.accounts import AgencyFactory
from tests.factories.compliance import AssessmentFactory

FORK = multiprocessing.get_context("fork")
# Each zone with a night in which its clocks change, or none that does.
NIGHTS = (
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/New_York", date(2026, 3, 8)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Santiago", date(2026, 9, 6)),  # midnight itself does not exist
    ("Asia/Beirut", date(2026, 3, 29)),  # nor here
    ("Africa/Cairo", date(2026, 10, 30)),
    ("Asia/Kolkata", date(2026, 5, 5)),
    ("Pacific/Kiritimati", date(2026, 5, 5)),
)
CAPS = {"user": 30, "mailbox_day": 24, "mailbox_hour": 10, "recipient_domain": 12, "campaign": 40}
USERS, BOXES, DOMAINS, CAMPAIGNS = range(2), range(3), range(3), range(2)
COMBINATIONS = list(product(USERS, BOXES, DOMAINS, CAMPAIGNS))
BATCH = 18
RETURNED = 0.2


def race_caps(options: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """Race once for each seed and add the figures up."""
    total: Counter[str] = Counter()
    for seed in range(options.seeds):
        total += Counter(_round(seed, options.processes))
    percent = 100 * total["room_left"] / max(total["let_go"], 1)
    figures = {
        **{name: total[name] for name in ("let_go", "given_back", "exceeded", "room_left")},
        "shortfall_percent": round(percent, 3),
        "counters_off": total["counters_off"],
    }
    missed = [name for name in ("exceeded", "counters_off") if total[name]]
    return figures, [*missed, *(["shortfall"] if percent > 1 else [])]


def _round(seed: int, processes: int) -> dict[str, int]:
    zone, night = NIGHTS[seed % len(NIGHTS)]
    agency = AgencyFactory.create(
        slug=f"caps-{seed}-{random.randrange(10**9)}",  # noqa: S311  # a name
        time_zone=zone,
        user_daily_cap=CAPS["user"],
        recipient_domain_daily_cap=CAPS["recipient_domain"],
    )
    AssessmentFactory.create(agency=agency)
    moments = _moments(ZoneInfo(zone), night)
    kept = _run(agency.pk, seed, processes, moments)
    exceeded = _exceeded(kept, ZoneInfo(zone))
    off = _counters_off(agency, kept)
    left = sum(len(_sweep(agency, f"after-{seed}-{n}", at)) for n, at in enumerate(moments))
    return {
        "let_go": len(kept["kept"]),
        "given_back": kept["given_back"],
        "exceeded": exceeded,
        "counters_off": off,
        "room_left": left,
    }


def _moments(zone: ZoneInfo, night: date) -> list[datetime]:
    """Return moments around the night's two midnights and through its changing hours."""
    midnight = datetime(night.year, night.month, night.day, tzinfo=zone).astimezone(UTC)
    hours = (-1 / 3600, 1 / 3600, 1.5, 2.5, 22.99, 23.01, 24.01)
    return [midnight + timedelta(hours=hour) for hour in hours]


def _run(agency: int, seed: int, processes: int, moments: list[datetime]) -> dict[str, Any]:
    connections.close_all()
    results, barrier = FORK.SimpleQueue(), FORK.Barrier(processes)

    def race(number: int) -> None:
        connections.close_all()
        results.put(_take(agency, seed * 1000 + number, moments, barrier))

    racers = [FORK.Process(target=race, args=(number,)) for number in range(processes)]
    for racer in racers:
        racer.start()
    parts = [results.get() for _ in racers]
    for racer in racers:
        racer.join()
    return {
        "kept": [one for part in parts for one in part["kept"]],
        "given_back": sum(part["given_back"] for part in parts),
    }


def _take(agency_id: int, seed: int, moments: list[datetime], barrier: Any) -> dict[str, Any]:
    """Claim at each moment until nothing is allowed any more, giving some back meanwhile."""
    dice = random.Random(seed)  # noqa: S311  # repeatable, not secret
    agency = Agency.objects.get(pk=agency_id)
    kept: list[Any] = []
    given_back = 0
    for number, moment in enumerate(moments):
        barrier.wait()
        for round_ in range(50):
            # No two machines' clocks are the same.
            at = moment + timedelta(milliseconds=dice.uniform(0, 400))
            granted = _sweep(agency, f"{seed}-{number}-{round_}", at, dice)
            if not granted:
                break
            back = [one for one in granted if round_ < 3 and dice.random() < RETURNED]
            if back:
                release([slot for one in back for slot in one["slots"]])
            given_back += len(back)
            kept += [one for one in granted if one not in back]
    return {"kept": kept, "given_back": given_back}


def _sweep(
    agency: Agency, key: str, at: datetime, dice: random.Random | None = None
) -> list[dict[str, Any]]:
    """Ask for one e-mail of every combination; return what was let go."""
    wanted = list(COMBINATIONS)
    (dice or random.Random(0)).shuffle(wanted)  # noqa: S311  # repeatable, not secret
    granted = []
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        requests = list(_requests(agency, f"{key}-{start}", part))
        decisions = authorise(agency, requests, stage=Stage.CLAIMED, reserve=True, now=at)
        granted += [
            {"at": at, "who": who, "slots": decision.reservations}
            for who, decision in zip(part, decisions, strict=True)
            if decision.is_allowed
        ]
    return granted


def _requests(
    agency: Agency, key: str, wanted: list[tuple[int, int, int, int]]
) -> Iterator[SendRequest]:
    for number, (user, box, domain, campaign) in enumerate(wanted):
        name = f"{key}-{number}"
        yield SendRequest(
            reference=name,
            mailbox_id=agency.pk * 100 + box,
            sender=f"box{box}@agency.example",
            recipient=f"p{name}@site{domain}.example",
            user_id=user + 1,
            country="US",
            subject=name,
            body_head="Hello",
            campaign_key=f"campaign:{agency.pk * 100 + campaign}",
            campaign_daily_cap=CAPS["campaign"],
            sequence_key=name,
            mailbox_daily_cap=CAPS["mailbox_day"],
            mailbox_hourly_cap=CAPS["mailbox_hour"],
        )


def _exceeded(found: dict[str, Any], zone: ZoneInfo) -> int:
    """Count what went past a cap, by days and hours reckoned here and not by the product."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for one in found["kept"]:
        (user, box, domain, campaign), at = one["who"], one["at"]
        day = at.astimezone(zone).date()
        counts["user", user, day] += 1
        counts["mailbox_day", box, day] += 1
        counts["mailbox_hour", box, at.replace(minute=0, second=0, microsecond=0)] += 1
        counts["recipient_domain", domain, day] += 1
        counts["campaign", campaign, day] += 1
    return sum(max(0, number - CAPS[key[0]]) for key, number in counts.items())


def _counters_off(agency: Agency, found: dict[str, Any]) -> int:
    """Count the counters of this agency that are not what was kept."""
    slots = [slot for one in found["kept"] for slot in one["slots"]]
    held = Counter((slot["scope"], slot["key"], slot["period"]) for slot in slots)
    mine = {slot["key"] for slot in slots}
    rows = SendCounter.objects.filter(key__in=mine).values_list("scope", "key", "period", "used")
    used = {(scope, key, period.isoformat()): number for scope, key, period, number in rows}
    return sum(1 for key in held.keys() | used.keys() if held[key] != used.get(key, 0))
