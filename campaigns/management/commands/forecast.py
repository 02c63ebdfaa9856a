"""Prints what a campaign will send when, from which mailbox, and why each e-mail waits."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q
from django.utils import timezone

from campaigns.enums import Delay
from campaigns.models import Campaign
from campaigns.selectors.forecast_page import forecast_json

SHOWN = 100


class Command(BaseCommand):
    """See the module's docstring."""

    help = "Forecast of a campaign: per day and mailbox, and the reason of each unsent e-mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("campaign", help="slug or id")
        parser.add_argument("--agency", help="slug, when several agencies have such a campaign")
        parser.add_argument("--json", action="store_true", help="print JSON, every e-mail in it")

    def handle(self, *args: Any, **options: Any) -> None:
        found = forecast_json(_campaign(options["campaign"], options["agency"]), timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(found, indent=2))
            return
        for line in _lines(found):
            self.stdout.write(line)


def _campaign(name: str, agency: str | None) -> Campaign:
    wanted = Q(slug=name) | (Q(pk=int(name)) if name.isdecimal() else Q())
    rows = Campaign.objects.filter(wanted).select_related("agency", "client", "owner")
    if agency:
        rows = rows.filter(agency__slug=agency)
    found = list(rows[:2])
    if not found:
        raise CommandError(f"There is no campaign “{name}”.")
    if len(found) > 1:
        raise CommandError(f"Several agencies have a campaign “{name}”; name one with --agency.")
    return found[0]


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [f"{found['campaign']} ({found['status']})", ""]
    for day, boxes in found["days"].items():
        each = ", ".join(f"{address} {number}" for address, number in boxes.items())
        lines.append(f"{day}  {sum(boxes.values()):>6}  {each}")
    lines += ["", "Unsent e-mails"]
    lines += [f"{number:>6}  {Delay(reason).label}" for reason, number in found["reasons"].items()]
    lines.append("")
    for email in found["emails"][:SHOWN]:
        when = email["at"] or "no time"
        lines.append(f"{email['to']}  step {email['step']}  {when}  {email['sentence']}")
    if len(found["emails"]) > SHOWN:
        lines.append(f"… and {len(found['emails']) - SHOWN:,} more; --json has them all.")
    return lines
