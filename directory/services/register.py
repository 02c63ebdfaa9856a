"""Keeping the register by hand: adding, changing and deleting backlinks."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Client, User
from directory.enums import (
    PLACED,
    STAMPS,
    BacklinkEventKind,
    BacklinkStatus,
    SourceType,
)
from directory.models import Backlink
from directory.services.timeline import EventDraft, record_events
from foundation.addresses import registrable_domain

# A change of these asks the page again.
_CHECKED = frozenset(
    {"source_url", "target_url", "expected_rel", "expected_anchor", "expected_target"}
)
_TERMS = frozenset(
    {
        "expected_rel",
        "expected_anchor",
        "expected_target",
        "expected_until",
        "expected_price",
        "expected_currency",
    }
)
_LABELS = {
    "source_url": "page that links",
    "target_url": "target page",
    "anchor_text": "anchor",
    "link_type": "rel",
    "domain_rating": "domain rating",
    "cost_currency": "currency of the cost",
}


class RegisterError(Exception):
    """A backlink that cannot be stored as asked; the message says what to do."""


@transaction.atomic
def add_backlink(*, client: Client, fields: Mapping[str, Any], actor: User | None) -> Backlink:
    """Add a link by hand, wherever it stands; a published one is checked soon.

    Raises `RegisterError` when the client's register has the same link already.
    """
    same = Backlink.objects.for_agency(client.agency).filter(
        client=client, source_url=fields["source_url"], target_url=fields.get("target_url", "")
    )
    if same.exists():
        raise RegisterError(f"The register of {client} has this link already.")
    backlink = new_backlink(client, fields, actor)
    backlink.save()
    record_added([backlink], "Added by hand", actor)
    return backlink


def new_backlink(client: Client, fields: Mapping[str, Any], actor: User | None) -> Backlink:
    """Return a link asked for outside the product, not stored yet."""
    now = timezone.now()
    backlink = Backlink(
        agency_id=client.agency_id,
        client=client,
        source_type=SourceType.OUTREACH,
        source_domain=registrable_domain(fields["source_url"]),
        is_touched=True,
        **fields,
    )
    stamp = STAMPS.get(backlink.status)
    if stamp and getattr(backlink, stamp) is None:
        setattr(backlink, stamp, now)
    if backlink.status == BacklinkStatus.PUBLISHED:
        backlink.placed_by, backlink.next_check_at = actor, now
    return backlink


def record_added(backlinks: Sequence[Backlink], summary: str, actor: User | None) -> None:
    """Begin the timelines of stored backlinks."""
    record_events(
        [
            EventDraft(
                link.agency_id,
                link.pk,
                BacklinkEventKind.CREATED,
                summary,
                details={"status": link.status},
                actor_id=actor.pk if actor else None,
            )
            for link in backlinks
        ]
    )


@transaction.atomic
def save_backlink(backlink: Backlink, *, fields: Mapping[str, Any], actor: User) -> Backlink:
    """Store what a person changed and say so in the timeline.

    A placed link whose page or terms changed is checked soon.
    """
    changed = {name: value for name, value in fields.items() if getattr(backlink, name) != value}
    if not changed:
        return backlink
    values: dict[str, Any] = {**changed, "is_touched": True, "updated_at": timezone.now()}
    if changed.get("source_url"):
        values["source_domain"] = registrable_domain(changed["source_url"])
    if backlink.status in PLACED and _CHECKED & set(changed):
        values["next_check_at"] = timezone.now()
    Backlink.objects.filter(pk=backlink.pk, agency_id=backlink.agency_id).update(**values)
    record_events(
        [
            EventDraft(
                backlink.agency_id, backlink.pk, kind, summary, details=details, actor_id=actor.pk
            )
            for kind, summary, details in _told(backlink, changed)
        ]
    )
    backlink.refresh_from_db()
    return backlink


def _told(
    backlink: Backlink, changed: Mapping[str, Any]
) -> list[tuple[BacklinkEventKind, str, dict[str, Any]]]:
    told: list[tuple[BacklinkEventKind, str, dict[str, Any]]] = []
    if "assignee" in changed:
        who = changed["assignee"]
        told.append((BacklinkEventKind.ASSIGNED, f"Assigned to {who or 'nobody'}", {}))
    terms = sorted(_TERMS & set(changed))
    if terms:
        said = ", ".join(name.removeprefix("expected_") for name in terms)
        told.append(
            (
                BacklinkEventKind.EXPECTED,
                f"Terms changed: {said}",
                _before(backlink, changed, terms),
            )
        )
    others = sorted(set(changed) - _TERMS - {"assignee"})
    if others:
        said = ", ".join(_LABELS.get(name, name) for name in others)
        told.append(
            (BacklinkEventKind.CHANGED, f"Changed: {said}", _before(backlink, changed, others))
        )
    return told


def _before(
    backlink: Backlink, changed: Mapping[str, Any], names: Sequence[str]
) -> dict[str, list[str]]:
    return {
        name: [_plain(getattr(backlink, name)), _plain(changed[name])]
        for name in names
        if name != "notes"
    }


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def delete_backlink(backlink: Backlink) -> None:
    """Forget a backlink with its checks and timeline.

    Raises `RegisterError` for one of a directory: the next search would bring it back.
    """
    if backlink.source_type == SourceType.DIRECTORY:
        raise RegisterError("Move it to not applicable instead: a search would bring it back.")
    backlink.delete()
