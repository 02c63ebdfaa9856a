"""Judges what was looked up: SPF, DMARC, MX, host names, transport security."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailer.deliverability.findings import Finding
from mailer.enums import CheckState as S  # named often

if TYPE_CHECKING:
    from foundation.names import Answer, Names
    from mailer.deliverability.dmarc import Dmarc
    from mailer.deliverability.spf import Spf
    from mailer.providers import Provider

_UNKNOWN = "The DNS did not answer in time, so nothing is known. Check again later."
# Domains anyone can have an address at; nobody but their owner can sign for them.
# fmt: off
FREE_MAIL = frozenset(
    {
        "aol.com", "gmail.com", "gmx.com", "gmx.de", "googlemail.com", "hotmail.com",
        "icloud.com", "live.com", "mail.com", "me.com", "msn.com", "outlook.com", "proton.me",
        "protonmail.com", "web.de", "yahoo.co.uk", "yahoo.com", "ymail.com", "zohomail.com",
    }
)
# fmt: on
_FREE_HOSTS = {
    "gmail.com": "gmail",
    "googlemail.com": "gmail",
    "outlook.com": "outlook",
    "hotmail.com": "outlook",
    "live.com": "outlook",
}  # fmt: skip


@dataclass(frozen=True)
class Sender:
    """Whose mail is judged: the From domain, its provider, its SMTP host."""

    domain: str
    provider: Provider | None
    provider_name: str
    smtp_host: str

    @property
    def own_envelope(self) -> bool:
        """Whether the provider's address stands in the envelope, so that its SPF counts."""
        return bool(self.provider and self.provider.own_envelope)

    @property
    def includes(self) -> tuple[str, ...]:
        """What the SPF record should include."""
        return self.provider.spf_includes if self.provider else ()


def judge_domain(sender: Sender) -> Finding:
    """Judge whether the From domain is one's own."""
    domain, title = sender.domain, "From domain"
    if domain not in FREE_MAIL:
        text = f"Mail comes from {domain}, a domain of your own."
        return Finding("domain", title, S.OK, text)
    own = sender.provider and _FREE_HOSTS.get(domain) == sender.provider.key
    if own:
        text = f"{domain} belongs to {sender.provider_name}, who limits bulk mail from it sharply."
        return Finding("domain", title, S.WARN, text, action="Send from a domain of your own.")
    text = (
        f"Mail in the name of {domain} sent by someone else fails its DMARC policy, and Gmail and"
        " Yahoo refuse it."
    )
    return Finding("domain", title, S.FAIL, text, action="Send from a domain of your own.")


def judge_spf(sender: Sender, spf: Spf, names: Names) -> Finding:  # noqa: PLR0911  # a verdict each
    """Judge whether the SPF record lets this mailbox's server send."""
    domain = sender.domain
    if spf.is_unknown:
        return Finding("spf", "SPF", S.UNKNOWN, _UNKNOWN, spf.record)
    if spf.problem:
        return Finding("spf", "SPF", S.FAIL, spf.problem, _chain(spf),
                       "Mend the record; until then it counts as broken (permerror).")  # fmt: skip
    if sender.own_envelope and not (spf.record and _allowed(sender, spf, names)):
        text = (
            f"{sender.provider_name} puts its own address into the envelope unless you set up a"
            " sending domain there, so its SPF record counts, not yours. DMARC then rests on DKIM."
        )
        return Finding("spf", "SPF", S.UNKNOWN, text, _chain(spf),
                       f"Set up {domain} as sending domain at {sender.provider_name}.")  # fmt: skip
    if not spf.record:
        value = f"v=spf1 {_include(sender)} ~all"
        return Finding(
            "spf", "SPF", S.FAIL, f"{domain} does not say which servers may send its mail.", "",
            "Publish this record, with what else sends mail for the domain added.", domain, "TXT",
            value,
        )  # fmt: skip
    if spf.all_sign == "+":
        text = "The record ends in +all: it lets the whole world send in your name."
        return _mended(sender, spf, S.FAIL, text, _swapped(spf.record, "~all"))
    return _judge_allowed(sender, spf, names)


def _judge_allowed(sender: Sender, spf: Spf, names: Names) -> Finding:
    allowed = _allowed(sender, spf, names)
    if allowed is False:
        text = (
            f"The record does not let {sender.provider_name} send, so receivers see mail from a"
            " server you did not name."
        )
        value = _inserted(spf.record, _include(sender))
        return _mended(sender, spf, S.FAIL, text, value)
    cost = f" It needs {spf.lookups} of 10 look-ups."
    if spf.all_sign in ("?", "") or spf.has_ptr:
        text = "The record says nothing about other servers, so it protects nobody." + cost
        if spf.has_ptr:
            text = "The record uses ptr, which receivers ignore (RFC 7208 5.5)." + cost
        return _mended(sender, spf, S.WARN, text, _swapped(spf.record, "~all"))
    if allowed is None:
        text = (
            f"The record is sound, but whether it covers the addresses {sender.smtp_host} sends"
            " from cannot be known from outside." + cost
        )
        return Finding("spf", "SPF", S.UNKNOWN, text, _chain(spf),
                       "Send a test to Gmail; its original says “SPF: PASS”.")  # fmt: skip
    text = f"The record lets {sender.provider_name} send for {sender.domain}." + cost
    return Finding("spf", "SPF", S.OK, text, _chain(spf))


def _allowed(sender: Sender, spf: Spf, names: Names) -> bool | None:
    """Return whether the server may send; None where it cannot be known."""
    if sender.includes:
        visited = {domain.lower() for domain, _ in spf.chain[1:]} | set(spf.included)
        return bool(visited.intersection(sender.includes))
    found = names.addresses(sender.smtp_host)
    passing = [spf.allows(address) for address in found.values]
    return True if passing and all(passing) else None


def _include(sender: Sender) -> str:
    return f"include:{sender.includes[0]}" if sender.includes else f"a:{sender.smtp_host}"


def _mended(sender: Sender, spf: Spf, state: S, text: str, value: str) -> Finding:
    return Finding("spf", "SPF", state, text, _chain(spf), "Change the record to this.",
                   sender.domain, "TXT", value)  # fmt: skip


def _swapped(record: str, last: str) -> str:
    kept = [word for word in record.split() if word.lower().lstrip("+?~-") not in ("all", "ptr")]
    has_redirect = any(word.lower().startswith("redirect=") for word in kept)
    return " ".join(kept if has_redirect else [*kept, last])


def _inserted(record: str, term: str) -> str:
    words = record.split()
    return " ".join([words[0], term, *words[1:]])


def _chain(spf: Spf) -> str:
    return "\n".join(f"{domain}: {record}" for domain, record in spf.chain[:20]) or spf.record


def judge_dmarc(sender: Sender, dmarc: Dmarc) -> Finding:  # noqa: PLR0911  # a verdict each
    """Judge the DMARC policy in force."""
    name = f"_dmarc.{dmarc.found_at}"
    value = f"v=DMARC1; p=none; rua=mailto:dmarc@{dmarc.found_at}"
    if dmarc.is_unknown:
        return Finding("dmarc", "DMARC", S.UNKNOWN, _UNKNOWN)
    if not dmarc.record and not dmarc.problem:
        text = "There is no DMARC policy. Gmail and Yahoo refuse bulk mail without one."
        action = "Publish this record; p=none changes nothing for your mail but is enough."
        return Finding("dmarc", "DMARC", S.FAIL, text, "", action, name, "TXT", value)
    if dmarc.problem or not dmarc.policy:
        return Finding("dmarc", "DMARC", S.FAIL, dmarc.problem, dmarc.record,
                       "Change the record to this.", name, "TXT", value)  # fmt: skip
    text = _policy_words(sender, dmarc)
    if not dmarc.reports_to:
        value = f"{dmarc.record.rstrip('; ')}; rua=mailto:dmarc@{dmarc.found_at}"
        return Finding("dmarc", "DMARC", S.INFO, f"{text} Nobody gets its reports.", dmarc.record,
                       "Name an address for reports, to see who sends in your name.", name, "TXT",
                       value)  # fmt: skip
    return Finding("dmarc", "DMARC", S.OK, text, dmarc.record)


def _policy_words(sender: Sender, dmarc: Dmarc) -> str:
    where = f"{dmarc.found_at} speaks for {sender.domain}: " if dmarc.is_inherited else ""
    meaning = {
        "none": "mail that fails is delivered and reported (p=none)",
        "quarantine": "mail that fails goes to spam (p=quarantine)",
        "reject": "mail that fails is refused (p=reject)",
    }[dmarc.policy]
    share = f", for {dmarc.percent} % of it" if dmarc.percent < 100 else ""  # noqa: PLR2004  # %
    text = f"{where}{meaning}{share}."
    return text[0].upper() + text[1:]


def judge_mx(sender: Sender, mx: Answer, addresses: Answer) -> Finding:  # noqa: PLR0911  # a verdict each
    """Judge whether answers to the From domain arrive anywhere (RFC 5321 5.1, RFC 7505)."""
    title = "Receiving mail (MX)"
    found = "\n".join(mx.values)
    if mx.is_unknown or (not mx.values and addresses.is_unknown):
        return Finding("mx", title, S.UNKNOWN, _UNKNOWN)
    if any(value.partition(" ")[2] == "." for value in mx.values):
        text = f"{sender.domain} says that it takes no mail (null MX): every answer bounces."
        return Finding("mx", title, S.FAIL, text, found, "Publish the MX of your mail provider.")
    if mx.values:
        return Finding("mx", title, S.OK, f"Answers to {sender.domain} arrive.", found)
    if addresses.values:
        text = "There is no MX, only an address; many receivers take that for a sign of spam."
        return Finding("mx", title, S.WARN, text, "\n".join(addresses.values),
                       "Publish the MX of your mail provider.")  # fmt: skip
    text = f"{sender.domain} has neither MX nor address: answers bounce, and mail is refused."
    return Finding("mx", title, S.FAIL, text, "", "Publish the MX of your mail provider.")


def judge_pointer(sender: Sender, names: Names) -> Finding:  # noqa: PLR0911  # a verdict each
    """Judge whether the SMTP server has a name that leads back to it, where that can be known."""
    title = "Server name (PTR)"
    if sender.includes:
        text = f"The sending servers are those of {sender.provider_name}, who names them."
        return Finding("ptr", title, S.NOT_APPLICABLE, text)
    found = names.addresses(sender.smtp_host)
    if not found.values:
        return Finding("ptr", title, S.UNKNOWN, _UNKNOWN)
    address = found.values[0]
    pointer = names.pointer(address)
    if pointer.is_unknown:
        return Finding("ptr", title, S.UNKNOWN, _UNKNOWN)
    back = [name for name in pointer.values[:5] if address in names.addresses(name).values]
    if back:
        return Finding("ptr", title, S.OK, "The server’s address has a name that leads back to it.",
                       f"{address} is {back[0]}")  # fmt: skip
    text = (
        f"{address} has no name that leads back to it. If it is the one that sends, Gmail refuses"
        " its mail; if your provider sends from others, this does not matter."
    )
    return Finding("ptr", title, S.WARN, text, "\n".join(pointer.values),
                   "Ask whoever runs the server to set its reverse DNS.")  # fmt: skip


def judge_extras(sender: Sender, names: Names) -> list[Finding]:
    """Say whether MTA-STS (RFC 8461) and TLS reports (RFC 8460) are in use; neither is needed."""
    return [
        _extra("mta_sts", "Encrypted delivery to you (MTA-STS)", "v=STSv1",
               names.txt(f"_mta-sts.{sender.domain}")),
        _extra("tls_rpt", "Reports of failed encryption (TLS-RPT)", "v=TLSRPTv1",
               names.txt(f"_smtp._tls.{sender.domain}")),
    ]  # fmt: skip


def _extra(key: str, title: str, start: str, answer: Answer) -> Finding:
    if answer.is_unknown:
        return Finding(key, title, S.UNKNOWN, _UNKNOWN)
    found = [value for value in answer.values if value.startswith(start)]
    if found:
        return Finding(key, title, S.OK, "In use.", found[0])
    return Finding(key, title, S.INFO, "Not in use. It protects mail sent to you, not yours.")
