"""Slow servers beside prompt ones: what tarpits cost the others.

`python -m benchmarks.tarpit` sends MAILS e-mails from each of HEALTHY mailboxes with WORKERS
worker processes, with and without TARPITS mailboxes whose server answers a byte a second,
in rotation. Bar: with the tarpits the others keep 95 % of their rate (median of ROUNDS
pairs).
Uses DATABASE_URL when that is set (an empty database), else a SQLite file thrown away.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django

FORK = multiprocessing.get_context("fork")
BAR = 0.95
PATIENCE = 300.0


def main(argv: list[str] | None = None) -> int:
    """Print the figures; return 1 when the bar is missed."""
    options = _options(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")
    os.environ["SANDBOX"] = "0"
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    with tempfile.TemporaryDirectory() as folder:
        if "DATABASE_URL" not in os.environ:
            os.environ["VAR_DIR"] = folder
        django.setup()
        figures = run(options)
    print(json.dumps(figures, indent=None if options.json else 2))
    return int(figures["ratio"] < BAR)


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=60, help="from each prompt mailbox")
    parser.add_argument("--healthy", type=int, default=20)
    parser.add_argument("--tarpits", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--answer", type=float, default=0.06, help="seconds a prompt server takes")
    parser.add_argument("--drip", type=float, default=1.0, help="seconds a byte of a tarpit takes")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(argv if argv is not None else sys.argv[1:])


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure both in rotation; the first pair warms up and does not count."""
    from django.core.management import call_command  # noqa: PLC0415  # after set-up

    call_command("migrate", verbosity=0)
    rates: dict[bool, list[float]] = {False: [], True: []}
    with _servers(options) as ports:
        for number in range(options.rounds + 1):
            for tarpits in (False, True) if number % 2 else (True, False):
                rate = _round(options, ports, tarpits=tarpits)
                if number:
                    rates[tarpits].append(rate)
    alone, beside = statistics.median(rates[False]), statistics.median(rates[True])
    # Pair by pair: whatever else the machine does meanwhile hits both of a pair.
    pairs = [with_them / without for without, with_them in zip(*rates.values(), strict=True)]
    return {
        "database": "PostgreSQL" if "DATABASE_URL" in os.environ else "SQLite",
        "workers": options.workers,
        "healthy": options.healthy,
        "tarpits": options.tarpits,
        "mails_a_round": options.mails * options.healthy,
        "rate_alone": round(alone, 1),
        "rate_beside_tarpits": round(beside, 1),
        "rounds_alone": [round(rate, 1) for rate in rates[False]],
        "rounds_beside": [round(rate, 1) for rate in rates[True]],
        "ratio": round(statistics.median(pairs), 3),
        "bar": BAR,
        "load": round(os.getloadavg()[0], 2),
    }


# Servers, in a process of their own -----------------------------------------------------


@contextmanager
def _servers(options: argparse.Namespace) -> Iterator[tuple[int, int]]:
    ports = FORK.Array("i", 2)
    process = FORK.Process(target=_serve, args=(ports, options.answer, options.drip), daemon=True)
    process.start()
    while not (ports[0] and ports[1]):
        time.sleep(0.02)
    try:
        yield ports[0], ports[1]
    finally:
        process.kill()
        process.join()


def _serve(ports: Any, answer: float, drip: float) -> None:
    from tests.servers.faulty_smtp import FaultySmtp, faulty_smtp  # noqa: PLC0415

    steps = ("banner", "ehlo", "auth", "mail", "rcpt", "data", "body", "rset", "quit")
    slow = FaultySmtp(faults=dict.fromkeys(steps, "trickle"), drip=drip)
    with faulty_smtp(FaultySmtp(delay=answer)) as prompt, faulty_smtp(slow):
        ports[0], ports[1] = prompt.port, slow.port
        threading.Event().wait()


# One round ------------------------------------------------------------------------------


def _round(options: argparse.Namespace, ports: tuple[int, int], *, tarpits: bool) -> float:
    """Send everything prompt there is; returns e-mails a second."""
    from django.db import connections  # noqa: PLC0415  # after set-up

    agency = _queue(options, ports, tarpits=tarpits)
    connections.close_all()
    began = time.monotonic()
    workers = [FORK.Process(target=_work, daemon=True) for _ in range(options.workers)]
    for worker in workers:
        worker.start()
    try:
        _await_sent(agency, options, began)
        seconds = time.monotonic() - began
    finally:
        for worker in workers:
            worker.kill()
            worker.join()
    _clear(agency)
    return float(options.mails * options.healthy / seconds)


def _await_sent(agency: int, options: argparse.Namespace, began: float) -> None:
    from mailer.models import Message  # noqa: PLC0415  # after set-up

    sent = Message.objects.filter(agency=agency, status="sent")
    while sent.count() < options.mails * options.healthy:
        if time.monotonic() > began + PATIENCE:
            raise SystemExit(f"only {sent.count()} e-mails after {PATIENCE:.0f} s")
        time.sleep(0.05)


def _queue(options: argparse.Namespace, ports: tuple[int, int], *, tarpits: bool) -> int:
    from mailer.services.outbox import queue_messages  # noqa: PLC0415  # after set-up
    from tests.factories.accounts import AgencyFactory  # noqa: PLC0415
    from tests.factories.compliance import AssessmentFactory  # noqa: PLC0415
    from tests.factories.mailer import MailboxFactory, draft  # noqa: PLC0415

    agency = AgencyFactory.create(slug=f"tarpit-{time.time_ns()}")
    AssessmentFactory.create(agency=agency)
    # The tarpits come first: they are what a worker meets before all else.
    wanted = [ports[1]] * (options.tarpits if tarpits else 0) + [ports[0]] * options.healthy
    drafts = []
    for number, port in enumerate(wanted):
        box = MailboxFactory.create(
            agency=agency,
            address=f"box{number}@agency.example",
            smtp_port=port,
            daily_cap=50_000,
            hourly_cap=10_000,
        )
        drafts += [draft(box) for _ in range(options.mails)]
    for start in range(0, len(drafts), 500):
        queue_messages(drafts[start : start + 500])
    return int(agency.pk)


def _work() -> None:
    from django.conf import settings  # noqa: PLC0415  # after set-up

    from mailer.services.sending import send_due  # noqa: PLC0415

    while True:
        if not send_due(threads=settings.SEND_THREADS).mailboxes:
            time.sleep(0.1)


def _clear(agency: int) -> None:
    from mailer.models import Mailbox, Message  # noqa: PLC0415  # after set-up

    Message.objects.filter(agency=agency).exclude(status="sent").update(status="cancelled")
    Mailbox.objects.filter(agency=agency).update(status="archived", lease_until=None)


if __name__ == "__main__":
    sys.exit(main())
