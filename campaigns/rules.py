"""The arithmetic of sequences: keys, variants, waits, rotation, rates. No ORM, no clock."""

import datetime as dt
import hashlib
import heapq
import re
import zoneinfo
from collections.abc import Collection, Mapping, Sequence

from compliance.windows import add_business_days

# After the last e-mail a reply may still come; then the enrolment counts as completed.
GRACE = dt.timedelta(days=7)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]+")


def sequence_key(enrolment_id: int) -> str:
    """Return the key under which the mailer groups one enrolment's e-mails."""
    return f"enrolment:{enrolment_id}"


def enrolment_of(key: str) -> int | None:
    """Return the enrolment a sequence key names, None when it names none."""
    kind, _, number = key.partition(":")
    return int(number) if kind == "enrolment" and number.isdecimal() else None


def campaign_key(campaign_id: int) -> str:
    """Return the key under which the mailer counts one campaign's e-mails."""
    return f"campaign:{campaign_id}"


def campaign_of(key: str) -> int | None:
    """Return the campaign a campaign key names, None when it names none."""
    kind, _, number = key.partition(":")
    return int(number) if kind == "campaign" and number.isdecimal() else None


def idempotency_key(enrolment_id: int, order: int, version: int, attempt: int = 1) -> str:
    """Return the key that lets one e-mail of a sequence be queued once only.

    A retry of one that certainly never left (cancelled, blocked, refused) counts attempts.
    """
    key = f"enrolment:{enrolment_id}:step:{order}:v{version}"
    return key if attempt <= 1 else f"{key}:try{attempt}"


def pick_variant(enrolment_id: int, step_id: int, weights: Sequence[tuple[int, int]]) -> int:
    """Return the variant (an id) an enrolment gets, always the same one, in share of weights.

    Args:
        enrolment_id: who gets it.
        step_id: of which step, so that steps are drawn independently.
        weights: (variant id, weight) in a fixed order, at least one.
    """
    digest = hashlib.sha256(f"{enrolment_id}:{step_id}".encode()).digest()
    drawn = int.from_bytes(digest[:8], "big") % sum(weight for _, weight in weights)
    for variant, weight in weights:
        drawn -= weight
        if drawn < 0:
            return variant
    return weights[-1][0]


def after_wait(
    at: dt.datetime, *, wait: int, business: bool, zone: str, holidays: Collection[dt.date]
) -> dt.datetime:
    """Return when a wait that began at `at` is over: the same time of day, days later.

    Days are those of `zone`, so that a follow-up keeps its hour when clocks change.
    """
    local = at.astimezone(zoneinfo.ZoneInfo(zone))
    day = local.date() + dt.timedelta(days=wait)
    if business:
        day = add_business_days(local.date(), wait, holidays)
    return dt.datetime.combine(day, local.time(), tzinfo=local.tzinfo).astimezone(dt.UTC)


def back_at_work(
    back_on: dt.date | None, now: dt.datetime, *, zone: str, holidays: Collection[dt.date]
) -> dt.datetime:
    """Return when someone away may be written to again: the return date plus a business day.

    Without a return date, or with one that has passed, five business days from now.
    """
    tz = zoneinfo.ZoneInfo(zone)
    today = now.astimezone(tz).date()
    if back_on is None or back_on < today:
        day = add_business_days(today, 5, holidays)
    else:
        day = add_business_days(back_on, 1, holidays)
    return dt.datetime.combine(day, dt.time(0, 0), tzinfo=tz).astimezone(dt.UTC)


class Rotation:
    """Hands e-mails to mailboxes: always to the one with the most room left."""

    def __init__(self, rooms: Mapping[int, int], total: int) -> None:
        """Take the room of each mailbox and that of the campaign as a whole."""
        self._rooms = {key: max(0, room) for key, room in rooms.items()}
        self._heap = [(-room, key) for key, room in self._rooms.items()]
        heapq.heapify(self._heap)
        self.total = total

    @property
    def known(self) -> list[int]:
        """Every mailbox that may send at all."""
        return list(self._rooms)

    @property
    def with_room(self) -> list[int]:
        """Mailboxes that may take one more."""
        return [key for key, room in self._rooms.items() if room > 0]

    @property
    def is_full(self) -> bool:
        """Whether nothing more fits anywhere."""
        return self.total <= 0 or not any(self._rooms.values())

    def has_room(self, mailbox: int) -> bool:
        """Return whether this mailbox may take one more."""
        return self.total > 0 and self._rooms.get(mailbox, 0) > 0

    def take(self, mailbox: int | None = None) -> int | None:
        """Take one place, in this mailbox or in the roomiest; None when there is none."""
        if mailbox is None:
            mailbox = self._roomiest()
        if mailbox is None or not self.has_room(mailbox):
            return None
        self._rooms[mailbox] -= 1
        self.total -= 1
        heapq.heappush(self._heap, (-self._rooms[mailbox], mailbox))
        return mailbox

    def _roomiest(self) -> int | None:
        while self._heap:
            room, key = self._heap[0]
            if self._rooms[key] == -room:
                return key if room < 0 else None
            heapq.heappop(self._heap)
        return None


def one_line(value: str) -> str:
    """Return a stored value without line breaks or other control characters."""
    return _CONTROL.sub(" ", value).strip()


def reply_subject(subject: str) -> str:
    """Return the subject of an answer in the same thread."""
    return subject if subject[:3].lower() == "re:" else f"Re: {subject}"


def rate(part: int, whole: int) -> float:
    """Return `part` of `whole` in per cent with one decimal, 0 when there is no whole."""
    return round(100 * part / whole, 1) if whole else 0.0


def hole_sentence(names: Sequence[str], error: str = "") -> str:
    """Return why an e-mail with holes is kept back, in words for the Leads tab."""
    if error:
        return f"The template could not be filled in: {error}"[:200]
    listed = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")  # noqa: PLR2004  # five fit the line
    return f"Missing: {listed}"[:200]
