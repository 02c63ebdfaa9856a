"""Reading broken mail: mutants of mails, and bodies made to hang parsers.

Nothing may raise, and no mail may take more than 250 ms of CPU; wall time is printed beside
it, for the machine is shared. `--folder` takes the mails (.eml, or the bodies of
`cases.json`) of any folder below it; without it the project's own are mutated.
"""

import argparse
import datetime as dt
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")
django.setup()

from mailer.reading import read_mail  # noqa: E402  # needs the settings

OWN = Path(__file__).parent.parent / "tests" / "mailer" / "mail_cases"
TODAY = dt.date(2026, 3, 10)
LIMIT = 250
_HEAD = b"From: erin@blog.example\r\nTo: ann@agency.example\r\nSubject: Re: Your guide\r\n"
_TOKENS = (
    b"\r\n", b"\n\n", b"\x00", b"\xff\xfe", b"=?utf-8?B?", b"?=", b"> ", b"On ", b"wrote:", b"<",
    b"@", b"--", b"Content-Type: ", b"boundary=", b"multipart/mixed; ", b"=\n", b"\"", b"\\",
    b"Content-Transfer-Encoding: base64\n", b"550 5.1.1 ", b";", b":" * 50, b"(" * 50, b" " * 200,
)  # fmt: skip


@dataclass
class Result:
    """What happened to a batch of mails."""

    name: str
    crashed: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    most: float = 0.0
    slowest: str = ""

    def read(self, label: str, raw: bytes) -> None:
        """Read one mail and note what happened."""
        cpu, wall = time.process_time(), time.perf_counter()
        try:
            read_mail(raw, today=TODAY)
        except Exception as error:  # noqa: BLE001  # counting them is the point
            self.crashed.append(f"{label}: {error!r}"[:200])
        self.cpu.append((time.process_time() - cpu) * 1000)
        self.wall.append((time.perf_counter() - wall) * 1000)
        if self.cpu[-1] > self.most:
            self.most, self.slowest = self.cpu[-1], label
        if self.cpu[-1] > LIMIT:
            self.slow.append(f"{label}: {self.cpu[-1]:.0f} ms")

    def print(self) -> None:
        """Print a line, and what went wrong."""
        cpu = sorted(self.cpu) or [0.0]
        print(
            f"{self.name}: {len(self.cpu):,} mails, {len(self.crashed)} crashes, {len(self.slow)}"
            f" over {LIMIT} ms; CPU median {cpu[len(cpu) // 2]:.1f} ms, 99.9 %"
            f" {cpu[int(len(cpu) * 0.999)]:.0f} ms, slowest {cpu[-1]:.0f} ms"
            f" ({self.slowest});"
            f" slowest wall {max(self.wall, default=0):.0f} ms"
        )
        for problem in (self.crashed + self.slow)[:20]:
            print("   ", problem)


def main() -> int:
    """Print figures; return 1 when anything raised or was slow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=OWN)
    options = parser.parse_args()
    results = [hang_bodies(), mutants(options.folder, options.count, options.seed)]
    for result in results:
        result.print()
    print(f"load {os.getloadavg()[0]:.2f}")
    return int(any(result.crashed or result.slow for result in results))


def mutants(folder: Path, count: int, seed: int) -> Result:
    """Read `count` broken variants of a folder's mails."""
    chance = random.Random(seed)  # noqa: S311  # repeatable, no secret
    mails = list(_mails(folder))
    result = Result(f"mutants (seed {seed})")
    for number in range(count):
        name, raw = mails[number % len(mails)]
        result.read(f"{number} of {name}", _broken(raw, mails, chance))
    return result


def _mails(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*.eml")):
        yield path.name, path.read_bytes()
    for path in sorted(folder.rglob("cases.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            body = case.get("text") or case.get("html") or ""
            yield str(case.get("id", "")), _HEAD + b"\r\n" + str(body).encode()


def _broken(raw: bytes, mails: list[tuple[str, bytes]], chance: random.Random) -> bytes:
    """Return a mail with one to eight things done to it."""
    data = bytearray(raw)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(data) + 1)
        end = min(len(data), place + chance.randint(1, 400))
        kind = chance.randrange(7)
        if kind == 0:
            del data[place:end]
        elif kind == 1:
            data[place:place] = data[place:end] * chance.randint(2, 50)
        elif kind == 2:  # one of seven
            data[place:place] = chance.choice(_TOKENS) * chance.choice((1, 1, 3, 400))
        elif kind == 3:
            other = chance.choice(mails)[1]
            data[place:end] = other[: chance.randint(0, 4000)]
        elif kind == 4:
            data[place:end] = bytes(chance.randrange(256) for _ in range(end - place))
        elif kind == 5:
            data[place:end] = data[place:end].swapcase()
        else:
            data = data.replace(b"\n", b"\r\n" if b"\r\n" not in data else b"\r")
    return bytes(data)


def hang_bodies() -> Result:
    """Read the bodies that made other parsers hang."""
    result = Result("bodies made to hang")
    for name, raw in bodies().items():
        result.read(name, raw)
    return result


def bodies() -> dict[str, bytes]:
    """Return each body as a whole mail."""
    html = b"Content-Type: text/html\r\n"
    plain = {
        "20,000 × On": b"On " * 20_000,
        "20,000 lines On": b"On \n" * 20_000,
        "20,000 × On … wrote": b"On Mon, 1 Jan 2026 at 10:00 " * 20_000 + b"wrote:",
        "quotes nested 2,000 deep": b"\n".join(b">" * n + b" hi" for n in range(2000)),
        "1 MB on one line": b"a" * 1_000_000,
        "1 MB of words on one line": b"please stop sending me mail " * 36_000,
        "1 MB of @": b"@" * 1_000_000,
        "addresses without end": b"a@b." * 250_000,
        "a.a.a.a@": b"a." * 400_000 + b"@",
        "dashes": b"-" * 1_000_000,
        "underscores and spaces": b"_ " * 500_000,
        "From: headers": b"From: a\nTo: b\nSubject: c\n" * 20_000,
        "blank lines": b"\n" * 1_000_000,
        "spaces": b" " * 1_000_000,
        "digits": b"1" * 1_000_000,
        "prices": b"$1,000.00 " * 100_000,
        "dates": b"until 3 March " * 70_000,
        "reply codes": b"550 5.1.1 " * 100_000,
        "carriage returns": b"\r" * 1_000_000,
        "report fields": b"Final-Recipient: rfc822; a@b.example\n" * 20_000,
        "combining marks": "e\u0301\u0301".encode() * 100_000,
        "sent from my": b"Sent from my " * 60_000,
    }
    found = {name: _HEAD + b"\r\n" + body for name, body in plain.items()}
    daemon = b"From: MAILER-DAEMON@x.example\r\nSubject: failure notice\r\nReturn-Path: <>\r\n\r\n"
    found["report of addresses"] = daemon + b"<a@b.example>: 550 user unknown\n" * 20_000
    found["report on one line"] = daemon + b"to a@b.example " * 60_000
    found["div nested 50,000 deep"] = _HEAD + html + b"\r\n" + b"<div>" * 50_000 + b"hi"
    found["blockquote nested"] = _HEAD + html + b"\r\n" + b"<blockquote>" * 20_000 + b"hi"
    found["table cells"] = _HEAD + html + b"\r\n<table>" + b"<tr><td>x" * 60_000
    found["open tags"] = _HEAD + html + b"\r\n" + b"<" * 500_000
    found["entities"] = _HEAD + html + b"\r\n" + b"&amp;" * 200_000
    found["base64 garbage"] = (
        _HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"!@#$%AAAA" * 100_000
    )
    found["10,000 parts"] = (
        _HEAD
        + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        + (b"--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n" * 10_000)
    )
    found["parts nested 500 deep"] = _HEAD + b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
        for n in range(500)
    )
    found["a header of 1 MB"] = _HEAD + b"References: " + b"<a@b> " * 170_000 + b"\r\n\r\nhi"
    found["a subject of encoded words"] = (
        b"Subject: " + b"=?utf-8?q?a?= " * 70_000 + b"\r\n" + _HEAD + b"\r\nhi"
    )
    found["100,000 headers"] = b"X-A: b\r\n" * 100_000 + _HEAD + b"\r\nhi"
    found["To with 50,000 addresses"] = b"To: " + b"a@b.example, " * 50_000 + b"\r\n\r\nhi"
    for name in (b"Content-Type", b"Content-Disposition", b"Content-Transfer-Encoding"):
        for value in (b"text/plain; " + b"(" * 50_000, b"a; " + b"b=c; " * 20_000, b"=?" * 50_000):
            found[f"{name.decode()} {value[:14]!r}…"] = name + b": " + value + b"\r\n\r\nhi"
    for char in (b"-", b"_", b" ", b"-\t", b"= ", b"\xc2\xa0", b"> ", b"* "):
        found[f"{char!r}, then a letter"] = _HEAD + b"\r\n" + (char * 90_000 + b"x\n") * 2
    found["nested comments"] = b"From: " + b"(" * 100_000 + b"\r\n\r\nhi"
    return found


if __name__ == "__main__":
    sys.exit(main())
