"""What a lead's given values let us know besides: site, place, zone, quality, score."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leads.enums import InferenceSource
from leads.rules.freemail import FREE_MAIL
from leads.rules.places import country_of_domain, country_of_phone
from leads.rules.scoring import Facts, intent_word, relevance, score_parts, tier, total
from leads.rules.sites import address_site, site_domain
from leads.rules.verification import judge_address
from leads.rules.zones import zone_of_place

# What a person or a file gives; everything else of a lead follows or is the product's own.
GIVEN = (
    "email",
    "first_name",
    "last_name",
    "job_title",
    "company",
    "website",
    "phone",
    "linkedin",
    "city",
    "region",
)


@dataclass(frozen=True)
class ClientFacts:
    """What of a client makes a site relevant."""

    topics: tuple[str, ...]
    regions: tuple[str, ...]


def complete(given: Mapping[str, Any], client: ClientFacts | None = None) -> dict[str, Any]:
    """Return every column that follows from the given ones.

    `given` may have any column of a lead; country and time_zone count as given where their
    source is given. `vendor` is a verification state a vendor gave, "" for none;
    `mail_servers` the hosts that take the address's mail, None while nobody has asked;
    with `keep_verdict` the verification columns stay as they are given. `score_parts` are
    `Part`s; `plain_parts` makes them fit to store.
    """
    email = given.get("email") or ""
    website = given.get("website") or ""
    domain = site_domain(website) if website else address_site(email)
    country, country_source = _country(given, domain, email)
    zone, zone_source = _zone(given, country)
    known = {
        "domain": domain,
        "country": country,
        "country_source": country_source,
        "time_zone": zone,
        "time_zone_source": zone_source,
        **_verification(given, email),
        "search": search_text(given, domain),
    }
    parts = score_parts(_facts({**given, **known}, client))
    score = total(parts)
    return {
        **known,
        "score": score,
        "score_parts": parts,
        "tier": tier(score).value,
    }


def _verification(given: Mapping[str, Any], email: str) -> dict[str, Any]:
    if not email:
        return {"verification": "unknown", "verification_reasons": ["No address."]}
    if given.get("keep_verdict"):
        return {name: given[name] for name in ("verification", "verification_reasons")}
    verdict = judge_address(
        email, vendor=given.get("vendor", ""), mail_servers=given.get("mail_servers")
    )
    return {
        "verification": verdict.state.value,
        "verification_reasons": list(verdict.reasons),
    }


def search_text(given: Mapping[str, Any], domain: str) -> str:
    """Return the lower-case text a lead is found by."""
    words = [
        given.get("email") or "",
        given.get("first_name") or "",
        given.get("last_name") or "",
        given.get("company") or "",
        domain,
    ]
    return " ".join(word for word in words if word).lower()


def _country(given: Mapping[str, Any], domain: str, email: str) -> tuple[str, str]:
    if given.get("country") and given.get("country_source") in {None, InferenceSource.GIVEN}:
        return given["country"], InferenceSource.GIVEN.value
    for host in (domain, email.rpartition("@")[2]):
        found = country_of_domain(host) if host else ""
        if found:
            return found, InferenceSource.TLD.value
    found = country_of_phone(given.get("phone") or "")
    return found, (InferenceSource.PHONE if found else InferenceSource.NONE).value


def _zone(given: Mapping[str, Any], country: str) -> tuple[str, str]:
    if given.get("time_zone") and given.get("time_zone_source") in {None, InferenceSource.GIVEN}:
        return given["time_zone"], InferenceSource.GIVEN.value
    zone, by_region = zone_of_place(country, given.get("region") or "", given.get("city") or "")
    if not zone:
        return "", InferenceSource.NONE.value
    return zone, (InferenceSource.REGION if by_region else InferenceSource.COUNTRY).value


def _facts(lead: Mapping[str, Any], client: ClientFacts | None) -> Facts:
    email = lead.get("email") or ""
    custom = lead.get("custom") or {}
    texts = [lead.get("website") or "", *map(str, custom.values())]
    points, reason = -1, ""
    if client:
        about = [*texts, lead.get("company") or "", lead.get("job_title") or ""]
        points, reason = relevance(
            topics=client.topics, regions=client.regions, country=lead["country"], texts=about
        )
    return Facts(
        verification=lead["verification"] if email else "",
        free_mail=email.rpartition("@")[2] in FREE_MAIL,
        has_website=bool(lead["domain"]),
        domain_rating=lead.get("domain_rating"),
        intent=intent_word(texts),
        has_name=bool(lead.get("first_name")),
        has_job_title=bool(lead.get("job_title")),
        has_phone=bool(lead.get("phone")),
        has_linkedin=bool(lead.get("linkedin")),
        relevance=points,
        relevance_reason=reason,
    )
