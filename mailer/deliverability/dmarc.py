"""Reads a domain's DMARC policy (RFC 7489), with the fall back to its organisation's."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from foundation.addresses import registrable_domain
from mailer.deliverability.tags import read_tags

if TYPE_CHECKING:
    from foundation.names import Names

POLICIES = frozenset({"none", "quarantine", "reject"})
_FULL = 100


@dataclass(frozen=True)
class Dmarc:
    """The policy in force for a domain.

    `policy` is "" when there is none; `found_at` names the domain that published it;
    `problem` says why a record that is there does not count.
    """

    record: str = ""
    found_at: str = ""
    policy: str = ""
    percent: int = _FULL
    reports_to: tuple[str, ...] = ()
    is_strict_dkim: bool = False
    is_strict_spf: bool = False
    is_inherited: bool = False
    is_unknown: bool = False
    problem: str = ""
    tags: dict[str, str] = field(default_factory=dict)


def look_up_dmarc(domain: str, names: Names) -> Dmarc:
    """Return the policy of a domain, else of its organisational domain (RFC 7489 6.6.3)."""
    own = _at(domain, domain, names)
    organisation = registrable_domain(domain) or domain
    if own.record or own.problem or own.is_unknown or organisation == domain:
        return own
    return _at(organisation, domain, names)


def _at(where: str, domain: str, names: Names) -> Dmarc:
    answer = names.txt(f"_dmarc.{where}")
    if answer.is_unknown:
        return Dmarc(found_at=where, is_unknown=True)
    records = [text for text in answer.values if re.match(r"v\s*=\s*DMARC1\s*(;|\Z)", text)]
    if len(records) > 1:
        return Dmarc(found_at=where, problem=f"There are {len(records)} DMARC records; receivers"
                     " then ignore all of them. Keep one.")  # fmt: skip
    return _read(records[0], where, domain) if records else Dmarc(found_at=where)


def _read(record: str, where: str, domain: str) -> Dmarc:
    inherited = where != domain
    tags = read_tags(record)
    if tags is None:
        return Dmarc(record, where, is_inherited=inherited, problem="It is not a list of tags.")
    policy = tags.get("p", "").lower()
    if inherited:
        policy = tags.get("sp", policy).lower()
    reports = tuple(_addresses(tags.get("rua", "")))
    problem = ""
    if policy not in POLICIES:
        # RFC 7489 6.6.3, step 6: with somewhere to report to it counts as p=none.
        problem = "" if reports else "Its policy (p=) is not none, quarantine or reject."
        policy = "none" if reports else ""
    return Dmarc(
        record=record,
        found_at=where,
        policy=policy,
        percent=_percent(tags.get("pct", "")),
        reports_to=reports,
        is_strict_dkim=tags.get("adkim", "r").lower() == "s",
        is_strict_spf=tags.get("aspf", "r").lower() == "s",
        is_inherited=inherited,
        problem=problem,
        tags=tags,
    )


def _addresses(value: str) -> list[str]:
    found = (part.strip().partition("!")[0] for part in value.split(","))
    return [part[7:] for part in found if part.lower().startswith("mailto:") and "@" in part]


def _percent(value: str) -> int:
    return min(int(value), _FULL) if value.isdecimal() and len(value) <= len("100") else _FULL
