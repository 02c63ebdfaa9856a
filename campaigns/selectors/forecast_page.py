"""The forecast as its page shows it: days by mailbox, and what waits for what."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from campaigns.forecast import Forecast, Predicted, by_enrolment
from campaigns.models import Campaign, Enrolment
from campaigns.selectors.forecasts import campaign_forecast
from mailer.models import Mailbox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from campaigns.enums import Delay

SHOWN = 30


def forecast_page(campaign: Campaign, now: dt.datetime) -> dict[str, Any]:
    """Return the days, mailboxes, reasons and next e-mails of a campaign's forecast."""
    found = campaign_forecast(campaign, now)
    used = {mailbox for day in found.days.values() for mailbox in day}
    boxes = list(Mailbox.objects.filter(pk__in=used).order_by("address"))
    days = [
        {
            "date": day,
            "total": sum(found.days[day].values()),
            "cells": [found.days[day][box.pk] for box in boxes],
        }
        for day in sorted(found.days)
    ]
    return {
        "days": days,
        "boxes": boxes,
        "busiest": max((sum(day.values()) for day in found.days.values()), default=0),
        "planned": sum(sum(day.values()) for day in found.days.values()),
        "unsent": len(found.emails),
        "last_at": found.last_at,
        "reasons": _reasons(found),
        "next": _next(found),
    }


def _reasons(found: Forecast) -> list[dict[str, Any]]:
    """Return each reason with its number and the first predicted time."""
    first: dict[Delay, dt.datetime] = {}
    for email in found.emails:
        if email.at and (email.reason not in first or email.at < first[email.reason]):
            first[email.reason] = email.at
    return [
        {"reason": reason, "number": number, "first": first.get(reason)}
        for reason, number in found.reasons.items()
    ]


def _next(found: Forecast) -> list[dict[str, Any]]:
    """Return the next e-mails with their people, soonest first, those without a time last."""
    never = dt.datetime.max.replace(tzinfo=dt.UTC)
    coming = sorted(by_enrolment(found).values(), key=lambda email: email.at or never)[:SHOWN]
    people = {
        one.pk: one
        for one in Enrolment.objects.filter(
            pk__in=[email.enrolment for email in coming]
        ).select_related("lead")
    }
    return [
        {"email": email, "enrolment": people[email.enrolment]}
        for email in coming
        if email.enrolment in people
    ]


def forecast_json(campaign: Campaign, now: dt.datetime) -> dict[str, Any]:
    """Return the forecast as plain values: per day and mailbox, and each unsent e-mail."""
    found = campaign_forecast(campaign, now)
    addresses = dict(Mailbox.objects.filter(agency=campaign.agency).values_list("pk", "address"))
    people = dict(
        Enrolment.objects.filter(campaign=campaign).values_list("pk", "lead__email").iterator()
    )
    days: dict[str, dict[str, int]] = defaultdict(dict)
    for day in sorted(found.days):
        for mailbox, number in sorted(found.days[day].items()):
            days[day.isoformat()][addresses[mailbox]] = number
    return {
        "campaign": campaign.slug,
        "status": campaign.status,
        "days": days,
        "reasons": {str(reason): number for reason, number in found.reasons.items()},
        "emails": [_email_json(email, people, addresses) for email in found.emails],
    }


def _email_json(
    email: Predicted, people: Mapping[int, str | None], addresses: Mapping[int, str]
) -> dict[str, Any]:
    return {
        "enrolment": email.enrolment,
        "to": people.get(email.enrolment),
        "step": email.step,
        "reason": str(email.reason),
        "sentence": email.reason.label,
        "at": email.at.isoformat() if email.at else None,
        "mailbox": addresses.get(email.mailbox) if email.mailbox else None,
    }
