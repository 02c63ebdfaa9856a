"""Everything held on a person, by address: handing it over and erasing it (GDPR 15, 17, 20).

Compliance stands below the apps that hold most of it and does not know them, so each app
registers two functions in its `AppConfig.ready`:

    personal_data.register("leads", collect=…, erase=…)

Both get the agency and the normalised address. `collect` returns sections of JSON-able
rows; `erase` removes or blanks what it can and returns how many rows of what, and must do
nothing the second time.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.models import Agency, User
from compliance import audit
from compliance.enums import SuppressionKind, SuppressionReason
from compliance.models import (
    AuditEntry,
    Consent,
    PolicyDecision,
    SecurityEvent,
    Suppression,
    digest_of,
)
from compliance.services import suppress

Collect = Callable[[Agency, str], Mapping[str, list[dict[str, Any]]]]
Erase = Callable[[Agency, str], Mapping[str, int]]

ERASED = "[erased]"


def mark_of(address: str) -> str:
    """Return what stands for an erased address, so that its rows still belong together."""
    return f"erased:{digest_of(address)[:16]}"


class Holder(NamedTuple):
    """An app that holds data on people."""

    collect: Collect
    erase: Erase


_HOLDERS: dict[str, Holder] = {}


def register(name: str, *, collect: Collect, erase: Erase) -> None:
    """Make an app's data on people part of every export and erasure."""
    _HOLDERS[name] = Holder(collect, erase)


def registered() -> tuple[str, ...]:
    """Return the names of the apps that have registered."""
    return tuple(sorted(_HOLDERS))


def everything_on(agency: Agency, address: str) -> dict[str, Any]:
    """Return all this agency holds on a normalised address, as JSON-able sections."""
    return {
        "address": address,
        "agency": agency.name,
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "data": {name: dict(_HOLDERS[name].collect(agency, address)) for name in registered()},
    }


def erase_person(*, agency: Agency, address: str, actor: User | None) -> dict[str, int]:
    """Erase an address everywhere in the agency, all or nothing; its suppression stays.

    The suppression keeps only a digest, which still matches the address but does not tell
    it. Sent e-mails stay counted. Returns how many rows of what were erased.
    """
    counts: dict[str, int] = {}
    with transaction.atomic():
        # First the suppression, so that whatever is queued is stopped by those who hear it.
        suppress(
            agency=agency,
            kind=SuppressionKind.ADDRESS,
            values=[address],
            reason=SuppressionReason.ERASED,
            source="Erased on request",
            actor=actor,
        )
        for name in registered():
            for what, count in _HOLDERS[name].erase(agency, address).items():
                counts[what] = counts.get(what, 0) + count
        audit.record(
            agency=agency,
            actor=actor,
            action="person erased",
            object_type="person",
            object_id=digest_of(address)[:16],
            changes=counts,
        )
    return counts


# What compliance itself holds -------------------------------------------------------------


def collect_own(agency: Agency, address: str) -> dict[str, list[dict[str, Any]]]:
    """Return the suppressions, consents and decisions on an address."""
    return {
        "suppressions": [
            {"reason": row.reason, "source": row.source, "at": row.created_at.isoformat()}
            for row in Suppression.objects.for_agency(agency).filter(digest=digest_of(address))
        ],
        "consents": [
            {
                "basis": row.basis,
                "evidence": row.evidence,
                "obtained_at": row.obtained_at.isoformat(),
                "withdrawn_at": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
            }
            for row in Consent.objects.for_agency(agency).filter(address=address)
        ],
        "decisions": [
            {
                "at": row.at.isoformat(),
                "sender": row.sender,
                "outcome": row.outcome,
                "sentences": row.sentences,
                "legal_basis": row.legal_basis,
                "region": row.region,
            }
            for row in PolicyDecision.objects.for_agency(agency)
            .filter(recipient=address)
            .order_by("at")
        ],
    }


def erase_own(agency: Agency, address: str) -> dict[str, int]:
    """Drop consents, and take the address out of decisions, logs and its suppression."""
    mark = mark_of(address)
    consents = Consent.objects.for_agency(agency).filter(address=address).delete()[0]
    decisions = 0
    for row in PolicyDecision.objects.for_agency(agency).filter(recipient=address).iterator():
        row.recipient = mark
        row.sentences, row.trace = _without(address, row.sentences), _without(address, row.trace)
        row.save(update_fields=["recipient", "sentences", "trace"])
        decisions += 1
    Suppression.objects.for_agency(agency).filter(
        kind=SuppressionKind.ADDRESS, digest=digest_of(address)
    ).update(value="")
    return {
        "consents": consents,
        "decisions": decisions,
        "log entries": _erase_from_logs(agency, address),
    }


def _erase_from_logs(agency: Agency, address: str) -> int:
    count = 0
    for entry in AuditEntry.objects.for_agency(agency).filter(changes__icontains=address):
        entry.changes = _without(address, entry.changes)
        entry.save(update_fields=["changes"])
        count += 1
    for event in SecurityEvent.objects.filter(agency=agency, detail__icontains=address):
        event.detail = _without(address, event.detail)
        event.save(update_fields=["detail"])
        count += 1
    return count


def _without(address: str, value: Any) -> Any:
    """Return JSON with the address struck out of every text in it, in any letter case."""
    if isinstance(value, str):
        start = value.lower().find(address)
        while start >= 0:
            value = f"{value[:start]}{ERASED}{value[start + len(address) :]}"
            start = value.lower().find(address)
        return value
    if isinstance(value, list):
        return [_without(address, item) for item in value]
    if isinstance(value, dict):
        return {name: _without(address, item) for name, item in value.items()}
    return value
