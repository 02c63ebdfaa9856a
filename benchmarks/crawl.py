"""Crawling 2,000 pages of 20 kB on 200 local hosts, beside aiohttp only fetching them.

Three ways in rotation, each in a process of its own: `aiohttp` fetches and reads, nothing
more; `crawl` is our crawler (DNS, checks, robots.txt, turns in the database, decoding);
`check` also judges each page for its link. The figure is the processor time of the process,
user and system, without the servers. Bars: `check` ≤ 5 × `aiohttp` (median of ROUNDS), no
host asked sooner than its delay after its last answer. Runs on DATABASE_URL, else on SQLite.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

import django
from django.core.management import call_command

from benchmarks._sites import TARGET, Sites, sites_running, verdict_of

WAYS = ("aiohttp", "crawl", "check")
BAR = 5.0


def main(argv: list[str] | None = None) -> int:
    """Print the figures; return 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--pages", type=int, default=10, help="of each host")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--delay", type=float, default=0.2, help="seconds")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--names", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")
    if options.way:
        print(json.dumps(_one_way(options)))
        return 0
    with tempfile.TemporaryDirectory() as state:
        os.environ |= {"VAR_DIR": state, "LOG_LEVEL": "ERROR"}
        django.setup()
        call_command("migrate", verbosity=0)
        return _compare(options)


def _compare(options: argparse.Namespace) -> int:
    figures: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for _ in range(options.rounds):
        for way in WAYS:
            with sites_running() as sites:
                figures[way].append(_run(way, options, sites))
    pages = options.hosts * options.pages
    median = {way: statistics.median(one["cpu"] for one in figures[way]) for way in WAYS}
    rests = {way: min(one["rest"] for one in figures[way]) for way in WAYS}
    wrong = sum(one["wrong"] for way in WAYS for one in figures[way])
    for way in WAYS:
        took = statistics.median(one["seconds"] for one in figures[way])
        print(
            f"{way:8} {median[way] / pages * 1000:6.2f} ms of processor a page,"
            f" {median[way] / median['aiohttp']:5.2f} × aiohttp, {took:5.1f} s,"
            f" shortest rest of a host {rests[way]:.3f} s"
        )
    rested = min(rests["crawl"], rests["check"])
    good = median["check"] / median["aiohttp"] <= BAR and rested >= options.delay and not wrong
    print(
        f"{pages} pages on {options.hosts} hosts, delay {options.delay} s, {options.rounds} rounds,"
        f" {wrong} pages or verdicts wrong, bar {BAR} ×: {'met' if good else 'MISSED'}"
        f" (load {os.getloadavg()[0]:.2f})"
    )
    return 0 if good else 1


def _run(way: str, options: argparse.Namespace, sites: Sites) -> dict[str, Any]:
    command = [
        sys.executable, "-m", "benchmarks.crawl", "--way", way, "--port", str(sites.port),
        "--names", sites.names, "--hosts", str(options.hosts), "--pages", str(options.pages),
        "--delay", str(options.delay),
    ]  # fmt: skip
    child = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # ourselves
    told: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    return told | {"rest": sites.stats()["shortest_rest"]}


def _one_way(options: argparse.Namespace) -> dict[str, Any]:
    os.environ |= {
        "CRAWLER_PRIVATE_NETWORKS": "127.0.0.0/8", "CRAWLER_DELAY": str(options.delay),
        "DNS_SERVERS": options.names, "CRAWLER_CONNECTIONS": str(options.hosts),
    }  # fmt: skip
    django.setup()
    from django.db import connection  # noqa: PLC0415  # needs Django set up

    from integrations.models import CrawlTurn, RobotsFile  # noqa: PLC0415  # as above

    CrawlTurn.objects.all().delete()
    RobotsFile.objects.all().delete()
    sites = Sites(options.port, options.names)
    urls = [sites.url(host, page) for host in range(options.hosts) for page in range(options.pages)]
    before, started = _cpu(), time.perf_counter()
    wrong = {"aiohttp": _fetch, "crawl": _crawl, "check": _check}[options.way](urls, options)
    figures = {"cpu": _cpu() - before, "seconds": time.perf_counter() - started, "wrong": wrong}
    connection.close()
    return figures


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _fetch(urls: list[str], options: argparse.Namespace) -> int:
    """Fetch with aiohttp, as many at once as there are hosts, one a host; count what is missing."""
    import aiohttp  # noqa: PLC0415  # only this way needs it
    from aiohttp.abc import AbstractResolver  # noqa: PLC0415  # as above

    class Local(AbstractResolver):
        async def resolve(self, host: str, port: int = 0, family: Any = 0) -> Any:
            return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 0,
                     "flags": 0}]  # fmt: skip

        async def close(self) -> None:
            pass

    async def all_pages() -> int:
        line = aiohttp.TCPConnector(resolver=Local(), limit=options.hosts, limit_per_host=1)
        async with aiohttp.ClientSession(connector=line) as session:

            async def one(url: str) -> bool:
                async with session.get(url) as response:
                    await response.read()
                    return response.status in {200, 403, 410}

            done = await asyncio.gather(*map(one, urls))
        return done.count(False)  # list's own signature

    return asyncio.run(all_pages())


def _crawl(urls: list[str], options: argparse.Namespace) -> int:
    from integrations.crawler.crawl import crawl  # noqa: PLC0415  # needs Django set up

    return len(urls) - sum(1 for page in crawl(urls, patience=300) if page.status)


def _check(urls: list[str], options: argparse.Namespace) -> int:
    from directory.pages.wishes import Wish  # noqa: PLC0415  # needs Django set up
    from directory.services.looking import Look, look_at  # noqa: PLC0415  # as above

    wish = Wish(TARGET, "dofollow")
    looks = [Look(number, url, wish) for number, url in enumerate(urls)]
    right = sum(
        1
        for look, finding in look_at(looks, patience=300)
        if finding.verdict == verdict_of(int(look.url.rpartition("/")[2]))
    )
    return len(urls) - right


if __name__ == "__main__":
    sys.exit(main())
