"""Looks up all that the DNS says of one sending domain, many questions at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from foundation.addresses import registrable_domain
from mailer.deliverability import judging, judging_keys
from mailer.deliverability.dmarc import look_up_dmarc
from mailer.deliverability.spf import look_up_spf

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from foundation.names import Names
    from mailer.deliverability.findings import Finding
    from mailer.deliverability.judging import Sender
    from mailer.deliverability.judging_keys import OwnKey

_WORKERS = 12


def look_up(sender: Sender, own: Sequence[OwnKey], names: Names) -> list[Finding]:
    """Return every finding, in the order a person would mend them."""
    domain = sender.domain
    selectors = judging_keys.selectors_of(sender, own)
    _ask_ahead(sender, selectors, names)
    spf = judging.judge_spf(sender, look_up_spf(domain, names), names)
    keys = judging_keys.look_up_keys(domain, selectors, names)
    dkim = judging_keys.judge_dkim(sender, own, keys)
    policy = look_up_dmarc(domain, names)
    return [
        judging.judge_domain(sender),
        spf,
        dkim,
        judging.judge_dmarc(sender, policy),
        judging_keys.judge_alignment(sender, policy, spf, dkim),
        judging.judge_mx(sender, names.mx(domain), names.addresses(domain)),
        judging.judge_pointer(sender, names),
        *judging.judge_extras(sender, names),
    ]


def _ask_ahead(sender: Sender, selectors: Sequence[str], names: Names) -> None:
    """Ask everything known beforehand at once; the answers are kept by `names`."""
    domain = sender.domain
    organisation = registrable_domain(domain) or domain
    txt = [
        f"_dmarc.{domain}",
        f"_dmarc.{organisation}",
        f"_mta-sts.{domain}",
        f"_smtp._tls.{domain}",
        *(f"{selector}._domainkey.{domain}" for selector in selectors),
    ]
    questions: list[Callable[[], object]] = [
        lambda: look_up_spf(domain, names),
        lambda: names.mx(domain),
        lambda: names.addresses(domain),
        lambda: judging.judge_pointer(sender, names),
    ]
    with ThreadPoolExecutor(_WORKERS) as pool:
        asked = [pool.submit(question) for question in questions]
        asked += [pool.submit(names.txt, name) for name in dict.fromkeys(txt)]
        for one in asked:
            one.result()
