"""Mail under fire: workers killed with SIGKILL while they send, then counted at the sink.

`python -m benchmarks.crash` sends MAILS messages from MAILBOXES mailboxes with WORKERS
processes, kills a whole worker KILLS times, and compares what the SMTP sink received with
what the table says. Bars: duplicates 0, unaccounted 0, sent but absent at the sink 0,
uncertain no more than open connections × kills, with a prompt sink ≤ 1 %, and every
invariant of `manage.py check_outbox`. Exit code 1 when one is missed. `--sink slow` answers
DATA after half a second, `prompt` at once; `--delay` sets it. Runs on DATABASE_URL, which
should name an empty database.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

FORK = multiprocessing.get_context("fork")
PATIENCE = 600.0
# Seconds the sink waits before it takes an e-mail, and the mean pause between two kills.
SINKS = {"slow": (0.5, 0.4), "prompt": (0.0, 0.15)}
THREADS = 4


def main(argv: list[str] | None = None) -> int:
    """Print the figures; return how many bars were missed."""
    options = _options(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")
    os.environ.setdefault("SANDBOX", "0")
    django.setup()
    figures = run(options)
    print(json.dumps(figures, indent=None if options.json else 2))
    return int(bool(figures["missed"]))


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--mailboxes", type=int, default=16)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--sink", choices=SINKS, default="slow")
    parser.add_argument("--delay", type=float, help="seconds the sink waits")
    parser.add_argument("--pause", type=float, help="seconds between kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--migrate", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv if argv is not None else sys.argv[1:])
    delay, pause = SINKS[options.sink]
    options.delay = delay if options.delay is None else options.delay
    options.pause = pause if options.pause is None else options.pause
    return options


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Queue, send under fire, and count."""
    if options.migrate:
        from django.core.management import call_command  # noqa: PLC0415  # after set-up

        call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "received"
        record.touch()
        port = FORK.Value("i", 0)
        sink = FORK.Process(target=receive, args=(str(record), port, options.delay), daemon=True)
        _forget_connections()
        sink.start()
        while not port.value:
            time.sleep(0.02)
        _queue(options, port.value)
        started = time.monotonic()
        kills = _fire(options)
        seconds = time.monotonic() - started
        sink.kill()
        sink.join()
        return _count(options, record.read_text().split(), kills, seconds)


def _forget_connections() -> None:
    from django.db import connections  # noqa: PLC0415  # after set-up

    connections.close_all()


def _queue(options: argparse.Namespace, port: int) -> None:
    from mailer.services.outbox import queue_messages  # noqa: PLC0415  # after set-up
    from tests.factories.accounts import AgencyFactory  # noqa: PLC0415
    from tests.factories.compliance import AssessmentFactory  # noqa: PLC0415
    from tests.factories.mailer import MailboxFactory, draft  # noqa: PLC0415

    slug = f"crash-{time.time_ns()}"
    agency = AgencyFactory.create(slug=slug, recipient_domain_daily_cap=10_000)
    AssessmentFactory.create(agency=agency)
    boxes = [
        MailboxFactory.create(
            agency=agency,
            address=f"box{number}@agency.example",
            smtp_port=port,
            daily_cap=50_000,
            hourly_cap=10_000,
        )
        for number in range(options.mailboxes)
    ]
    drafts = [
        draft(
            boxes[number % len(boxes)],
            to_address=f"editor{number}@site{number}.example",
            idempotency_key=f"{slug}-{number}",
        )
        for number in range(options.mails)
    ]
    for start in range(0, len(drafts), 500):
        queue_messages(drafts[start : start + 500])


def _fire(options: argparse.Namespace) -> int:
    """Run workers, kill and replace them, until every message has come to rest."""
    # Which worker dies when must be repeatable, not secret.
    dice = random.Random(options.seed)  # noqa: S311
    workers = [_start() for _ in range(options.workers)]
    kills, deadline = 0, time.monotonic() + PATIENCE
    while time.monotonic() < deadline and (kills < options.kills or in_motion()):
        time.sleep(dice.uniform(0.2, 1.8) * options.pause)
        if kills < options.kills and in_motion():
            victim = dice.randrange(len(workers))
            os.kill(workers[victim].pid, signal.SIGKILL)
            workers[victim].join()
            workers[victim] = _start()
            kills += 1
        elif not in_motion():
            break
    for worker in workers:
        worker.kill()
        worker.join()
    return kills


def _start() -> Any:
    _forget_connections()
    worker = FORK.Process(target=_work, daemon=True)
    worker.start()
    return worker


def _work() -> None:
    from mailer.services.sending import reap, send_due  # noqa: PLC0415  # after set-up

    while True:
        reap()
        if not send_due(threads=THREADS).mailboxes:
            time.sleep(0.1)


def in_motion() -> bool:
    """Return whether any message has not come to rest."""
    from mailer.models import Message  # noqa: PLC0415  # after set-up

    moving = ("draft", "queued", "claimed", "handing_over")
    return Message.objects.filter(status__in=moving).exists()


async def _serve(record: str, port: Any, delay: float) -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):  # killed workers leave their lines lying
            await talk(reader, writer)
        writer.close()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            answer = b"250 OK\r\n"
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                if not await _take(reader, record):
                    return
                await asyncio.sleep(delay)
            elif verb == b"QUIT":
                break
            writer.write(answer)

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    port.value = server.sockets[0].getsockname()[1]
    await server.serve_forever()


async def _take(reader: asyncio.StreamReader, record: str) -> bool:
    """Take one e-mail: once its final dot is here, it counts as received; False if cut off."""
    message_id = b""
    while (line := await reader.readline()) != b".\r\n":
        if not line:
            return False
        if line.lower().startswith(b"message-id:"):
            message_id = line.partition(b":")[2].strip()
    with Path(record).open("ab") as file:  # a line to a local file
        file.write(message_id + b"\n")
    return True


def receive(record: str, port: Any, delay: float) -> None:
    """Be the sink: take e-mails, and append their Message-IDs to the file `record`."""
    asyncio.run(_serve(record, port, delay))


def _count(
    options: argparse.Namespace, received: list[str], kills: int, seconds: float
) -> dict[str, Any]:
    from mailer.models import Message  # noqa: PLC0415  # after set-up
    from mailer.services.invariants import check_outbox  # noqa: PLC0415
    from mailer.services.sending import reap  # noqa: PLC0415

    reap()  # announces what the last workers were killed before telling
    rows = list(Message.objects.values_list("message_id", "status", "smtp_reply", "announced"))
    states = Counter(status for _, status, _, _ in rows)
    at_sink = Counter(received)
    settled = states["sent"] + states["uncertain"]
    sent = [(message_id, told) for message_id, status, _, told in rows if status == "sent"]
    figures: dict[str, Any] = {
        "mails": options.mails,
        "sink": f"{options.sink} ({options.delay} s)",
        "kills": kills,
        "states": dict(states),
        "received": len(received),
        "duplicates": sum(number - 1 for number in at_sink.values()),
        "unaccounted": len(rows) - settled,
        "sent_absent": sum(
            1 for mid, status, _, _ in rows if status == "sent" and not at_sink[mid]
        ),
        "unannounced": sum(1 for _, told in sent if not told),
        "uncertain": states["uncertain"],
        "uncertain_bound": THREADS * kills,
        "broken": [asdict(one) for one in check_outbox(patience=timedelta()).findings],
        "seconds": round(seconds, 1),
        "load": round(os.getloadavg()[0], 1),
    }
    zeros = ("duplicates", "unaccounted", "sent_absent", "unannounced", "broken")
    figures["missed"] = [name for name in zeros if figures[name]]
    if options.sink == "prompt":
        figures["uncertain_bound"] = min(figures["uncertain_bound"], options.mails // 100)
    if figures["uncertain"] > figures["uncertain_bound"]:
        figures["missed"].append("uncertain")
    if kills < options.kills:
        figures["missed"].append("kills")
    return figures


if __name__ == "__main__":
    sys.exit(main())
