"""Keeping and lifting suppressions."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Agency, User
from compliance import audit
from compliance.enums import SuppressionKind
from compliance.models import Suppression, digest_of
from compliance.signals import address_suppressed
from foundation.addresses import normalise_address, normalise_domain

_BATCH = 2000
_TEXT = {"kind", "value", "digest", "reason", "source"}


def suppress(
    *,
    agency: Agency | None,
    kind: str,
    values: Iterable[str],
    reason: str,
    source: str = "",
    actor: User | None = None,
) -> int:
    """Suppress addresses or domains and return how many were not suppressed before.

    Args:
        agency: None for the whole platform.
        kind: `address` or `domain`.
        values: addresses or domains as they were heard; what cannot be read as one is
            kept as it stands, for a refusal is never thrown away.
        reason: a value of `SuppressionReason`.
        source: where the refusal was heard, in words.
        actor: the member who did it, if one did.

    Fires `address_suppressed` with the new ones, in the same transaction.
    """
    plain = {_plain(kind, value) for value in values} - {""}
    ordered = sorted(plain)
    count = 0
    with transaction.atomic():
        for start in range(0, len(ordered), _BATCH):
            new = _keep(
                ordered[start : start + _BATCH],
                agency=agency,
                kind=kind,
                reason=reason,
                source=source[:200],
                actor_id=actor.pk if actor else None,
            )
            count += len(new)
            if new:
                address_suppressed.send(
                    sender=Suppression, agency=agency, kind=kind, values=new, reason=reason
                )
    return count


def suppress_digest(*, agency: Agency, digest: str, reason: str, source: str) -> bool:
    """Suppress an address known only by its digest; False when it was suppressed already."""
    row = Suppression(agency=agency, digest=digest, reason=reason, source=source[:200])
    known = Suppression.objects.for_agency(agency).filter(kind=row.kind, digest=digest)
    if known.exists():
        return False
    Suppression.objects.bulk_create([row], ignore_conflicts=True)
    return True


def unsuppress(*, agency: Agency, ids: Sequence[int], reason: str, actor: User | None) -> int:
    """Lift suppressions of the agency's own list and return how many; a manager's act.

    Raises `ValidationError` when no reason is given: it is what the audit log keeps.
    """
    if not reason.strip():
        raise ValidationError("Say why it may be removed: the audit log keeps the reason.")
    with transaction.atomic():
        rows = list(Suppression.objects.for_agency(agency).filter(pk__in=ids))
        for row in rows:
            audit.record(
                agency=agency,
                actor=actor,
                action="suppression removed",
                object_type="suppression",
                object_id=str(row.pk),
                changes={"value": str(row), "was": row.reason, "reason": reason.strip()[:500]},
            )
        Suppression.objects.for_agency(agency).filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _plain(kind: str, value: str) -> str:
    normalise = normalise_domain if kind == SuppressionKind.DOMAIN else normalise_address
    try:
        return normalise(value)
    except ValidationError:
        return value.strip().lower()[:320]


def _keep(values: Sequence[str], *, agency: Agency | None, kind: str, **about: Any) -> list[str]:
    """Store those of `values` that are not suppressed yet and return them."""
    digests = {digest_of(value): value for value in values}
    known = set(
        Suppression.objects.filter(agency=agency, kind=kind, digest__in=digests).values_list(
            "digest", flat=True
        )
    )
    new = {digest: value for digest, value in digests.items() if digest not in known}
    _insert(
        {"agency_id": agency.pk if agency else None, "kind": kind, "value": value, "digest": digest}
        | about
        for digest, value in new.items()
    )
    return list(new.values())


def _insert(rows: Iterable[dict[str, Any]]) -> None:
    """Insert suppressions, leaving out those another transaction was quicker with.

    Lists of 100,000 are imported while someone waits: this takes a third of bulk_create's
    time.
    """
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    table = connection.ops.quote_name(Suppression._meta.db_table)
    names = ("agency_id", "kind", "value", "digest", "reason", "source", "actor_id")
    marks = ", ".join(["%s"] * (len(names) + 1))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({', '.join(names)}, created_at) VALUES ({marks})"  # noqa: S608  # our own names
            " ON CONFLICT DO NOTHING",
            [[*(str(row[n]) if n in _TEXT else row[n] for n in names), now] for row in rows],
        )
