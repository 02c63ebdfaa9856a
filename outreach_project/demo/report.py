"""The demo's figures, counted at the receiving end."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from foundation.addresses import registrable_domain
from mailer.sandbox.store import Received


@dataclass
class Caps:
    """E-mails a day that may leave: of one mailbox, to one site, of the campaign."""

    mailbox: int
    site: int
    campaign: int


@dataclass
class Ledger:
    """What the sink received, day by day, and whom we had to leave alone since when."""

    days: list[list[Received]] = field(default_factory=list)
    # Address → the last mail received before we had heard the prospect.
    stopped: dict[str, int] = field(default_factory=dict)

    @property
    def mails(self) -> list[Received]:
        """Every mail received, in order."""
        return [mail for day in self.days for mail in day]


def sent_by_step(mails: Iterable[Received]) -> dict[str, int]:
    """Return how many prospects received a first, second, third… e-mail."""
    by_recipient = Counter(mail.recipient for mail in mails)
    depth = Counter(step for count in by_recipient.values() for step in range(1, count + 1))
    return {str(step): depth[step] for step in sorted(depth)}


def duplicates(mails: list[Received], steps: int) -> int:
    """Return mails received again: the same Message-ID, or more than the sequence has."""
    identities = Counter((mail.recipient, mail.message_id) for mail in mails)
    by_recipient = Counter(mail.recipient for mail in mails)
    again = sum(count - 1 for count in identities.values())
    return again + sum(max(0, count - steps) for count in by_recipient.values())


def sent_after_stop(mails: Iterable[Received], stopped: Mapping[str, int]) -> int:
    """Return mails that reached someone we had already heard a stop from."""
    return sum(mail.recipient in stopped and mail.id > stopped[mail.recipient] for mail in mails)


def sent_over_cap(days: Iterable[list[Received]], caps: Caps) -> int:
    """Return mails beyond a mailbox's, a site's or the campaign's cap of a day."""
    over = 0
    for day in days:
        over += max(0, len(day) - caps.campaign)
        for key, cap in (("login", caps.mailbox), ("site", caps.site)):
            counts = Counter(
                mail.login if key == "login" else registrable_domain(mail.recipient) for mail in day
            )
            over += sum(max(0, count - cap) for count in counts.values())
    return over
