"""Writing an agency's clients, their competitors and target pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Agency, Client, Competitor, TargetPage

# Rows a client may have of each.
COMPETITOR_LIMIT = 100
PAGE_LIMIT = 500


class ClientRuleError(Exception):
    """A client, competitor or page cannot be stored as asked; the message says why."""


def create_client(*, agency: Agency, fields: Mapping[str, Any]) -> Client:
    """Add a client. Raises `ClientRuleError` when the name is taken."""
    return _named(Client(agency=agency, **fields))


def change_client(*, client: Client, fields: Mapping[str, Any]) -> Client:
    """Store changed fields of a client. Raises `ClientRuleError` when the name is taken."""
    for field, value in fields.items():
        setattr(client, field, value)
    return _named(client)


def archive_client(*, client: Client, archived: bool) -> None:
    """Put a client away, or bring it back; nothing of it is lost."""
    client.is_archived = archived
    client.save(update_fields=["is_archived"])


def add_competitors(*, client: Client, domains: Sequence[str]) -> int:
    """Add competitors; those already there are left alone. Returns how many are new."""
    there = set(client.competitors.values_list("domain", flat=True))
    new = [domain for domain in dict.fromkeys(domains) if domain not in there]
    if len(there) + len(new) > COMPETITOR_LIMIT:
        raise ClientRuleError(f"A client can have {COMPETITOR_LIMIT} competitors at most.")
    Competitor.objects.bulk_create(
        [Competitor(agency_id=client.agency_id, client=client, domain=domain) for domain in new],
        ignore_conflicts=True,
    )
    return len(new)


def change_competitor(*, competitor: Competitor, domain: str) -> Competitor:
    """Correct a competitor's domain. Raises `ClientRuleError` when it is there already."""
    competitor.domain = domain
    try:
        with transaction.atomic():
            competitor.save(update_fields=["domain"])
    except IntegrityError as error:
        raise ClientRuleError(f"{domain} is already a competitor of this client.") from error
    return competitor


def save_target_page(*, page: TargetPage, fields: Mapping[str, Any]) -> TargetPage:
    """Store a new or changed target page. Raises `ClientRuleError` when the URL is taken."""
    for field, value in fields.items():
        setattr(page, field, value)
    if page._state.adding and page.client.target_pages.count() >= PAGE_LIMIT:
        raise ClientRuleError(f"A client can have {PAGE_LIMIT} target pages at most.")
    page.agency_id = page.client.agency_id
    try:
        with transaction.atomic():
            page.save()
    except IntegrityError as error:
        raise ClientRuleError("This URL is already a target page of this client.") from error
    return page


def delete_row(*, row: Competitor | TargetPage) -> None:
    """Remove a competitor or a target page."""
    row.delete()


def _named(client: Client) -> Client:
    same = Client.objects.for_agency(client.agency_id).filter(name__iexact=client.name)
    if same.exclude(pk=client.pk).exists():
        raise ClientRuleError("There is already a client of this name.")
    try:
        with transaction.atomic():
            client.save()
    except IntegrityError as error:
        raise ClientRuleError("There is already a client of this name.") from error
    return client
