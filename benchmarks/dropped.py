"""The line cut after DATA: what nobody knows stays uncertain until the Sent folder tells.

`python -m benchmarks.dropped` sends MAILS e-mails through a proxy that cuts SHARE of the lines
once the server has taken the e-mail, before its answer passes. Bars: every one cut is
uncertain, 0 sent twice, ≥ 95 % of them settled by their Message-ID in the Sent folder, and every
invariant of `manage.py check_outbox`. Exit code 1 when one is missed. Runs on DATABASE_URL,
which should name an empty database.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

SETTLED = 0.95
BOXES = 10
# Lines lost three times in a row make a mailbox rest; the clock is moved on past that.
REST = timedelta(minutes=6)


def main(argv: list[str] | None = None) -> int:
    """Print the figures; return 1 when a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--share", type=float, default=0.2, help="of the lines that are cut")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--migrate", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")
    os.environ.setdefault("SANDBOX", "0")
    django.setup()
    if options.migrate:
        from django.core.management import call_command  # noqa: PLC0415  # after set-up

        call_command("migrate", verbosity=0)
    figures = run(options)
    print(json.dumps(figures, indent=None if options.json else 2))
    return int(bool(figures["missed"]))


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Send through the proxy, look into the Sent folders, and count."""
    from django.conf import settings  # noqa: PLC0415  # after set-up

    from mailer.services.sending import reconcile_uncertain  # noqa: PLC0415
    from tests.servers.sandbox import sandbox_running  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        settings.SANDBOX_DIR = Path(folder)
        with sandbox_running() as (smtp_port, imap_port):
            proxy = Proxy(smtp_port, options.share, options.seed)
            proxy.start()
            _send_all(options, proxy.port, imap_port)
            uncertain = _count("uncertain")
            settled = sum(reconcile_uncertain() for _ in range(3))
            _send_again_by_clock()
            return _figures(options, proxy, uncertain, settled)


@dataclass
class Proxy:
    """Passes SMTP on line by line, and cuts some lines when the answer to DATA comes back."""

    behind: int
    share: float
    seed: int
    port: int = 0
    taken: list[str] = field(default_factory=list)
    cut: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Listen in a thread of its own."""
        self._dice = random.Random(self.seed)  # noqa: S311  # repeatable, not secret
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True).start()
        ready.wait(10)

    async def _serve(self, ready: threading.Event) -> None:
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await server.serve_forever()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.behind)
        with suppress(OSError, asyncio.IncompleteReadError):
            writer.write(await _reply(server_reader))
            while line := await reader.readline():
                server_writer.write(line)
                answer = await _reply(server_reader)
                if line.upper().startswith(b"DATA") and answer.startswith(b"354"):
                    writer.write(answer)
                    message_id = await _content(reader, server_writer)
                    answer = await _reply(server_reader)
                    self.taken.append(message_id)
                    if self._dice.random() < self.share:
                        self.cut.append(message_id)
                        break
                writer.write(answer)
        writer.close()
        server_writer.close()


async def _reply(reader: asyncio.StreamReader) -> bytes:
    whole = b""
    while True:
        line = await reader.readline()
        whole += line
        if line[3:4] != b"-":
            return whole


async def _content(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    message_id = b""
    while True:
        line = await reader.readline()
        writer.write(line)
        if line.lower().startswith(b"message-id:"):
            message_id = line.partition(b":")[2].strip()
        if line in {b".\r\n", b""}:
            return message_id.decode()


def _send_all(options: argparse.Namespace, smtp_port: int, imap_port: int) -> None:
    from mailer.sandbox import PASSWORD  # noqa: PLC0415  # after set-up
    from mailer.services.outbox import queue_messages  # noqa: PLC0415
    from tests.factories.accounts import AgencyFactory  # noqa: PLC0415
    from tests.factories.compliance import AssessmentFactory  # noqa: PLC0415
    from tests.factories.mailer import MailboxFactory, draft  # noqa: PLC0415

    agency = AgencyFactory.create(recipient_domain_daily_cap=10_000)
    AssessmentFactory.create(agency=agency)
    names = [f"box{number}@agency.example" for number in range(BOXES)]
    boxes = [
        MailboxFactory.create(
            agency=agency,
            address=name,
            smtp_port=smtp_port,
            smtp_username=name,
            smtp_password=PASSWORD,
            imap_host="127.0.0.1",
            imap_port=imap_port,
            imap_security="none",
            daily_cap=50_000,
            hourly_cap=10_000,
        )
        for name in names
    ]
    queue_messages([draft(boxes[number % BOXES]) for number in range(options.mails)])
    _send_again_by_clock()


def _send_again_by_clock() -> None:
    """Pass over every mailbox until nothing is queued, resting mailboxes included."""
    from django.utils import timezone  # noqa: PLC0415  # after set-up

    from mailer.services.sending import reap, send_due  # noqa: PLC0415

    for number in range(200):
        now = timezone.now() + number * REST
        send_due(now=now)
        reap(now=now)
        if not _count("queued"):
            break


def _count(status: str) -> int:
    from mailer.models import Message  # noqa: PLC0415  # after set-up

    return Message.objects.filter(status=status).count()


def _figures(
    options: argparse.Namespace, proxy: Proxy, uncertain: int, settled: int
) -> dict[str, Any]:
    from mailer.services.invariants import check_outbox  # noqa: PLC0415  # after set-up

    at_server = Counter(proxy.taken)
    figures: dict[str, Any] = {
        "mails": options.mails,
        "lines_cut": len(proxy.cut),
        "uncertain": uncertain,
        "settled_by_sent_folder": settled,
        "still_uncertain": _count("uncertain"),
        "sent": _count("sent"),
        "failed": _count("failed"),
        "queued": _count("queued"),
        "received": at_server.total(),
        "twice": sum(number - 1 for number in at_server.values()),
        "broken": [finding.rule for finding in check_outbox(patience=timedelta()).findings],
        "load": round(os.getloadavg()[0], 1),
    }
    missed = [name for name in ("twice", "broken") if figures[name]]
    if uncertain != len(proxy.cut):
        missed.append("uncertain")
    if settled < SETTLED * len(proxy.cut):
        missed.append("settled_by_sent_folder")
    if figures["sent"] + figures["still_uncertain"] != options.mails:
        missed.append("lost")
    figures["missed"] = missed
    return figures


if __name__ == "__main__":
    sys.exit(main())
