"""What a template may say about a lead, its client and its sender, and how it is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from campaigns.templating.values import normal_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import Agency, Client, User
    from leads.models import Lead
    from mailer.models import Mailbox


@dataclass(frozen=True)
class Variable:
    """One name a template may use, what it stands for, and what it looks like filled in."""

    name: str
    meaning: str
    group: str
    example: str = ""


_PERSON, _SITE, _CLIENT, _SENDER = "The person", "Their site", "Your client", "The sender"

VARIABLES: tuple[Variable, ...] = (
    Variable("first_name", "First name", _PERSON, "Elena"),
    Variable("last_name", "Last name", _PERSON, "Rossi"),
    Variable("full_name", "First and last name", _PERSON, "Elena Rossi"),
    Variable("email", "E-mail address", _PERSON, "elena@ridgeandkitchen.example"),
    Variable("job_title", "Job title", _PERSON, "Managing editor"),
    Variable("city", "City", _PERSON, "Bologna"),
    Variable("region", "State or province", _PERSON, "Emilia-Romagna"),
    Variable("country", "Country code", _PERSON, "IT"),
    Variable("company", "Company or publication", _SITE, "Ridge & Kitchen"),
    Variable("website", "Website as imported", _SITE, "https://ridgeandkitchen.example"),
    Variable("domain", "Domain of the site", _SITE, "ridgeandkitchen.example"),
    Variable("client_name", "The client’s name", _CLIENT, "Northbeam"),
    Variable("client_domain", "The client’s domain", _CLIENT, "northbeam.example"),
    Variable(
        "target_url",
        "The client’s first target page, as a link",
        _CLIENT,
        "https://northbeam.example/guide",
    ),
    Variable("target_title", "Title of that page", _CLIENT, "The trail food guide"),
    Variable("industry", "The client’s industry", _CLIENT, "Outdoor food"),
    Variable("core_offer", "What the client offers", _CLIENT, "dehydrated meals for hikers"),
    Variable("key_differentiator", "What sets the client apart", _CLIENT, "tested in the field"),
    Variable("cta", "Call to action", _CLIENT, "May I send an outline?"),
    Variable("timeline", "Timeline", _CLIENT, "this month"),
    Variable("goal", "What the outreach is for", _CLIENT, "a guest article"),
    Variable("sender_name", "Name on the mailbox", _SENDER, "Maya Lindqvist"),
    Variable("sender_first_name", "First name of the sender", _SENDER, "Maya"),
    Variable("sender_email", "Address of the mailbox", _SENDER, "maya@northbeam.example"),
    Variable(
        "signature",
        "The mailbox’s signature, with its line breaks",
        _SENDER,
        "Maya Lindqvist, Northbeam",
    ),
    Variable("agency_name", "Your agency’s name", _SENDER, "Fieldstone"),
)
# Other names people use for the same thing, from the tools they come from.
_ALIASES = {
    "company_name": "company",
    "organization": "company",
    "organisation": "company",
    "name": "full_name",
    "title": "job_title",
    "site": "website",
    "state": "region",
    "mailbox": "sender_email",
    "from_name": "sender_name",
    "call_to_action": "cta",
    "agency": "agency_name",
}


def lead_context(
    lead: Lead,
    *,
    client: Client | None,
    mailbox: Mailbox | None,
    user: User | None,
    agency: Agency,
) -> dict[str, Any]:
    """Return every value a template may use for this lead, by its snake_case name.

    Templates find them under any spelling (`companyName`, `Company Name`) and custom
    fields by their column's name or as `custom.<name>`. A custom field never hides a
    value of ours that is known, but fills one that is empty. The client's target pages
    should be prefetched when many leads are rendered.
    """
    values = _known(lead, client, mailbox, user, agency)
    values |= {alias: values[name] for alias, name in _ALIASES.items()}
    taken = {normal_name(name) for name, value in values.items() if value}
    custom: Mapping[str, Any] = lead.custom or {}
    free = {key: value for key, value in custom.items() if normal_name(str(key)) not in taken}
    nested = {
        "client": _nested(values, "client_") | _without_prefix(values, _CLIENT),
        "sender": _nested(values, "sender_"),
        "lead": _without_prefix(values, _PERSON, _SITE),
        "custom": dict(custom),
    }
    # Ours come last, so that a custom "client" or "lead" cannot take their place.
    return {**{key: value for key, value in values.items() if value}, **free, **nested}


def _known(
    lead: Lead, client: Client | None, mailbox: Mailbox | None, user: User | None, agency: Agency
) -> dict[str, Any]:
    sender = (mailbox.display_name if mailbox else "") or (user.name if user else "")
    return {
        "first_name": lead.first_name,
        "last_name": lead.last_name,
        "full_name": lead.full_name,
        "email": lead.email or "",
        "job_title": lead.job_title,
        "company": lead.company,
        "website": lead.website,
        "domain": lead.domain,
        "phone": lead.phone,
        "city": lead.city,
        "region": lead.region,
        "country": lead.country,
        "domain_rating": "" if lead.domain_rating is None else str(lead.domain_rating),
        "sender_name": sender,
        "sender_first_name": sender.split(maxsplit=1)[0] if sender.strip() else "",
        "sender_email": mailbox.address if mailbox else "",
        "signature": mailbox.signature if mailbox else "",
        "agency_name": agency.name,
        **_of_client(client),
    }


def _of_client(client: Client | None) -> dict[str, Any]:
    page = next(iter(client.target_pages.all()), None) if client else None
    names = (
        "core_offer",
        "key_differentiator",
        "cta",
        "timeline",
        "goal",
        "fallback_action",
        "brand_voice",
        "industry",
    )
    values = {name: getattr(client, name, "") for name in names}
    return {
        **values,
        "client_name": client.name if client else "",
        "client_domain": client.domain if client else "",
        "client_website": f"https://{client.domain}" if client and client.domain else "",
        "target_url": page.url if page else "",
        "target_title": page.title if page else "",
        "target_anchor": _first_anchor(page.anchors) if page else "",
    }


def _first_anchor(anchors: Any) -> str:
    first = anchors[0] if isinstance(anchors, list) and anchors else ""
    return str(first.get("text", "")) if isinstance(first, dict) else str(first)


def _nested(values: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): value
        for name, value in values.items()
        if name.startswith(prefix)
    }


def _without_prefix(values: Mapping[str, Any], *groups: str) -> dict[str, Any]:
    return {item.name: values[item.name] for item in VARIABLES if item.group in groups}
