"""A second opinion on links, where an agency or the platform pays for link data.

It is asked whether a link is live when our own check could not read the page, and whether
Google lists the page of a link that is live. What it says is kept as checks of their own;
it never alarms anyone, as it may have looked weeks ago.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Agency
from directory.enums import CheckSource, LinkType, Verdict
from directory.models import Backlink, BacklinkCheck
from directory.services.checking import source_of, target_of
from integrations.services import providers
from integrations.services.providers import LimitError
from integrations.vendors.link_data import LinkData, LinkFacts, VendorError

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from integrations.models import ProviderAccount

# A vendor's knowledge changes slowly, and every question costs money.
_AGAIN = timedelta(days=30)
_MOST = 100  # links of an agency asked about a day
_FAILURES = 3  # in a row, after which the vendor is left alone until tomorrow


def ask_second_source() -> int:
    """Ask about the links of every agency that has, or shares, an account; return how many."""
    return sum(ask_for_agency(agency) for agency in Agency.objects.filter(is_active=True))


def ask_for_agency(agency: Agency, *, most: int = _MOST) -> int:
    """Ask about an agency's links within its limit; return how many were answered."""
    account = providers.link_data_account(agency)
    if account is None:
        return 0
    answered = failures = 0
    for link in _open_questions(agency)[:most]:
        try:
            _ask(account, link)
        except LimitError:
            break
        except VendorError as error:
            failures += 1
            if error.refused or failures >= _FAILURES:
                break
        else:
            answered += 1
            failures = 0
    return answered


def _open_questions(agency: Agency) -> QuerySet[Backlink]:
    asked = BacklinkCheck.objects.filter(
        backlink=OuterRef("pk"), source=CheckSource.LINK_DATA, at__gt=timezone.now() - _AGAIN
    )
    open_ones = Q(verdict=Verdict.UNVERIFIABLE) | Q(verdict=Verdict.LIVE)
    links = Backlink.objects.for_agency(agency).placed().filter(open_ones, ~Exists(asked))
    return links.exclude(source_url="", proof_url="").order_by("-verdict", "pk")


def _ask(account: ProviderAccount, link: Backlink) -> None:
    """Ask what is open about one link, and keep the answer; raises as `providers.call`."""
    source, target = source_of(link), target_of(link)
    if link.verdict == Verdict.UNVERIFIABLE:

        def ask(vendor: LinkData) -> LinkFacts:
            return vendor.link(source, target)

        purpose = "link"
    else:

        def ask(vendor: LinkData) -> LinkFacts:
            return vendor.indexed(source)

        purpose = "indexed"
    facts = providers.call(account, agency=link.agency, purpose=purpose, ask=ask)
    BacklinkCheck.objects.create(
        agency_id=link.agency_id, backlink=link, source=CheckSource.LINK_DATA,
        verdict=_verdict(link, facts), reason=_words(account, facts), is_indexed=facts.indexed,
        found_rel=facts.rel if facts.rel in LinkType.values else "", found_anchor=facts.anchor,
        found_target=facts.target, evidence={"seen": facts.seen, "provider": account.provider},
    )  # fmt: skip
    known: dict[str, object] = {}
    if facts.indexed is not None:
        known["is_indexed"] = facts.indexed
    if facts.live:
        known["is_live"] = True
    if known:
        Backlink.objects.filter(pk=link.pk, verdict=link.verdict).update(**known)


def _verdict(link: Backlink, facts: LinkFacts) -> str:
    if facts.live is not None:
        return Verdict.LIVE if facts.live else Verdict.MISSING
    return Verdict(link.verdict) if facts.indexed is not None else Verdict.UNVERIFIABLE


def _words(account: ProviderAccount, facts: LinkFacts) -> str:
    name = account.get_provider_display()
    if facts.indexed is not None:
        return f"{name}: Google {'lists' if facts.indexed else 'does not list'} the page."
    if facts.live is None:
        return f"{name} does not know this link."
    seen = f", last seen {facts.seen[:10]}" if facts.seen else ""
    return f"{name} {'saw the link' if facts.live else 'saw that the link is gone'}{seen}."
