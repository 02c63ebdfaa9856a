"""The broker wiped and the database restarted under real workers, while mail flows.

`python -m benchmarks.outage` starts a Redis and a PostgreSQL of its own, two Celery workers and
beat, and queues mail all the while. REDIS_WIPES times it empties the broker, RESTARTS times it
restarts PostgreSQL (in turn decently and as by a crash). After each it waits until an e-mail
queued since arrives at the sink. Bars: lost 0, twice 0, flowing again within 60 s each time, no
process ended, and every invariant of `manage.py check_outbox`. Exit code 1 when one is missed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks._private import Cluster, migrated, missing, private_cluster, private_redis

if TYPE_CHECKING:
    from mailer.models import Mailbox

WITHIN = 60.0
GIVE_UP = 180.0
BATCH = 5
PACE = 0.5  # seconds between two batches
_CELERY = [sys.executable, "-m", "celery", "--quiet", "-A", "outreach_project"]
_WORKER = ["worker", "--concurrency", "2", "--loglevel", "error", "--without-mingle"]
_BEAT = ["beat", "--loglevel", "error", "--pidfile="]


def main(argv: list[str] | None = None) -> int:
    """Print the figures; return 1 when a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wipes", type=int, default=10)
    parser.add_argument("--restarts", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    if lacking := missing():
        print(f"Not installed here: {', '.join(lacking)}.")
        return 1
    with ExitStack() as stack:
        cluster = stack.enter_context(private_cluster())
        redis = stack.enter_context(private_redis())
        state = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ |= {"DATABASE_URL": cluster.url, "REDIS_URL": redis, "VAR_DIR": state}
        os.environ |= {"SANDBOX": "0", "LOG_LEVEL": "ERROR", "ALLOW_PRIVATE_MAIL_HOSTS": "1"}
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")
        migrated(dict(os.environ))
        figures = _drill(options, cluster, Path(state))
    print(json.dumps(figures, indent=None if options.json else 2))
    return int(bool(figures["missed"]))


def _drill(options: argparse.Namespace, cluster: Cluster, state: Path) -> dict[str, Any]:
    import django  # noqa: PLC0415  # needs the environment

    django.setup()
    from benchmarks import crash  # noqa: PLC0415  # after set-up

    record = state / "received"
    record.touch()
    port = crash.FORK.Value("i", 0)
    sink = crash.FORK.Process(target=crash.receive, args=(str(record), port, 0.02), daemon=True)
    sink.start()
    while not port.value:
        time.sleep(0.02)
    staff = [_Hired([*_CELERY, *_WORKER, "-n", f"w{n}@%h"], state / f"worker{n}") for n in (1, 2)]
    staff.append(_Hired([*_CELERY, *_BEAT], state / "beat"))
    flow = Flow(_mailboxes(port.value), record, staff)
    try:
        flow.until_flowing(time.monotonic())
        waits: dict[str, list[float]] = {"broker wiped": [], "database restarted": []}
        for number in range(max(options.wipes, options.restarts)):
            if number < options.wipes:
                waits["broker wiped"].append(flow.through(_wipe))
            if number < options.restarts:
                mode = ("fast", "immediate")[number % 2]
                restart = partial(_restart, cluster, mode)
                waits["database restarted"].append(flow.through(restart))
        flow.drain()
        return _count(flow, waits)
    finally:
        for one in staff:
            one.stop()
        sink.kill()


def _wipe() -> None:
    import redis  # noqa: PLC0415  # as the others

    redis.Redis.from_url(os.environ["REDIS_URL"]).flushall()


def _restart(cluster: Cluster, mode: str) -> None:
    cluster.stop(mode)
    time.sleep(1)
    cluster.start()


def _mailboxes(port: int) -> "list[Mailbox]":
    from tests.factories.accounts import AgencyFactory  # noqa: PLC0415  # after set-up
    from tests.factories.compliance import AssessmentFactory  # noqa: PLC0415
    from tests.factories.mailer import MailboxFactory  # noqa: PLC0415

    agency = AgencyFactory.create(recipient_domain_daily_cap=10_000)
    AssessmentFactory.create(agency=agency)
    many = {"agency": agency, "smtp_port": port, "daily_cap": 50_000, "hourly_cap": 10_000}
    return [MailboxFactory.create(address=f"b{n}@agency.example", **many) for n in range(6)]


@dataclass
class _Hired:
    """A process that a supervisor would start again; each end counts."""

    command: list[str]
    log: Path
    ends: int = 0
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self._start()

    def _start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)  # noqa: S603  # our own worker

    def look(self) -> None:
        """Start it again if it ended."""
        if self.process is not None and self.process.poll() is not None:
            self.ends += 1
            self._start()

    def errors(self) -> int:
        """Return how many errors it logged: that the database or broker was away, mostly."""
        return sum(" level='error'" in line for line in self.log.read_text().splitlines())

    def stop(self) -> None:
        """End it for good."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()


@dataclass
class Flow:
    """Mail that is queued all the while, and what of it has arrived."""

    mailboxes: "list[Mailbox]"
    record: Path
    staff: list[_Hired]
    queued: int = 0
    refused: int = 0
    ids: list[str] = field(default_factory=list)

    def feed(self) -> list[str]:
        """Queue a few e-mails, as web processes would; return their ids, none while it is away."""
        from django.db import DatabaseError, InterfaceError, connection  # noqa: PLC0415

        from mailer.services.outbox import queue_messages  # noqa: PLC0415  # after set-up
        from tests.factories.mailer import draft  # noqa: PLC0415

        drafts = [
            draft(
                self.mailboxes[number % len(self.mailboxes)],
                to_address=f"editor{number}@site{number}.example",
                idempotency_key=f"flow-{number}",
            )
            for number in range(self.queued, self.queued + BATCH)
        ]
        try:
            made = queue_messages(drafts)
        except (DatabaseError, InterfaceError):
            connection.close()
            self.refused += 1
            return []
        self.queued += BATCH
        self.ids += [message.message_id for message in made]
        return [message.message_id for message in made]

    def through(self, trouble: Any) -> float:
        """Bring the trouble on, and return the seconds until mail queued since arrives."""
        started = time.monotonic()
        trouble()
        waited = self.until_flowing(started)
        for _ in range(4):
            self.feed()
            time.sleep(PACE)
        return round(waited, 1)

    def until_flowing(self, since: float) -> float:
        """Feed until one of the e-mails queued from now on arrives."""
        fresh: set[str] = set()
        while time.monotonic() - since < GIVE_UP:
            fresh.update(self.feed())
            time.sleep(PACE)
            for one in self.staff:
                one.look()
            if fresh & set(self.arrived()):
                return time.monotonic() - since
        return GIVE_UP

    def arrived(self) -> list[str]:
        """Return the Message-IDs the sink took."""
        return self.record.read_text().split()

    def drain(self) -> None:
        """Wait until nothing moves any more."""
        from benchmarks.crash import in_motion  # noqa: PLC0415  # after set-up

        deadline = time.monotonic() + GIVE_UP
        while time.monotonic() < deadline and in_motion():
            time.sleep(0.5)


def _count(flow: Flow, waits: dict[str, list[float]]) -> dict[str, Any]:
    from datetime import timedelta  # noqa: PLC0415

    from mailer.models import Message  # noqa: PLC0415  # after set-up
    from mailer.services.invariants import check_outbox  # noqa: PLC0415
    from mailer.services.sending import reap  # noqa: PLC0415

    reap()
    states = Counter(Message.objects.values_list("status", flat=True))
    at_sink = Counter(flow.arrived())
    sent = Message.objects.filter(status="sent").values_list("message_id", flat=True)
    figures: dict[str, Any] = {
        "queued": flow.queued,
        "states": dict(states),
        "received": at_sink.total(),
        "lost": flow.queued - states["sent"] - states["uncertain"],
        "sent_absent": sum(1 for one in sent if not at_sink[one]),
        "twice": sum(number - 1 for number in at_sink.values()),
        "seconds_until_flowing": waits,
        "processes_ended": {one.log.name: one.ends for one in flow.staff},
        "errors_logged": {one.log.name: one.errors() for one in flow.staff},
        "broken": [finding.rule for finding in check_outbox(patience=timedelta()).findings],
        "load": round(os.getloadavg()[0], 1),
    }
    missed = [name for name in ("lost", "sent_absent", "twice", "broken") if figures[name]]
    slow = [what for what, seconds in waits.items() if max(seconds, default=0) > WITHIN]
    ended = [one.log.name for one in flow.staff if one.ends]
    figures["missed"] = [*missed, *slow, *(f"{name} ended" for name in ended)]
    return figures


if __name__ == "__main__":
    sys.exit(main())
