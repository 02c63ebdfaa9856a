"""What a campaign's overview shows, from the daily figures: a query for each card."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, Sum

from campaigns.enums import EnrolmentStatus, StopReason
from campaigns.models import Campaign, DailyStat, Enrolment, SequenceStep, StepVariant
from campaigns.rules import campaign_key, rate
from mailer.enums import AgentClass, EventKind
from mailer.models import Mailbox, Message, MessageEvent

PERIODS = (7, 14, 30, 90)
FIGURES = (
    "sent",
    "opened",
    "clicked",
    "replied",
    "interested",
    "bounced",
    "unsubscribed",
    "complained",
)
Figures = Counter[str]


@dataclass(frozen=True)
class Metric:
    """One number of the strip: its value now, the change, and what it is measured against."""

    key: str
    name: str
    value: str
    change: str
    tone: str
    note: str


@dataclass(frozen=True)
class Series:
    """One figure a day, with the period before."""

    days: Sequence[dt.date]
    now: Sequence[int]
    before: Sequence[int]
    name: str


@dataclass
class Row:
    """One line of the performance table: a step, a variant or a mailbox."""

    name: str
    note: str = ""
    label: str = ""
    figures: Figures = field(default_factory=Counter)
    variants: list["Row"] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """E-mails sent."""
        return self.figures["sent"]

    @property
    def delivered(self) -> float:
        """Not bounced, in per cent."""
        return rate(self.sent - self.figures["bounced"], self.sent)

    @property
    def opened(self) -> float:
        """Opened by a person, in per cent of what was sent."""
        return rate(self.figures["opened"], self.sent)

    @property
    def clicked(self) -> float:
        """Clicked by a person, in per cent of what was sent."""
        return rate(self.figures["clicked"], self.sent)

    @property
    def replied(self) -> float:
        """Answered, in per cent of what was sent."""
        return rate(self.figures["replied"], self.sent)

    @property
    def bounced(self) -> float:
        """Bounced, in per cent of what was sent."""
        return rate(self.figures["bounced"], self.sent)


_SERIES = {
    "sent": "E-mails sent",
    "opened": "Opens",
    "clicked": "Clicks",
    "replied": "Replies",
    "interested": "Interested replies",
    "bounced": "Bounces",
}
METRICS = tuple(_SERIES)


def figures_by_day(campaign: Campaign, since: dt.date) -> dict[dt.date, Figures]:
    """Return a campaign's figures of each day from `since` on."""
    rows: Any = (
        DailyStat.objects.filter(campaign=campaign, date__gte=since)
        .values("date")
        .annotate(**{f"n_{name}": Sum(name) for name in FIGURES})
        .order_by("date")
    )
    return {row["date"]: Counter({name: row[f"n_{name}"] for name in FIGURES}) for row in rows}


def period(by_day: Mapping[dt.date, Figures], today: dt.date, days: int) -> tuple[Figures, Figures]:
    """Return the figures of the last `days` days and of as many before those."""
    now: Figures = Counter()
    before: Figures = Counter()
    edge = today - dt.timedelta(days=days - 1)
    for day, figures in by_day.items():
        (now if day >= edge else before).update(figures)
    return now, before


def series(by_day: Mapping[dt.date, Figures], today: dt.date, days: int, metric: str) -> Series:
    """Return one figure for each of the last days, and for the same days a period earlier."""
    dates = [today - dt.timedelta(days=days - 1 - i) for i in range(days)]
    span = dt.timedelta(days=days)
    nothing: Figures = Counter()
    return Series(
        days=dates,
        now=[by_day.get(day, nothing)[metric] for day in dates],
        before=[by_day.get(day - span, nothing)[metric] for day in dates],
        name=_SERIES[metric],
    )


def metrics(now: Figures, before: Figures) -> list[Metric]:
    """Return the strip of numbers of a period."""
    found = [_count("sent", now, before, "in this period")]
    for key, name, bad_when_up in (
        ("opened", "Opened", False),
        ("clicked", "Clicked", False),
        ("replied", "Replied", False),
        ("interested", "Interested", False),
        ("bounced", "Bounced", True),
    ):
        found.append(_share(key, name, now, before, bad_when_up=bad_when_up))
    return found


def _count(key: str, now: Figures, before: Figures, note: str) -> Metric:
    was, value = before[key], now[key]
    change = f"{100 * (value - was) / was:+.0f}%" if was else ""
    return Metric(key, "E-mails sent", f"{value:,}", change, "", note)


def _share(key: str, name: str, now: Figures, before: Figures, *, bad_when_up: bool) -> Metric:
    of = "replied" if key == "interested" else "sent"
    value, was = rate(now[key], now[of]), rate(before[key], before[of])
    moved = value - was
    change = f"{moved:+.1f} pt" if before[of] and moved else ""
    good = (moved < 0) if bad_when_up else (moved > 0)
    unit = "replies" if of == "replied" else "e-mails"
    tone = "" if not change else "ok" if good else "bad"
    return Metric(key, name, f"{value:g}%", change, tone, f"{now[key]:,} of {now[of]:,} {unit}")


def funnel(campaign: Campaign) -> list[tuple[str, int]]:
    """Return how many people came how far, in one query."""
    counted = Enrolment.objects.filter(campaign=campaign).aggregate(
        enrolled=Count("pk"),
        sent=Count("first_sent_at"),
        bounced=Count("pk", filter=Q(stop_reason=StopReason.BOUNCED, first_sent_at__isnull=False)),
        opened=Count("opened_at"),
        clicked=Count("clicked_at"),
        replied=Count("replied_at"),
        interested=Count("interested_at"),
    )
    return [
        ("Enrolled", counted["enrolled"]),
        ("Sent", counted["sent"]),
        ("Delivered", counted["sent"] - counted["bounced"]),
        ("Opened", counted["opened"]),
        ("Clicked", counted["clicked"]),
        ("Replied", counted["replied"]),
        ("Interested", counted["interested"]),
    ]


def machine_touches(campaign: Campaign) -> dict[str, int]:
    """Return how many e-mails machines alone opened, and clicked: kept, but counted apart."""
    ours = Message.objects.for_agency(campaign.agency_id).filter(
        campaign_key=campaign_key(campaign.pk)
    )
    machines = {"events__agent": AgentClass.MACHINE}
    return {
        "opened": ours.filter(opened_at=None, events__kind=EventKind.OPENED, **machines)
        .distinct()
        .count(),
        "clicked": ours.filter(clicked_at=None, events__kind=EventKind.CLICKED, **machines)
        .distinct()
        .count(),
    }


def performance(campaign: Campaign) -> tuple[list[Row], list[Row]]:
    """Return the figures of each step with its variants, and of each mailbox."""
    totals: Any = (
        DailyStat.objects.filter(campaign=campaign)
        .values("step", "variant", "mailbox")
        .annotate(**{f"n_{name}": Sum(name) for name in FIGURES})
        .order_by()
    )
    by_step: dict[int, Figures] = defaultdict(Counter)
    by_variant: dict[int, Figures] = defaultdict(Counter)
    by_mailbox: dict[int, Figures] = defaultdict(Counter)
    for total in totals:
        figures = Counter({name: total[f"n_{name}"] for name in FIGURES})
        by_step[total["step"]].update(figures)
        by_variant[total["variant"]].update(figures)
        by_mailbox[total["mailbox"]].update(figures)
    steps = [
        _step_row(step, by_step[step.pk], by_variant)
        for step in campaign.steps.prefetch_related("variants")
    ]
    boxes = Mailbox.objects.filter(pk__in=by_mailbox).order_by("address")
    return steps, [Row(box.address, figures=by_mailbox[box.pk]) for box in boxes]


def _step_row(step: SequenceStep, figures: Figures, by_variant: Mapping[int, Figures]) -> Row:
    variants: list[StepVariant] = list(step.variants.all())
    wait = f"+{step.wait} {step.get_wait_unit_display()}" if step.order > 1 else "at once"
    subject = next((one.subject for one in variants if one.subject), "")
    row = Row(
        name=subject or (f"Re: step {step.order - 1}" if step.order > 1 else "No subject yet"),
        note=wait,
        label=str(step.order),
        figures=figures,
    )
    if len(variants) > 1:
        row.variants = [
            Row(
                one.subject or subject or "Same thread", label=one.label, figures=by_variant[one.pk]
            )
            for one in variants
        ]
    return row


def recent_activity(campaign: Campaign, size: int = 8) -> list[MessageEvent]:
    """Return the last things people did with the campaign's e-mails."""
    return list(
        MessageEvent.objects.for_agency(campaign.agency_id)
        .filter(message__campaign_key=campaign_key(campaign.pk))
        .exclude(agent=AgentClass.MACHINE)
        .select_related("message")
        .order_by("-at", "-pk")[:size]
    )


def in_sequence(campaign: Campaign) -> dict[int, int]:
    """Return how many open enrolments wait for each step."""
    rows = (
        Enrolment.objects.filter(campaign=campaign)
        .exclude(status=EnrolmentStatus.FINISHED)
        .values_list(F("next_step"))
        .annotate(Count("pk"))
        .order_by()
    )
    return dict(rows)
