"""What the DNS of a mailbox's domain means, in plain words, with the record that mends it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mailer.enums import CheckState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

S = CheckState
_RANK = {state: rank for rank, state in enumerate(CheckState)}
# Those that decide whether a mailbox may be trusted; the rest are extras.
CORE = frozenset({"domain", "spf", "dkim", "dmarc", "mx"})


@dataclass(frozen=True)
class Finding:
    """One thing looked up: what was found, what it means, and what to do.

    `record_name` and `record_value` are the DNS record to publish, of `record_type`.
    """

    key: str
    title: str
    state: str
    meaning: str
    found: str = ""
    action: str = ""
    record_name: str = ""
    record_type: str = "TXT"
    record_value: str = ""

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return CheckState(self.state).tone

    @property
    def label(self) -> str:
        """Its state in words."""
        return str(CheckState(self.state).label)

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return asdict(self)


def from_json(rows: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Return stored findings."""
    return [Finding(**row) for row in rows]


def worst(findings: Iterable[Finding]) -> CheckState:
    """Return the state that sums the findings up."""
    rows = list(findings)
    unknown_extra = {S.UNKNOWN: S.OK, S.INFO: S.OK}
    states = [
        CheckState(row.state)
        if row.key in CORE
        else unknown_extra.get(CheckState(row.state), CheckState(row.state))
        for row in rows
    ]
    return max(states, key=_RANK.__getitem__, default=S.UNKNOWN)


def became_worse(before: Iterable[Finding], now: Iterable[Finding]) -> list[str]:
    """Return the titles of what was better before; what is not known now is no news."""
    earlier = {row.key: row.state for row in before}
    return [
        row.title
        for row in now
        if row.state in (S.WARN, S.FAIL)
        and earlier.get(row.key, S.UNKNOWN) not in (S.UNKNOWN, S.NOT_APPLICABLE)
        and _RANK[CheckState(row.state)] > _RANK[CheckState(earlier[row.key])]
    ]
