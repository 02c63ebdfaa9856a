"""Opens and clicks under fire: how fast they are answered and stored, and what is lost.

`python -m benchmarks.ingest` serves the site with gunicorn as `make run` does, on
PostgreSQL (DATABASE_URL, an empty database), and drives it with `wrk -t2 -c16`.
Variants take turns, five rounds each; figures are medians, bars are ratios:

- open and click endpoints ≥ 0.7 of an empty view with no middleware at all, and ≥ 3 × a
  view that inserts its event with the ORM first;
- the whole server killed with SIGKILL in mid-run: answered events lost 0;
- draining into the tables ≥ 3 × the rate answered at the same time, each exactly once.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import django

ROOT = Path(__file__).resolve().parent.parent
AGENTS = [
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/{v}.0 Safari/537.36"
    for v in range(120, 143)
]
LUA = """
local paths = {}
for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end
local n = 0
function init(args) math.randomseed(os.time()); n = math.random(#paths) end
request = function()
  n = n % #paths + 1
  return wrk.format("GET", paths[n], {["User-Agent"] = os.getenv("AGENT"), ["Host"] = "127.0.0.1"})
end
"""


def main(argv: list[str] | None = None) -> int:
    """Print the figures; return how many bars were missed."""
    options = _options(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the servers go with it
    if shutil.which("wrk") is None:
        print("wrk is not installed: apt-get install wrk")
        return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "SPOOL_DIR": f"{folder}/spool",
            "SPOOL_DRAIN_AT_ONCE": "0",
            "LOG_LEVEL": "ERROR",
        }
        django.setup()
        figures = Bench(options, Path(folder)).run()
    print(json.dumps(figures, indent=2))
    return len(figures["missed"])


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--backlog", type=int, default=100_000)
    return parser.parse_args(argv if argv is not None else sys.argv[1:])


class Bench:
    """One run: the messages, the servers, and what was measured."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options = options
        self.folder = folder
        self.lua = folder / "wrk.lua"
        self.lua.write_text(LUA)
        self.paths: dict[str, Path] = {}

    def run(self) -> dict[str, Any]:
        """Measure everything."""
        from django.db import connection  # noqa: PLC0415  # after set-up

        from mailer.models import MessageEvent  # noqa: PLC0415  # after set-up

        figures: dict[str, Any] = {
            "load": round(os.getloadavg()[0], 2),
            "database": connection.vendor,
            "messages": self.options.messages,
        }
        _say("messages")
        self._messages()
        _say("rates")
        rates = self._rates()
        figures["per_second"] = {name: round(statistics.median(r)) for name, r in rates.items()}
        figures["ratios"] = _ratios(rates)
        _say(f"{figures['per_second']} a second; draining, then kills")
        self._drain()
        before = MessageEvent.objects.count()
        answered = sum(self._kill_round() for _ in range(self.options.kills))
        self._drain()
        stored = MessageEvent.objects.count() - before
        figures["kills"] = {
            "answered": answered,
            "stored": stored,
            "lost": max(0, answered - stored),
        }
        _say(f"{figures['kills']}; draining while answering")
        figures["drain"] = self._drain_beside()
        figures["missed"] = _missed(figures)
        return figures

    def _messages(self) -> None:
        from django.core.management import call_command  # noqa: PLC0415  # after set-up

        from accounts.models import Agency  # noqa: PLC0415  # after set-up
        from mailer.models import Mailbox  # noqa: PLC0415  # after set-up
        from mailer.tokens import Purpose, make_token  # noqa: PLC0415  # after set-up

        call_command("migrate", verbosity=0)
        stamp = time.time_ns()
        agency = Agency.objects.create(name="Bench", slug=f"bench-{stamp}")
        mailbox = Mailbox.objects.create(
            agency=agency, address=f"a{stamp}@bench.example", smtp_host="127.0.0.1"
        )
        self.sent = _sent_messages(agency, mailbox, self.options.messages, stamp)
        lines: dict[str, list[str]] = {"open": [], "click": [], "sync": [], "empty": ["/empty"]}
        for pk in self.sent:
            token = make_token(Purpose.OPEN, agency_id=agency.pk, message_id=pk)
            lines["open"].append(f"/t/o/{token}.gif")
            lines["sync"].append(f"/sync/{token}")
            click = make_token(Purpose.CLICK, agency_id=agency.pk, message_id=pk, link=pk % 5)
            lines["click"].append(f"/t/c/{click}")
        lines["bare"] = lines["empty"]
        for name, found in lines.items():
            self.paths[name] = self.folder / name
            self.paths[name].write_text("\n".join(found) + "\n")
        self.agency = agency

    def _rates(self) -> dict[str, list[float]]:
        """Return requests a second of each variant, a round each in turn."""
        variants = ("bare", "empty", "open", "click", "sync")
        rates: dict[str, list[float]] = {name: [] for name in variants}
        with _served() as full, _served(bare=True) as bare:
            for port, names in ((full, variants[1:]), (bare, variants[:1])):
                for name in names:
                    self._wrk(port, name, seconds=1)
            for number in range(self.options.rounds):
                order = variants[number % 5 :] + variants[: number % 5]
                for name in order:
                    port = bare if name == "bare" else full
                    count, seconds = self._wrk(port, name, self.options.seconds)
                    rates[name].append(count / seconds)
        return rates

    def _kill_round(self) -> int:
        """Kill the whole server while it is being asked; return how many it answered."""
        with _served() as port, self._asking(port, "open", 3) as asked:
            time.sleep(1.3)
            _Server.current.kill()
            return _count(asked.communicate()[0])[0]

    def _drain_beside(self) -> dict[str, float]:
        """Drain a backlog in a process of its own while the site answers."""
        from mailer.models import MessageEvent  # noqa: PLC0415  # after set-up

        before = MessageEvent.objects.count()
        drained, answered, total = [], [], 0
        with _served() as port:
            for _ in range(self.options.rounds):
                self._fill()
                total += self.options.backlog
                count, seconds, rate = self._one_drain(port)
                total += count
                drained.append(rate)
                answered.append(count / seconds)
            self._drain()
        stored = MessageEvent.objects.count() - before
        return {
            "answered_per_second": round(statistics.median(answered)),
            "drained_per_second": round(statistics.median(drained)),
            "ratio": round(
                statistics.median(d / a for d, a in zip(drained, answered, strict=True)), 2
            ),
            "not_once": stored - total,
        }

    def _one_drain(self, port: int) -> tuple[int, float, float]:
        """Return answers and seconds of wrk, and visits drained a second meanwhile."""
        command = [sys.executable, "-m", "benchmarks._ingest_drain"]
        with subprocess.Popen(  # noqa: S603  # our own module
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdin is not None and child.stdout is not None  # noqa: PT018  # pipes
            child.stdout.readline()  # ready
            with self._asking(port, "open", 600) as asked:
                time.sleep(0.5)
                child.stdin.write("go\n")
                child.stdin.flush()
                visits, seconds = map(float, child.stdout.readline().split())
                asked.send_signal(signal.SIGINT)
                count, took = _count(asked.communicate()[0])
        return count, took, visits / seconds

    def _fill(self) -> None:
        """Write a backlog as web processes would have."""
        from mailer import spool  # noqa: PLC0415  # after set-up
        from mailer.enums import EventKind  # noqa: PLC0415  # after set-up
        from mailer.services.fetches import Visit  # noqa: PLC0415  # after set-up

        now = time.time()
        for number in range(self.options.backlog):
            kind = EventKind.CLICKED if number % 10 == 0 else EventKind.OPENED
            visit = Visit(
                self.agency.pk, self.sent[number * 7919 % len(self.sent)], kind, number % 5,
                now + number / 50, "GET", f"198.{number % 200}.{number // 200 % 250}.7",
                AGENTS[number % len(AGENTS)], "lms",
            )  # fmt: skip
            spool.append(visit.line())

    def _drain(self) -> None:
        from mailer.services.draining import drain  # noqa: PLC0415  # after set-up

        drain(wait=True)

    def _wrk(self, port: int, name: str, seconds: int) -> tuple[int, float]:
        with self._asking(port, name, seconds) as asked:
            return _count(asked.communicate()[0])

    @contextmanager
    def _asking(self, port: int, name: str, seconds: int) -> Iterator["subprocess.Popen[str]"]:
        command = [
            "wrk",
            "-t2",
            "-c16",
            f"-d{seconds}s",
            "-s",
            str(self.lua),
            f"http://127.0.0.1:{port}",
        ]
        environment = {**os.environ, "PATHS": str(self.paths[name]), "AGENT": AGENTS[-1]}
        with subprocess.Popen(  # noqa: S603  # wrk, found above
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as asked:
            yield asked


def _sent_messages(agency: Any, mailbox: Any, number: int, stamp: int) -> list[int]:
    from django.utils import timezone  # noqa: PLC0415  # after set-up

    from mailer.models import Message  # noqa: PLC0415  # after set-up

    now = timezone.now()
    rows = Message.objects.bulk_create(
        (
            Message(
                agency=agency,
                mailbox=mailbox,
                to_address=f"p{n}@site{n}.example",
                recipient_domain=f"site{n}.example",
                subject="A question",
                text="Hello " * 200,
                html="<p>Hello</p>" * 100,
                message_id=f"<{stamp}-{n}@bench.example>",
                idempotency_key=f"{stamp}-{n}",
                status="sent",
                sent_at=now,
                smtp_reply="250 ok",
                announced=True,
                links=[f"https://site{n}.example/{k}" for k in range(5)],
            )
            for n in range(number)
        ),
        batch_size=1000,
    )
    return [row.pk for row in rows]


class _Server:
    """The gunicorn being asked."""

    current: "_Server"

    def __init__(self, *, bare: bool) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [
            *(sys.executable, "-m", "gunicorn", "benchmarks._ingest_site:application"),
            *("--bind", f"127.0.0.1:{self.port}", "--workers", "2", "--threads", "8"),
            *("--worker-class", "gthread", "--log-level", "error"),
        ]
        environment = os.environ | ({"BARE": "1"} if bare else {})
        self._child = subprocess.Popen(  # noqa: S603  # our own server
            command, cwd=ROOT, env=environment, start_new_session=True
        )
        _Server.current = self
        self._wait()

    def _wait(self) -> None:
        """Wait until it answers, and give the second worker as long again."""
        started = time.monotonic()
        while time.monotonic() - started < 60:
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/empty", timeout=30):  # ours
                    time.sleep(max(1.0, time.monotonic() - started))
                    return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("gunicorn did not start")

    def kill(self) -> None:
        """SIGKILL it and all its workers at once."""
        if self._child.poll() is None:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()


@contextmanager
def _served(*, bare: bool = False) -> Iterator[int]:
    server = _Server(bare=bare)
    try:
        yield server.port
    finally:
        server.kill()


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _count(output: str) -> tuple[int, float]:
    """Return how many answers wrk read, and in how many seconds."""
    found = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)", output)
    if found is None or "Non-2xx" in output:
        raise RuntimeError(output)
    unit = {"ms": 0.001, "s": 1.0, "m": 60.0}[found[3]]
    return int(found[1]), float(found[2]) * unit


def _ratios(rates: dict[str, list[float]]) -> dict[str, float]:
    median = {name: statistics.median(found) for name, found in rates.items()}
    return {
        f"{name}/{other}": round(median[name] / median[other], 2)
        for name in ("open", "click")
        for other in ("bare", "empty", "sync")
    }


def _missed(figures: dict[str, Any]) -> list[str]:
    ratios = figures["ratios"]
    bars = {
        "open ≥ 0.7 × an empty view": ratios["open/bare"] >= 0.7,
        "click ≥ 0.7 × an empty view": ratios["click/bare"] >= 0.7,
        "open ≥ 3 × a synchronous insert": ratios["open/sync"] >= 3,
        "click ≥ 3 × a synchronous insert": ratios["click/sync"] >= 3,
        "0 answered events lost": figures["kills"]["lost"] == 0,
        "draining ≥ 3 × answering": figures["drain"]["ratio"] >= 3,
        "exactly once": figures["drain"]["not_once"] == 0,
    }
    return [bar for bar, held in bars.items() if not held]


if __name__ == "__main__":
    sys.exit(main())
