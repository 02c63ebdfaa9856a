"""Proves the daily figures equal to what messages and replies say, or makes them so."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.models import Campaign
from campaigns.services.stats import rebuild_figures, stored_figures, true_figures


class Command(BaseCommand):
    """See the module's docstring."""

    help = "Rebuild the daily figures of campaigns; with --check only compare."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--agency", help="slug; every agency when left out")
        parser.add_argument("--check", action="store_true", help="change nothing, fail if unequal")

    def handle(self, *args: Any, **options: Any) -> None:
        campaigns = Campaign.objects.select_related("agency").order_by("pk")
        if options["agency"]:
            campaigns = campaigns.filter(agency__slug=options["agency"])
        wrong = [one for one in campaigns if true_figures(one) != stored_figures(one)]
        for campaign in wrong:
            self.stdout.write(f"{campaign.agency.slug}/{campaign.slug}: figures differ")
            if not options["check"]:
                rebuild_figures(campaign)
        if options["check"] and wrong:
            raise CommandError(f"{len(wrong)} campaigns differ.")
        self.stdout.write(f"{len(wrong)} of {campaigns.count()} campaigns differed.")
