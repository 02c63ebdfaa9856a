"""What Gmail, Yahoo and Outlook ask of bulk senders, and whether a mailbox keeps it.

Gmail: support.google.com/mail/answer/81126 (February 2024). Yahoo: senders.yahooinc.com.
Outlook: its requirements for high-volume senders (May 2025).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailer.enums import CheckState as S  # named often

if TYPE_CHECKING:
    from mailer.deliverability.findings import Finding

# A day to one provider; from here on Gmail and Outlook enforce all of this.
BULK = 5_000
COMPLAINTS_BAD, COMPLAINTS_WARN = 0.3, 0.1
# One complaint among few e-mails is an accident, not a rate.
_FEW_COMPLAINTS = 3
_ALL, _GMAIL_YAHOO = "Gmail, Yahoo, Outlook", "Gmail, Yahoo"
_RANK = {state: rank for rank, state in enumerate(S)}


@dataclass(frozen=True)
class MailboxFacts:
    """What is known of one mailbox: its last look at the DNS, how it sends, its complaints."""

    pk: int
    address: str
    is_local: bool
    is_encrypted: bool
    unsubscribe_is_https: bool
    daily_cap: int
    sent: int
    complaints: int
    findings: dict[str, Finding] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """Whether one mailbox keeps one rule."""

    pk: int
    address: str
    state: S
    words: str


@dataclass(frozen=True)
class Rule:
    """One rule, who asks it, and how each mailbox keeps it."""

    key: str
    title: str
    asked_by: str
    verdicts: tuple[Verdict, ...]

    @property
    def state(self) -> S:
        """The worst of its mailboxes."""
        return max((one.state for one in self.verdicts), key=_RANK.__getitem__, default=S.UNKNOWN)

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return self.state.tone

    @property
    def label(self) -> str:
        """Its state in words."""
        return _LABELS[self.state]

    @property
    def notable(self) -> tuple[Verdict, ...]:
        """The mailboxes that do not plainly keep it."""
        return tuple(one for one in self.verdicts if one.state not in (S.OK, S.NOT_APPLICABLE))

    @property
    def sentence(self) -> str:
        """One sentence where every mailbox says the same."""
        words = {one.words for one in self.verdicts}
        return words.pop() if len(words) == 1 else ""


_LABELS = {
    S.OK: "Holds",
    S.INFO: "Holds",
    S.WARN: "Barely",
    S.FAIL: "Does not hold",
    S.UNKNOWN: "Not known",
    S.NOT_APPLICABLE: "Not applicable here",
}
Judge = Callable[[MailboxFacts], tuple[S, str]]


def judge_bulk_rules(mailboxes: list[MailboxFacts]) -> list[Rule]:
    """Return every rule with how each mailbox keeps it."""
    return [
        Rule(key, title, asked_by, tuple(_verdict(box, judge) for box in mailboxes))
        for key, title, asked_by, judge in _RULES
    ]


def _verdict(box: MailboxFacts, judge: Judge) -> Verdict:
    if box.is_local:
        return Verdict(box.pk, box.address, S.NOT_APPLICABLE, "It never leaves this computer.")
    state, words = judge(box)
    return Verdict(box.pk, box.address, state, words)


def _found(box: MailboxFacts, key: str) -> tuple[S, str]:
    finding = box.findings.get(key)
    if finding is None:
        return S.UNKNOWN, "The DNS was not looked up yet."
    return S(finding.state), finding.meaning


def _authenticated(box: MailboxFacts) -> tuple[S, str]:
    """SPF and DKIM are both asked of bulk senders; the weaker one counts."""
    both = [(*_found(box, key), name) for key, name in (("spf", "SPF"), ("dkim", "DKIM"))]
    state, words, name = max(both, key=lambda one: _RANK[one[0]])
    return state, "Both are there." if state == S.OK else f"{name}: {words}"


def _dmarc(box: MailboxFacts) -> tuple[S, str]:
    return _found(box, "dmarc")


def _aligned(box: MailboxFacts) -> tuple[S, str]:
    return _found(box, "alignment")


def _own_domain(box: MailboxFacts) -> tuple[S, str]:
    return _found(box, "domain")


def _receives(box: MailboxFacts) -> tuple[S, str]:
    return _found(box, "mx")


def _unsubscribe(box: MailboxFacts) -> tuple[S, str]:
    if box.unsubscribe_is_https:
        return S.OK, "Every e-mail carries both headers, one click is enough (RFC 8058)."
    return S.FAIL, "Its unsubscribe link is not https, so the one-click header does not count."


def _encrypted(box: MailboxFacts) -> tuple[S, str]:
    if box.is_encrypted:
        return S.OK, "It hands its mail over encrypted."
    return S.FAIL, "It hands its mail over unencrypted. Choose STARTTLS or TLS."


def _format(_: MailboxFacts) -> tuple[S, str]:
    return S.OK, "Built by the standard (RFC 5322), one From, one recipient, no stray header."


def _complaints(box: MailboxFacts) -> tuple[S, str]:
    if not box.sent:
        return S.UNKNOWN, "Nothing was sent in the last 30 days."
    rate = 100 * box.complaints / box.sent
    words = f"{box.complaints} of {box.sent:,} in 30 days ({rate:.2f} %), as far as told to us."
    if rate >= COMPLAINTS_BAD and box.complaints >= _FEW_COMPLAINTS:
        return S.FAIL, words
    return (S.WARN if rate >= COMPLAINTS_WARN else S.OK), words


def _named(box: MailboxFacts) -> tuple[S, str]:
    state, words = _found(box, "ptr")
    return (S.OK if state == S.NOT_APPLICABLE else state), words


def _volume(box: MailboxFacts) -> tuple[S, str]:
    if box.daily_cap < BULK:
        return S.OK, f"At most {box.daily_cap:,} a day; the strictest rules begin at {BULK:,}."
    return S.INFO, f"Up to {box.daily_cap:,} a day: every rule here is enforced."


_RULES: tuple[tuple[str, str, str, Judge], ...] = (
    ("auth", "SPF and DKIM for the sending domain", _ALL, _authenticated),
    ("dmarc", "A DMARC policy, at least p=none", _ALL, _dmarc),
    ("aligned", "The From domain is the one vouched for", _ALL, _aligned),
    ("domain", "A From domain of your own", _GMAIL_YAHOO, _own_domain),
    ("unsubscribe", "Unsubscribe with one click", _ALL, _unsubscribe),
    ("tls", "Encrypted hand-over (TLS)", "Gmail", _encrypted),
    ("format", "Well-formed e-mails", _ALL, _format),
    ("complaints", "Fewer than 0.3 % reported as spam", _ALL, _complaints),
    ("receives", "An address that takes answers", "Outlook", _receives),
    ("ptr", "Sending servers with a name (PTR)", _ALL, _named),
    ("volume", "Volume", "Gmail, Outlook", _volume),
)
