"""Two-factor secrets: encrypted where allauth stores them, and rotated with the others."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator

from foundation.rotation import BATCH, Tally, again, count
from foundation.secrets import is_sealed, seal, unseal

_SECRETS = ("secret", "seed")


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's adapter with its secrets sealed."""

    def encrypt(self, text: str) -> str:
        """Seal a TOTP key or the seed of recovery codes."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open it; what was stored before encryption is in the clear."""
        return unseal(encrypted_text) if is_sealed(encrypted_text) else encrypted_text


def rotate_authenticators(dry_run: bool) -> Tally:  # noqa: FBT001  # called by position
    """Seal every TOTP key and seed again, and those still in the clear for the first time."""
    tally = Tally(f"{Authenticator._meta.label}.data")
    last = 0
    while batch := list(Authenticator.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        for row in batch:
            _rotate(tally, row, dry_run=dry_run)
    return tally


def _rotate(tally: Tally, row: Authenticator, *, dry_run: bool) -> None:
    fresh = {}
    for name in _SECRETS:
        stored: str = row.data.get(name, "")
        if stored and not is_sealed(stored):
            tally.secrets += 1
            fresh[name] = seal(stored)
        elif stored and (sealed := again(tally, row.pk, stored)):
            fresh[name] = sealed
    if fresh and not dry_run:
        changed = _unchanged(row).update(data={**row.data, **fresh})
        count(tally, changed=changed)


def _unchanged(row: Authenticator) -> Any:
    """Return the row if its data is still what was read."""
    return Authenticator.objects.filter(pk=row.pk, data=row.data)
