"""Gathers what a forecast is made of, in a handful of queries for any number of enrolments."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from django.db.models import F

from accounts.enums import ApprovalMode
from campaigns.enums import CampaignStatus, Delay, EnrolmentStatus, Review, WaitUnit
from campaigns.forecast import (
    HORIZON_DAYS,
    Forecast,
    MailboxPlan,
    Plan,
    StepPlan,
    Waiting,
    forecast,
)
from campaigns.models import Campaign, Enrolment, StepEmail
from campaigns.selectors.rooms import sent_today
from campaigns.windows import WEEKDAYS, Windows
from mailer.enums import MailboxStatus, MessageStatus
from mailer.models import Mailbox
from mailer.rules import cap_on
from mailer.selectors import capacity

_UNDER_WAY = frozenset({MessageStatus.QUEUED, MessageStatus.CLAIMED, MessageStatus.HANDING_OVER})


def campaign_forecast(campaign: Campaign, now: dt.datetime) -> Forecast:
    """Return the days to come of a campaign (agency at hand), as if launched now if it is not."""
    boxes = list(campaign.mailboxes.all())
    return forecast(_plan(campaign, boxes, now), _waiting(campaign, boxes, now))


def _plan(campaign: Campaign, boxes: list[Mailbox], now: dt.datetime) -> Plan:
    active = [box for box in boxes if box.status == MailboxStatus.ACTIVE]
    free = capacity(active, now=now)
    today = now.astimezone(campaign.agency.zone).date()
    left = max(0, campaign.daily_cap - sent_today(campaign, now))
    return Plan(
        now=now,
        zone=campaign.time_zone,
        days=frozenset(campaign.send_days or WEEKDAYS),
        start=campaign.send_from,
        end=campaign.send_until,
        holidays=Windows(campaign, now).holidays,
        start_on=campaign.start_on,
        caps=[left, *[campaign.daily_cap] * (HORIZON_DAYS - 1)],
        steps=[
            StepPlan(step.order, step.wait, step.wait_unit == WaitUnit.BUSINESS_DAYS)
            for step in campaign.steps.all()
        ],
        mailboxes=[_mailbox_plan(box, free[box.pk].left, today) for box in active],
        standstill=_standstill(campaign),
    )


def _mailbox_plan(box: Mailbox, left: int, today: dt.date) -> MailboxPlan:
    later = [
        cap_on(
            today + dt.timedelta(days=day),
            daily_cap=box.daily_cap,
            start=box.ramp_start,
            step=box.ramp_step,
            started_on=box.ramp_started_on,
        )
        for day in range(1, HORIZON_DAYS)
    ]
    pace = max(box.gap_seconds + box.gap_jitter_seconds / 2, 3600 / box.hourly_cap)
    return MailboxPlan(box.pk, [max(0, left), *later], pace)


def _standstill(campaign: Campaign) -> Delay | None:
    if campaign.status != CampaignStatus.RUNNING:
        return Delay.NOT_RUNNING
    if campaign.approved_version != campaign.content_version:
        return Delay.NOT_APPROVED
    return None


def _waiting(campaign: Campaign, boxes: list[Mailbox], now: dt.datetime) -> Iterator[Waiting]:
    held, skipped = _reviews(campaign)
    windows = Windows(campaign, now)
    away = {box.pk for box in boxes if box.status != MailboxStatus.ACTIVE}
    each = campaign.approval_mode == ApprovalMode.EACH_EMAIL
    rows = (
        Enrolment.objects.filter(campaign=campaign)
        .exclude(status=EnrolmentStatus.FINISHED)
        .order_by(F("due_at").asc(nulls_first=True), "pk")
        .values_list(
            "pk",
            "next_step",
            "due_at",
            "mailbox",
            "lead__time_zone",
            "status",
            "paused_until",
            "first_sent_at",
        )
    )
    for pk, step, due_at, mailbox, zone, status, until, started in rows.iterator():
        state = held.get((pk, step))
        reason = state if state != Delay.REVIEW or each else None
        if each and (pk, step) not in held:
            reason = Delay.REVIEW
        if status == EnrolmentStatus.PAUSED:
            reason = Delay.OUT_OF_OFFICE if until else _held_by(state)
        elif started and mailbox in away:
            reason = Delay.MAILBOX_AWAY
        yield Waiting(
            enrolment=pk,
            next_step=step,
            due_at=max(due_at or now, until or now),
            mailbox=mailbox,
            zone=windows.zone_of(zone),
            held=reason,
            skipped=skipped.get(pk, frozenset()),
        )


def _held_by(state: Delay | None) -> Delay:
    return Delay.UNRESOLVED if state == Delay.UNRESOLVED else Delay.BY_HAND


def _reviews(
    campaign: Campaign,
) -> tuple[dict[tuple[int, int], Delay | None], dict[int, frozenset[int]]]:
    """Return what each unsent e-mail waits for, by enrolment and step, and skipped steps."""
    held: dict[tuple[int, int], Delay | None] = {}
    skipped: dict[int, set[int]] = defaultdict(set)
    rows = StepEmail.objects.filter(campaign=campaign, message__sent_at=None).values_list(
        "enrolment", "step__order", "review", "unresolved", "message__status"
    )
    for enrolment, order, review, unresolved, status in rows.iterator():
        if review == Review.SKIPPED:
            skipped[enrolment].add(order)
        elif status in _UNDER_WAY:
            held[enrolment, order] = Delay.QUEUED
        elif unresolved:
            held[enrolment, order] = Delay.UNRESOLVED
        else:
            held[enrolment, order] = Delay.REVIEW if review == Review.DRAFTED else None
    return held, {enrolment: frozenset(orders) for enrolment, orders in skipped.items()}
