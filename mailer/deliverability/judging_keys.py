"""Judges a domain's DKIM keys, and whether SPF or DKIM vouch for the From domain (DMARC)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailer.deliverability.dkim_records import GOOD_BITS, KeyRecord, read_key
from mailer.deliverability.findings import Finding
from mailer.enums import CheckState as S  # named often

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from foundation.names import Names
    from mailer.deliverability.dmarc import Dmarc
    from mailer.deliverability.judging import Sender

# What mail servers that leave the choice to their owner are usually set up with.
COMMON_SELECTORS = ("default", "dkim", "mail", "selector1", "k1", "s1", "google", "key1")


@dataclass(frozen=True)
class OwnKey:
    """A key we sign with, and the record that should be published for it."""

    selector: str
    record: str


@dataclass(frozen=True)
class Published:
    """What the DNS holds under one selector; `text` is "" for nothing."""

    selector: str
    text: str
    key: KeyRecord
    is_unknown: bool = False
    is_double: bool = False


def selectors_of(sender: Sender, own: Iterable[OwnKey]) -> list[str]:
    """Return the selectors worth a look, ours first."""
    known = sender.provider.dkim_selectors if sender.provider else ()
    usual = known or (() if sender.provider and sender.includes else COMMON_SELECTORS)
    return list(dict.fromkeys([*(key.selector for key in own), *usual]))


def look_up_keys(domain: str, selectors: Iterable[str], names: Names) -> list[Published]:
    """Return what is published under each selector, nothing included."""
    return [_published(domain, selector, names) for selector in selectors]


def _published(domain: str, selector: str, names: Names) -> Published:
    answer = names.txt(f"{selector}._domainkey.{domain}")
    if not answer.values:
        return Published(selector, "", KeyRecord(), is_unknown=answer.is_unknown)
    text = answer.values[0]
    return Published(selector, text, read_key(text), is_double=len(answer.values) > 1)


def judge_dkim(sender: Sender, own: Sequence[OwnKey], published: Sequence[Published]) -> Finding:
    """Judge the keys: ours must be right, the provider's are looked for."""
    by_selector = {one.selector: one for one in published}
    if own:
        return _judge_own(sender, own, by_selector)
    there = [one for one in published if one.text]
    if there:
        return _judge_theirs(sender, there)
    if any(one.is_unknown for one in published):
        return Finding("dkim", "DKIM", S.UNKNOWN, "The DNS did not answer in time.")
    tried = ", ".join(by_selector)
    where = f" under the usual names ({tried})" if tried else ""
    text = (
        f"No key was found{where}. A key may have any name, so there may be one all the same:"
        f" {sender.provider_name} shows it in its settings."
    )
    return Finding("dkim", "DKIM", S.UNKNOWN, text, action="Switch DKIM on at your provider, or"
                   " have us sign: see below.")  # fmt: skip


def _judge_own(
    sender: Sender, own: Sequence[OwnKey], published: Mapping[str, Published]
) -> Finding:
    for key in own:
        there = published[key.selector]
        if there.is_unknown:
            return Finding("dkim", "DKIM", S.UNKNOWN, "The DNS did not answer in time.")
        if there.is_double or there.key.problem or _squeezed(there.text) != _squeezed(key.record):
            text = (
                f"We sign with {key.selector}, but its record is gone or differs, so every"
                " signature fails."
            )
            return Finding(
                "dkim", "DKIM", S.FAIL, text, there.text, "Publish this record, or switch signing"
                " off.", f"{key.selector}._domainkey.{sender.domain}", "TXT", key.record,
            )  # fmt: skip
    text = "We sign every e-mail, and everybody can find the keys."
    return Finding("dkim", "DKIM", S.OK, text, _shown(published[key.selector] for key in own))


def _squeezed(record: str) -> str:
    return "".join(record.split()).rstrip(";")


def _judge_theirs(sender: Sender, there: Sequence[Published]) -> Finding:
    shown = _shown(there)
    sound = [one for one in there if not one.key.problem and not one.is_double]
    if not sound:
        bad = there[0]
        reason = "there are several records of that name." if bad.is_double else bad.key.problem
        return Finding(
            "dkim", "DKIM", S.FAIL, f"The key {bad.selector} cannot be used: {reason}", shown,
            f"Copy the record from {sender.provider_name} again, or have us sign: see below.",
            f"{bad.selector}._domainkey.{sender.domain}",
        )  # fmt: skip
    weak = [one for one in sound if one.key.algorithm == "rsa" and one.key.bits < GOOD_BITS]
    if len(weak) == len(sound):
        text = f"The key {weak[0].selector} has {weak[0].key.bits} bits; 2,048 are asked for today."
        return Finding("dkim", "DKIM", S.WARN, text, shown, "Have your provider make a longer one.")
    if all(one.key.is_testing for one in sound):
        text = "The key is marked as a test (t=y), so receivers ignore what it says."
        return Finding("dkim", "DKIM", S.WARN, text, shown, "Take t=y out of the record.")
    names = ", ".join(one.selector for one in sound)
    return Finding("dkim", "DKIM", S.OK, f"{sender.domain} has a sound key: {names}.", shown)


def _shown(keys: Iterable[Published]) -> str:
    return "\n".join(f"{one.selector}: {one.text}" for one in keys)


def judge_alignment(sender: Sender, dmarc: Dmarc, spf: Finding, dkim: Finding) -> Finding:
    """Judge whether SPF or DKIM vouch for the very domain in From (RFC 7489 3.1).

    The envelope's sender is the mailbox itself, and keys are looked for under the From
    domain, so both align strictly where they pass at all.
    """
    title = "From domain vouched for (alignment)"
    by_spf = spf.state in (S.OK, S.WARN) and not sender.own_envelope
    by_dkim = dkim.state in (S.OK, S.WARN)
    if by_spf or by_dkim:
        who = " and ".join(["SPF"] * by_spf + ["DKIM"] * by_dkim)
        strict = ", strictly as your policy asks" if _is_strict(dmarc) else ""
        text = f"{who} can vouch for {sender.domain}{strict}."
        return Finding("alignment", title, S.OK, text)
    if S.UNKNOWN in (spf.state, dkim.state):
        text = "Neither SPF nor DKIM is known to vouch for the From domain."
        return Finding("alignment", title, S.UNKNOWN, text)
    text = "Neither SPF nor DKIM vouches for the From domain, so DMARC fails for every e-mail."
    return Finding("alignment", title, S.FAIL, text, action="Mend SPF or DKIM first.")


def _is_strict(dmarc: Dmarc) -> bool:
    return dmarc.is_strict_spf or dmarc.is_strict_dkim
