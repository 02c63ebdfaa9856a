"""DKIM keys of a sending domain: made, verified in the DNS, switched on, rotated, retired."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from compliance import audit
from foundation.choices import check_move
from mailer.deliverability.dkim_records import read_key
from mailer.dkim import generate_key
from mailer.enums import DKIM_KEY_MOVES, DkimAlgorithm, DkimKeyStatus
from mailer.models import DkimKey
from mailer.selectors_signing import keys_of, sending_domain

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import User
    from foundation.names import Names
    from mailer.models import Mailbox

# E-mails signed before may still be on their way; after this nobody verifies them.
RETIRE_AFTER = timedelta(days=7)
_NO_RECORD = (
    "There is no such record yet. Publish it; a new record is usually seen within minutes,"
    " at the latest after a day."
)
_SEVERAL = "There are several TXT records of this name. Keep only this one."


class SigningError(Exception):
    """Signing cannot be changed as asked; the message says what to do."""


def make_keys(mailbox: Mailbox, *, actor: User) -> list[DkimKey]:
    """Make a new pair of keys, RSA and Ed25519, for the mailbox's domain; they wait.

    Keys that wait already are returned as they are, so pressing twice makes no more.
    """
    domain = sending_domain(mailbox)
    if not domain:
        raise SigningError("The mailbox’s address has no domain to sign for.")
    now = timezone.now()
    with transaction.atomic():
        waiting = {row.algorithm: row for row in _in(mailbox, DkimKeyStatus.WAITING)}
        made = [
            _make_key(mailbox, domain, algorithm, now)
            for algorithm in DkimAlgorithm
            if algorithm not in waiting
        ]
        if made:
            _record(mailbox, actor, "made", made)
    return [*waiting.values(), *made]


def _make_key(mailbox: Mailbox, domain: str, algorithm: str, now: datetime) -> DkimKey:
    private, public = generate_key(algorithm)
    start = f"desk{now:%y%m%d}{algorithm[0]}"
    rows = DkimKey.objects.for_agency(mailbox.agency).filter(domain=domain)
    number = rows.filter(selector__startswith=start).count()
    return DkimKey.objects.create(
        agency_id=mailbox.agency_id,
        domain=domain,
        selector=f"{start}{number + 1}" if number else start,
        algorithm=algorithm,
        private_key=private,
        public_key=public,
        created_at=now,
    )


def verify_keys(mailbox: Mailbox, names: Names) -> dict[DkimKey, str]:
    """Look up the records of the keys that wait; return what is wrong with each, "" for fine."""
    found: dict[DkimKey, str] = {}
    for row in _in(mailbox, DkimKeyStatus.WAITING):
        found[row] = record_problem(row, names)
        row.verified_at = None if found[row] else timezone.now()
        row.save(update_fields=["verified_at"])
    return found


def record_problem(row: DkimKey, names: Names) -> str:
    """Return why a key's DNS record does not let anybody verify it; "" when it does."""
    answer = names.txt(row.record_name)
    if answer.is_unknown:
        return "The DNS did not answer in time. Try again in a minute."
    if len(answer.values) != 1:
        return _NO_RECORD if answer.is_void else _SEVERAL
    record = read_key(answer.values[0])
    if record.problem:
        return f"The record is there but cannot be used: {record.problem}"
    same = record.public_key == row.public_key and record.algorithm == row.algorithm
    return "" if same else "The record is there but holds another key. Copy the value again, whole."


def switch_on(mailbox: Mailbox, *, actor: User) -> list[DkimKey]:
    """Sign with the verified keys; the ones they follow stop signing and retire.

    Raises `SigningError` when the RSA key was not verified: not every receiver knows
    Ed25519 (RFC 8463), so it never signs alone.
    """
    now = timezone.now()
    with transaction.atomic():
        ready = [row for row in _in(mailbox, DkimKeyStatus.WAITING) if row.verified_at]
        signing = {row.algorithm for row in _in(mailbox, DkimKeyStatus.ACTIVE)}
        if not ready:
            raise SigningError("Publish the record and check it first; nothing is verified yet.")
        if DkimAlgorithm.RSA not in signing | {row.algorithm for row in ready}:
            raise SigningError("The RSA record must be verified first: not every receiver knows"
                               " Ed25519.")  # fmt: skip
        for row in _in(mailbox, DkimKeyStatus.ACTIVE):
            if row.algorithm in {one.algorithm for one in ready}:
                move_key(row, DkimKeyStatus.RETIRING, retiring_at=now)
        for row in ready:
            move_key(row, DkimKeyStatus.ACTIVE, activated_at=now)
        _record(mailbox, actor, "on", ready)
    return ready


def switch_off(mailbox: Mailbox, *, actor: User) -> int:
    """Stop signing for the mailbox's domain; the keys retire in time."""
    now = timezone.now()
    with transaction.atomic():
        rows = list(_in(mailbox, DkimKeyStatus.ACTIVE))
        for row in rows:
            move_key(row, DkimKeyStatus.RETIRING, retiring_at=now)
        if rows:
            _record(mailbox, actor, "off", rows)
    return len(rows)


def discard_waiting(mailbox: Mailbox, *, actor: User) -> int:
    """Throw away keys that never signed."""
    with transaction.atomic():
        rows = list(_in(mailbox, DkimKeyStatus.WAITING))
        for row in rows:
            move_key(row, DkimKeyStatus.RETIRED, private_key="")
        if rows:
            _record(mailbox, actor, "discarded", rows)
    return len(rows)


def retire_keys(now: datetime | None = None) -> int:
    """Forget the private halves of keys that stopped signing long enough ago."""
    now = now or timezone.now()
    rows = DkimKey.objects.filter(
        status=DkimKeyStatus.RETIRING, retiring_at__lte=now - RETIRE_AFTER
    )
    return sum(move_key(row, DkimKeyStatus.RETIRED, private_key="") for row in rows)


def move_key(row: DkimKey, to: DkimKeyStatus, **changes: object) -> bool:
    """Move a key from the status it was read with; False when another was quicker."""
    check_move("signing key", DKIM_KEY_MOVES, row.status, to)
    seen = DkimKey.objects.filter(pk=row.pk, status=row.status)
    moved = bool(seen.update(status=to, **changes))
    row.refresh_from_db()
    return moved


def _in(mailbox: Mailbox, status: DkimKeyStatus) -> list[DkimKey]:
    return list(keys_of(mailbox).filter(status=status).order_by("-algorithm"))


def _record(mailbox: Mailbox, actor: User, what: str, rows: list[DkimKey]) -> None:
    audit.record(
        agency=mailbox.agency,
        actor=actor,
        action=f"dkim.{what}",
        object_type="mailbox",
        object_id=str(mailbox.pk),
        changes={"domain": rows[0].domain, "selectors": [row.selector for row in rows]},
    )
