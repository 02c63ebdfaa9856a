"""Reading mail: delivery reports, answers and programs' answers, beside what is expected.

`--folder` holds `bounces/{eml,expected.json}`, `replies/cases.json` and
`auto_replies/{eml,expected.json}`; without it the project's own small cases are read.
Exits 1 when a bar is missed; `--show` names the cases that differ.
"""

import argparse
import datetime as dt
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "outreach_project.settings")
django.setup()

from mailer.enums import InboundKind  # noqa: E402  # needs the settings
from mailer.reading import Reading, read_mail  # noqa: E402

OWN = Path(__file__).parent.parent / "tests" / "mailer" / "mail_cases"
TODAY = dt.date(2026, 3, 10)
MILLISECONDS = 250
_PROGRAMS = {InboundKind.AUTO_REPLY, InboundKind.OUT_OF_OFFICE}


@dataclass
class Score:
    """How many of how many held, the bar, and which did not."""

    name: str
    bar: float
    of: int = 0
    held: int = 0
    most: bool = False
    missed: list[str] = field(default_factory=list)

    def note(self, case: str, *, holds: bool) -> None:
        """Count one case."""
        self.of += 1
        self.held += holds
        if holds == self.most:
            self.missed.append(case)

    @property
    def share(self) -> float:
        """The share that held; of nothing, what the bar asks."""
        return self.held / self.of if self.of else (0.0 if self.most else 1.0)

    @property
    def passes(self) -> bool:
        """Whether the bar is held: at least it, or at most it."""
        return self.share <= self.bar if self.most else self.share >= self.bar

    def line(self) -> str:
        """One row of the table."""
        sign, verdict = ("≤" if self.most else "≥"), ("" if self.passes else "  MISSED")
        return (
            f"{self.name:<44}{self.held:>6} of {self.of:<6}{self.share:8.2%}"
            f"   bar {sign} {self.bar:.0%}{verdict}"
        )


@dataclass
class Clock:
    """CPU and wall milliseconds of each mail."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def read(self, raw: bytes) -> Reading:
        """Read one mail and note what it took."""
        cpu, wall = time.process_time(), time.perf_counter()
        found = read_mail(raw, today=TODAY)
        self.cpu.append((time.process_time() - cpu) * 1000)
        self.wall.append((time.perf_counter() - wall) * 1000)
        return found


def main() -> int:
    """Print the table; return 1 when a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=OWN)
    parser.add_argument("--show", action="store_true", help="Name the cases that differ.")
    options = parser.parse_args()
    clock = Clock()
    scores = [
        *score_bounces(options.folder / "bounces", clock),
        *score_replies(options.folder / "replies", clock),
        *score_automatic(options.folder / "auto_replies", clock),
    ]
    for score in scores:
        print(score.line())
        if options.show and score.missed:
            print("   ", ", ".join(score.missed))
    slow = max(clock.cpu, default=0)
    print(
        f"{len(clock.cpu):,} mails; slowest {slow:.0f} ms CPU, {max(clock.wall, default=0):.0f} ms"
        f" wall (bar {MILLISECONDS} CPU); load {os.getloadavg()[0]:.2f}"
    )
    return int(slow > MILLISECONDS or not all(score.passes for score in scores))


def _listed(folder: Path) -> Iterator[tuple[str, dict[str, Any], bytes]]:
    """Yield name, expectation and bytes of each mail of a folder with `expected.json`."""
    listing = folder / "expected.json"
    if not listing.exists():
        return
    expected = json.loads(listing.read_text(encoding="utf-8"))
    pairs = (
        expected.items() if isinstance(expected, dict) else [(one["file"], one) for one in expected]
    )
    for name, wanted in pairs:
        yield name, wanted, (folder / "eml" / name).read_bytes()


def score_bounces(folder: Path, clock: Clock) -> list[Score]:
    """Read delivery reports, complaints and mail that only looks like them."""
    found = Score("bounces found", 0.99)
    exact = Score("bounces with exactly the right recipients", 0.97)
    hard = Score("hard flags that are right", 0.95)
    missed = Score("dead addresses not flagged hard (no bar)", 1.0, most=True)
    false = Score("other mail taken for a bounce", 0.0, most=True)
    complaints = Score("complaints found", 0.95)
    for name, wanted, raw in _listed(folder):
        seen = clock.read(raw)
        if wanted["kind"] == "complaint":
            # Some providers pass a complaint on as a request to unsubscribe.
            heard = {InboundKind.COMPLAINT, InboundKind.UNSUBSCRIBE}
            complaints.note(name, holds=seen.kind in heard)
        elif wanted["kind"] != "bounce":
            false.note(name, holds=seen.kind == InboundKind.BOUNCE)
        else:
            found.note(name, holds=seen.kind == InboundKind.BOUNCE)
            named = {one.address for one in seen.bounced}
            exact.note(name, holds=named == {one.lower() for one in wanted["recipients"] or []})
            _note_flags(wanted, seen, hard, missed, name)
    return [found, exact, hard, missed, complaints, false]


def _note_flags(
    wanted: dict[str, Any], seen: Reading, hard: Score, missed: Score, name: str
) -> None:
    """Compare the flags: recipient by recipient where both list as many, else any with any."""
    flags = [one["hard"] for one in wanted["expected"]]
    by_address = {one.address: one.permanent for one in seen.bounced}
    addresses = [one.lower() for one in wanted["recipients"] or []]
    pairs = [
        (flag, by_address.get(one, False)) for flag, one in zip(flags, addresses, strict=False)
    ]
    if len(flags) != len(addresses):
        pairs = [(any(flags), any(by_address.values()))]
    for flag, ours in pairs:
        if ours:
            hard.note(name, holds=flag)
        if flag:
            missed.note(name, holds=not ours)


def score_replies(folder: Path, clock: Clock) -> list[Score]:
    """Read answers and compare their new text, blanks at line ends aside."""
    exact = Score("replies with exactly the new text", 0.85)
    lost = Score("replies with a lost sentence", 0.01, most=True)
    kind = Score("replies taken for something else", 0.0, most=True)
    cases = folder / "cases.json"
    for case in json.loads(cases.read_text(encoding="utf-8")) if cases.exists() else []:
        seen = clock.read(_as_mail(case))
        name = f"{case.get('set', 'own')}/{case['id']}"
        ours, wanted = _tidy(seen.new_text), _tidy(case["expected"])
        exact.note(name, holds=ours == wanted)
        squeezed = "".join(ours.split())
        lines = _body(wanted).split("\n")
        lost.note(name, holds=any("".join(line.split()) not in squeezed for line in lines))
        kind.note(name, holds=seen.kind in {InboundKind.BOUNCE, InboundKind.COMPLAINT, *_PROGRAMS})
    return [exact, lost, kind]


def _as_mail(case: dict[str, Any]) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Erin Editor <erin@site.example>", "ann@agency.example"
    mail["Subject"], mail["Message-ID"] = "Re: Your guide", "<case@site.example>"
    if case.get("html"):
        mail.set_content(case["html"], subtype="html")
    else:
        mail.set_content(case["text"])
    return mail.as_bytes()


def _body(text: str) -> str:
    """Leave out what stands below a signature separator: it is no sentence (RFC 3676 4.3)."""
    return re.split(r"^-- ?$", text, maxsplit=1, flags=re.MULTILINE)[0]


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip()


def score_automatic(folder: Path, clock: Clock) -> list[Score]:
    """Read programs' answers, and people's that look like them."""
    found = Score("programs' answers found", 0.95)
    dates = Score("return dates right", 0.9)
    false = Score("people's answers taken for a program's", 0.0, most=True)
    for name, wanted, raw in _listed(folder):
        seen = clock.read(raw)
        if wanted["auto"]:
            found.note(name, holds=seen.kind in _PROGRAMS)
        else:
            false.note(name, holds=seen.kind in _PROGRAMS)
        if "return_date" in wanted:
            ours = seen.return_date.isoformat() if seen.return_date else None
            dates.note(name, holds=ours == wanted["return_date"])
    return [found, dates, false]


if __name__ == "__main__":
    sys.exit(main())
