"""Looks at one page for one link and prints the verdict with its evidence as JSON."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from directory.enums import LinkType
from directory.pages.wishes import Wish
from directory.services.looking import Look, look_at
from integrations.crawler.doors import Doors

_LOCAL = ("127.0.0.0/8", "::1/128")


class Command(BaseCommand):
    """`manage.py check_link --source URL --target URL`."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", required=True, help="the page that should link")
        parser.add_argument("--target", required=True, help="the address it should link to")
        parser.add_argument("--expect-rel", default="", choices=["", *LinkType.values])
        parser.add_argument("--expect-anchor", default="")
        parser.add_argument(
            "--allow-private", action="store_true", help="also visit this machine, at any port"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wish = Wish(options["target"], options["expect_rel"], options["expect_anchor"])
        doors = Doors.from_settings()
        if options["allow_private"]:
            doors = Doors(networks=_LOCAL, ports=sorted(doors.ports))
        ((_, finding),) = look_at([Look(0, options["source"], wish)], doors=doors)
        told = {
            "verdict": str(finding.verdict),
            "reason": finding.reason,
            "changes": [change.as_json() for change in finding.changes],
            "evidence": finding.evidence,
            "evidence_digest": finding.digest,
        }
        self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
