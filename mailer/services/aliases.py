"""Remembers that somebody answers from another address, and refuses for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from compliance.enums import SuppressionKind, SuppressionReason
from compliance.services import suppress
from mailer.enums import InboundKind
from mailer.models import Alias, InboundMessage, Message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import Agency

# A refusal is the person's; a dead address says nothing about their other one.
_PERSONAL = frozenset(
    {
        SuppressionReason.UNSUBSCRIBED,
        SuppressionReason.COMPLAINED,
        SuppressionReason.NOT_INTERESTED,
        SuppressionReason.ERASED,
    }
)
_BY_PEOPLE = frozenset({InboundKind.REPLY, InboundKind.UNSUBSCRIBE})


def remember_alias(inbound: InboundMessage) -> Alias | None:
    """Note that a person's answer came from an address we did not write to.

    Somebody we also write to is a person of their own, never an alias.
    """
    message = inbound.original
    if message is None or inbound.kind not in _BY_PEOPLE or not inbound.from_address:
        return None
    if inbound.from_address == message.to_address:
        return None
    own = Message.objects.for_agency(inbound.agency_id).filter(to_address=inbound.from_address)
    if own.exists():
        return None
    return Alias.objects.get_or_create(
        agency_id=inbound.agency_id,
        alias=inbound.from_address,
        address=message.to_address,
        defaults={"inbound": inbound},
    )[0]


def reject_alias(alias: Alias) -> None:
    """Note that two addresses are two people: mail of one is no longer the other's."""
    Alias.objects.filter(pk=alias.pk).update(is_rejected=True)


def other_addresses(agency: Agency, addresses: Iterable[str]) -> set[str]:
    """Return the other addresses of these people, both ways."""
    wanted = set(addresses)
    rows = (
        Alias.objects.for_agency(agency)
        .filter(Q(alias__in=wanted) | Q(address__in=wanted), is_rejected=False)
        .values_list("alias", "address")
    )
    return {one for pair in rows for one in pair} - wanted


def suppress_aliases(agency: Agency | None, *, kind: str, values: list[str], reason: str) -> int:
    """Suppress the other addresses of people who refused; returns how many were new."""
    if agency is None or kind != SuppressionKind.ADDRESS or reason not in _PERSONAL:
        return 0
    others = other_addresses(agency, values)
    if not others:
        return 0
    return suppress(
        agency=agency,
        kind=kind,
        values=others,
        reason=reason,
        # Not which: once the person is erased, nothing else may name them.
        source="Another address of a person who refused",
    )
