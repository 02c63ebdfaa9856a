"""Leads made, changed and deleted by hand, one or many."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Agency, Client, User
from compliance.selectors import suppressed
from leads.enums import EventKind, InferenceSource, LeadSourceKind
from leads.importing.columns import UPDATED
from leads.models import Lead
from leads.rules.completion import complete
from leads.rules.scoring import plain_parts
from leads.services.events import EventDraft, record_events
from leads.services.imports import client_facts
from leads.services.storing import update_leads
from leads.signals import leads_deleting

_PLACES = ("country", "time_zone")


class LeadRefusedError(Exception):
    """A lead cannot be kept as given; `field` is what to change, the message how."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def create_lead(*, agency: Agency, values: Mapping[str, Any], actor: User | None) -> Lead:
    """Add a lead by hand; raises `LeadRefusedError` for one known or suppressed."""
    lead = Lead(agency=agency, source=LeadSourceKind.MANUAL)
    _check_suppressed(agency, values.get("email") or "")
    _fill(lead, values)
    _save(lead)
    _note(lead, EventKind.CREATED, "Added by hand", actor)
    return lead


def change_lead(*, lead: Lead, values: Mapping[str, Any], actor: User | None) -> Lead:
    """Change a lead by hand; what followed from the old values is inferred again."""
    email = values.get("email") or None
    if email != lead.email:
        _check_suppressed(lead.agency, email or "")
    _fill(lead, values, keep_verdict=email == lead.email)
    _save(lead)
    _note(lead, EventKind.UPDATED, "Changed by hand", actor)
    return lead


def add_note(*, lead: Lead, text: str, actor: User | None) -> None:
    """Keep what a member wants the others to know."""
    _note(lead, EventKind.NOTE, text, actor)


def _check_suppressed(agency: Agency, email: str) -> None:
    found = suppressed(agency, [email] if email else [])
    for row in found.values():
        raise LeadRefusedError(
            "email", f"This address is suppressed ({row.get_reason_display()}); see Suppressions."
        )


def _fill(lead: Lead, values: Mapping[str, Any], *, keep_verdict: bool = False) -> None:
    for name, value in values.items():
        setattr(lead, name, value)
    lead.email = lead.email or None
    for name in _PLACES:
        if name in values:
            source = InferenceSource.GIVEN if values[name] else InferenceSource.NONE
            setattr(lead, f"{name}_source", source)
    given = {name: getattr(lead, name) for name in UPDATED}
    inferred = complete({**given, "keep_verdict": keep_verdict}, client_facts(lead.client))
    inferred["score_parts"] = plain_parts(inferred["score_parts"])
    for name, value in inferred.items():
        setattr(lead, name, value)
    lead.updated_at = timezone.now()


def _save(lead: Lead) -> None:
    try:
        with transaction.atomic():
            lead.save()
    except IntegrityError as error:
        raise LeadRefusedError("email", "A lead with this address exists already.") from error


def _note(lead: Lead, kind: str, summary: str, actor: User | None) -> None:
    record_events(
        [
            EventDraft(
                agency_id=lead.agency_id,
                kind=kind,
                summary=summary,
                lead_id=lead.pk,
                domain=lead.domain,
                client_id=lead.client_id,
                actor_id=actor.pk if actor else None,
            )
        ]
    )


def change_leads(
    *,
    agency: Agency,
    lead_ids: Sequence[int],
    changes: Mapping[str, Any],
    custom: Mapping[str, str] | None = None,
) -> int:
    """Set columns (`client_id`, `owner_id`, …) or custom fields of many leads; score again."""
    both = {**changes, "custom": custom or {}}
    return change_leads_each(agency=agency, changes=dict.fromkeys(lead_ids, both))


@transaction.atomic
def change_leads_each(*, agency: Agency, changes: Mapping[int, Mapping[str, Any]]) -> int:
    """Set columns of many leads, each its own; what follows from them is inferred again.

    `custom` is merged into the custom fields; `mail_servers` and `vendor` are judged.
    Three queries, however many leads.
    """
    leads = Lead.objects.for_agency(agency).filter(pk__in=list(changes))
    rows = list(leads.values("id", *UPDATED))
    wanted = {changes[row["id"]].get("client_id", row["client_id"]) for row in rows}
    clients = Client.objects.for_agency(agency).in_bulk(wanted - {None})
    now = timezone.now()
    changed = []
    for row in rows:
        mine = changes[row["id"]]
        new = {**row, **mine, "custom": {**row["custom"], **mine.get("custom", {})}}
        new["keep_verdict"] = not {"vendor", "mail_servers"} & mine.keys()
        facts = client_facts(clients.get(new["client_id"]))
        changed.append((row["id"], {**new, **complete(new, facts), "updated_at": now}))
    update_leads(changed)
    return len(changed)


@transaction.atomic
def delete_leads(*, agency: Agency, lead_ids: Iterable[int]) -> int:
    """Delete leads and what hangs on them; suppressions stay."""
    leads = Lead.objects.for_agency(agency).filter(pk__in=list(lead_ids))
    found = list(leads.values_list("pk", "email"))
    leads_deleting.send(
        Lead,
        agency=agency,
        lead_ids=[pk for pk, _ in found],
        addresses=[email for _, email in found if email],
    )
    leads.delete()
    return len(found)
