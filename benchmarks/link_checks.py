"""10,000 due links on 200 local hosts, two workers, both killed midway and started again.

Bars: every link is checked, once; every verdict is right; no host is asked sooner than its
delay after its last answer, by either worker. Pages that a killed worker had read and not
yet stored are read again; they are counted, and may be no more than were on their way.
Runs on DATABASE_URL, which should name an empty database, else on SQLite.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import django
from django.core.management import call_command

from benchmarks._sites import TARGET, Sites, sites_running, verdict_of

PATIENCE = 1800.0
# What a worker may hold unstored when it is killed: a part not flushed, and one page a host.
_UNSTORED = 40


def main(argv: list[str] | None = None) -> int:
    """Print the figures; return 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=10_000)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--delay", type=float, default=0.2, help="seconds")
    parser.add_argument("--lease", type=int, default=25, help="seconds")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")
    if options.work:
        return _work()
    with tempfile.TemporaryDirectory() as state, sites_running() as sites:
        os.environ |= {
            "VAR_DIR": state, "LOG_LEVEL": "ERROR", "CRAWLER_PRIVATE_NETWORKS": "127.0.0.0/8",
            "CRAWLER_DELAY": str(options.delay), "DNS_SERVERS": sites.names,
            "LINK_CHECK_LEASE": str(options.lease), "LINK_CHECK_PATIENCE": "600",
        }  # fmt: skip
        django.setup()
        call_command("migrate", verbosity=0)
        return _measure(options, sites)


def _measure(options: argparse.Namespace, sites: Sites) -> int:
    from directory.models import BacklinkCheck  # noqa: PLC0415  # needs Django set up

    _plant(options, sites)
    started = time.monotonic()
    workers = _start(options.workers)
    _wait_for(options.links * 2 // 5, workers)
    for worker in workers:
        worker.kill()
        worker.wait()
    stored = BacklinkCheck.objects.count()
    for worker in _start(options.workers):
        worker.wait(PATIENCE)
    seconds = time.monotonic() - started
    return _report(options, sites.stats(), stored, seconds)


def _plant(options: argparse.Namespace, sites: Sites) -> None:
    """Make the links, due now, a tenth of each kind."""
    from django.utils import timezone  # noqa: PLC0415  # needs Django set up

    from directory.models import Backlink  # noqa: PLC0415  # as above
    from integrations.models import CrawlTurn, RobotsFile  # noqa: PLC0415  # as above
    from tests.factories.accounts import AgencyFactory, ClientFactory  # noqa: PLC0415  # as above

    CrawlTurn.objects.all().delete()
    RobotsFile.objects.all().delete()
    Backlink.objects.all().delete()
    agency = AgencyFactory.create()
    client = ClientFactory.create(agency=agency)
    now = timezone.now() - timedelta(minutes=1)
    Backlink.objects.bulk_create(
        (
            Backlink(
                agency=agency, client=client, status="published", published_at=now,
                next_check_at=now, source_domain=f"h{number % options.hosts}.test",
                source_url=sites.url(number % options.hosts, number // options.hosts),
                target_url=TARGET, expected_rel="dofollow",
            )
            for number in range(options.links)
        ),
        batch_size=1000,
    )  # fmt: skip


def _start(count: int) -> list[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "benchmarks.link_checks", "--work"]
    return [subprocess.Popen(command) for _ in range(count)]  # noqa: S603  # ourselves


def _wait_for(count: int, workers: list[subprocess.Popen[bytes]]) -> None:
    from directory.models import BacklinkCheck  # noqa: PLC0415  # needs Django set up

    end = time.monotonic() + PATIENCE
    while BacklinkCheck.objects.count() < count and time.monotonic() < end:
        if all(worker.poll() is not None for worker in workers):
            return
        time.sleep(0.2)


def _work() -> int:
    """Check what is due until nothing is left, also of what a dead worker holds."""
    django.setup()
    from directory.models import Backlink  # noqa: PLC0415  # needs Django set up
    from directory.services.checking import check_due_links  # noqa: PLC0415  # as above

    while Backlink.objects.filter(last_checked_at__isnull=True).exists():
        check_due_links()
        time.sleep(1)
    return 0


def _report(options: argparse.Namespace, stats: dict[str, Any], stored: int, seconds: float) -> int:
    from directory.models import BacklinkCheck  # noqa: PLC0415  # needs Django set up

    found = BacklinkCheck.objects.values_list("backlink__source_url", "verdict")
    wrong = sum(verdict_of(int(url.rpartition("/")[2])) != verdict for url, verdict in found)
    checks = Counter(BacklinkCheck.objects.values_list("backlink_id", flat=True))
    twice = sum(count > 1 for count in checks.values())
    never = options.links - len(checks)
    again = sum(count - 1 for count in stats["pages"].values())
    allowed = options.workers * (_UNSTORED + options.hosts)
    rested = stats["shortest_rest"]
    good = not (wrong or twice or never) and rested >= options.delay and again <= allowed
    print(
        json.dumps(
            {
                "links": options.links, "hosts": options.hosts, "workers": options.workers,
                "stored when killed": stored, "never checked": never, "checked twice": twice,
                "wrong verdicts": wrong, "pages read again after the kill": again,
                "of at most": allowed, "delay": options.delay,
                "shortest rest of a host": round(rested, 3), "seconds": round(seconds, 1),
                "load": round(os.getloadavg()[0], 2), "bars": "met" if good else "MISSED",
            }
        )
    )  # fmt: skip
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
