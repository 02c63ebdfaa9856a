"""Pure rules of sending: backoff, ramp-up and what a server's reply means."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from mailer.enums import Trouble

# After a 4xx: quick at first for greylisting, then rarer; five days in all (RFC 5321 4.5.4.1).
BACKOFF = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
)
BACKOFF_LATER = timedelta(hours=12)
GIVE_UP_AFTER = timedelta(days=5)

# An uncertain e-mail is looked for in the Sent folder this long; after that only an answer,
# a bounce or a person settles it.
LOOK_FOR_SENT = timedelta(days=3)

# A failing mailbox is tried again after these, by failures in a row.
MAILBOX_RETRY = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
)
# Wrong passwords tried too often lock accounts: rarer, then only by a person.
AUTH_RETRY = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))


# Failures in a row before people are told. What a person must mend is told at the first.
_ALERT_AFTER = {Trouble.CONNECTION: 2, Trouble.READING: 3}

_ADVICE = {
    Trouble.LOGIN: (
        "Check the user name and password under Edit; with two-factor login the provider wants"
        " an app password. Then test the connection and resume the mailbox."
    ),
    Trouble.ASKED: (
        "Usually it sent too much at once. Lower its caps or lengthen the gap between two"
        " e-mails. It goes on by itself."
    ),
    Trouble.REFUSED: (
        "Ask the provider whether this mailbox may send with this address, then test the"
        " connection."
    ),
    Trouble.TLS: (
        "Check the server name, the port and the protection under Edit: 465 is TLS, 587 is"
        " STARTTLS."
    ),
    Trouble.CONNECTION: (
        "Check the server name and the port under Edit if this lasts. It goes on by itself as"
        " soon as the server answers."
    ),
    Trouble.BOUNCES: (
        "Check where these addresses came from and verify them before you resume the mailbox."
    ),
    Trouble.READ_LOGIN: (
        "Check the user name and password for reading (IMAP) under Edit. Until then answers are"
        " not seen and sequences go on."
    ),
    Trouble.READING: (
        "Check the reading (IMAP) server under Edit if this lasts. Until then answers are not seen."
    ),
}


def alert_after(kind: Trouble) -> int:
    """Return the number of failures in a row at which people are told."""
    return _ALERT_AFTER.get(kind, 1)


def advice(kind: str) -> str:
    """Return what a person can do about a mailbox's trouble."""
    return _ADVICE[Trouble(kind)] if kind else ""


# Stopped by the server's word, whether or not it is tried again by itself.
PAUSING = frozenset({Trouble.LOGIN, Trouble.ASKED, Trouble.BOUNCES})


_OF_STAGE = {"tls": Trouble.TLS, "consent": Trouble.LOGIN, "sign": Trouble.REFUSED}


def trouble_of(reply: "SmtpReply | None", stage: str) -> Trouble:
    """Return what a failure at a stage of the conversation means for the mailbox."""
    if reply is None:
        return _OF_STAGE.get(stage, Trouble.CONNECTION)
    if reply.temporary:
        return Trouble.ASKED if reply.closing else Trouble.CONNECTION
    refused_login = stage == "login" or reply.code in _ACCOUNT_CODES
    return Trouble.LOGIN if refused_login else Trouble.REFUSED


def backoff(attempts: int) -> timedelta | None:
    """Return how long to wait after the attempts-th temporary refusal; None to give up."""
    waits = [_wait(number) for number in range(1, attempts + 1)]
    if sum(waits, timedelta()) > GIVE_UP_AFTER:
        return None
    return _wait(attempts)


def _wait(attempt: int) -> timedelta:
    return BACKOFF[attempt - 1] if attempt <= len(BACKOFF) else BACKOFF_LATER


def mailbox_retry(failures: int, *, wrong_password: bool) -> timedelta | None:
    """Return when to try a mailbox again after its failures-th failure; None for never."""
    if not wrong_password:
        return MAILBOX_RETRY[min(failures, len(MAILBOX_RETRY)) - 1]
    return AUTH_RETRY[failures - 1] if failures <= len(AUTH_RETRY) else None


def cap_on(
    day: date, *, daily_cap: int, start: int | None, step: int, started_on: date | None
) -> int:
    """Return how many e-mails a mailbox may send on `day`, ramp-up included."""
    if start is None:
        return daily_cap
    days = max((day - started_on).days, 0) if started_on else 0
    return min(daily_cap, start + days * step)


@dataclass(frozen=True)
class SmtpReply:
    """A server's answer: `550`, ("5.1.1 no such user", …)."""

    code: int
    lines: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The answer on one line, as shown and stored."""
        return f"{self.code} {' '.join(self.lines)}".strip()[:1000]

    @property
    def status(self) -> str:
        """The enhanced status code (RFC 3463), or ""."""
        found = re.match(r"([245]\.\d{1,3}\.\d{1,3})\b", self.lines[0]) if self.lines else None
        return found.group(1) if found else ""

    @property
    def ok(self) -> bool:
        """Whether the answer is positive."""
        return 200 <= self.code < 400  # noqa: PLR2004  # the classes of RFC 5321 4.2.1

    @property
    def temporary(self) -> bool:
        """Whether to try again later."""
        return 400 <= self.code < 500  # noqa: PLR2004  # the classes of RFC 5321 4.2.1

    @property
    def closing(self) -> bool:
        """Whether the service said it is going away (421)."""
        return self.code == 421  # noqa: PLR2004  # RFC 5321 3.8


_DEAD_STATUS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_DEAD_WORDS = re.compile(
    r"user unknown|unknown user|no such (user|recipient|mailbox|address)|"
    r"(user|recipient|mailbox|address|account)[^.]{0,40} "
    r"(unknown|not found|does not exist|doesn't exist|disabled|unavailable|not exist)|"
    r"invalid (recipient|mailbox|address)|recipient address rejected: undeliverable",
    re.IGNORECASE,
)


def names_dead_address(reply: SmtpReply) -> bool:
    """Return whether a refusal says that the address itself is dead (a hard bounce)."""
    if reply.code // 100 != 5:  # noqa: PLR2004  # permanent refusals, RFC 5321 4.2.1
        return False
    if reply.status:
        return reply.status in _DEAD_STATUS
    return reply.code in {550, 551, 553} and bool(_DEAD_WORDS.search(reply.text))


_ACCOUNT_CODES = frozenset({530, 534, 535, 538})
_ACCOUNT_STATUS = frozenset({"5.7.0", "5.7.8", "5.7.9", "5.7.57", "5.7.60", "5.7.139"})


def blames_account(reply: SmtpReply, stage: str) -> bool:
    """Return whether a refusal concerns the sending account rather than this e-mail.

    `stage` is the command answered: connect, hello, tls, login, mail, rcpt or data.
    """
    if reply.closing or reply.code in _ACCOUNT_CODES:
        return True
    if stage in {"connect", "hello", "tls", "login"}:
        return True
    if stage == "mail":
        return not reply.temporary and reply.code not in {552, 555}
    return reply.status in _ACCOUNT_STATUS
