"""Founding, changing, leaving and closing an agency."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from accounts.enums import Role
from accounts.models import Agency, Membership, User

# Words that would read as a place of the product rather than an agency's name.
_RESERVED = frozenset({"new", "admin", "settings", "accounts", "api", "static"})
_SLUG_ROOM = 52


class LastOwnerError(Exception):
    """An agency would be left without an owner."""

    def __init__(self) -> None:
        super().__init__(
            "An agency needs an owner. Make someone else an owner first, then try again."
        )


class NameMismatchError(Exception):
    """The name typed to confirm is not the agency's."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Type the agency's name exactly as it is written: {name}")


def found_agency(*, name: str, owner: User, time_zone: str = "UTC") -> Agency:
    """Make an agency with a slug of its own, owned by `owner`."""
    base = slugify(name)[:_SLUG_ROOM].strip("-") or "agency"
    taken = _taken(base)
    number = 1
    while True:
        slug = base if number == 1 and base not in _RESERVED else f"{base}-{number}"
        number += 1
        if slug in taken:
            continue
        try:
            with transaction.atomic():
                agency = Agency.objects.create(name=name, slug=slug, time_zone=time_zone)
                Membership.objects.create(user=owner, agency=agency, role=Role.OWNER)
        except IntegrityError:
            # Someone took the slug between looking and writing.
            taken = _taken(base) | {slug}
        else:
            return agency


def found_wanted_agency(*, user: User) -> Agency | None:
    """Make the agency a user named at sign-up, once; called when their address is confirmed."""
    user.refresh_from_db(fields=["wanted_agency"])
    name = user.wanted_agency
    if not name:
        return None
    with transaction.atomic():
        claimed = User.objects.filter(pk=user.pk, wanted_agency=name).update(wanted_agency="")
        return found_agency(name=name, owner=user) if claimed else None


def change_agency(*, agency: Agency, changes: Mapping[str, Any]) -> Agency:
    """Store changed settings of an agency."""
    for field, value in changes.items():
        setattr(agency, field, value)
    agency.save(update_fields=list(changes))
    return agency


@transaction.atomic
def leave_agency(*, membership: Membership) -> None:
    """Take a member out at their own wish. Raises `LastOwnerError`."""
    keep_an_owner(membership)
    membership.delete()


def close_agency(*, agency: Agency, typed_name: str) -> None:
    """Close an agency: nobody enters it and nothing is sent; its rows stay for the operator.

    Raises `NameMismatchError` unless its name was typed to confirm.
    """
    if " ".join(typed_name.split()) != " ".join(agency.name.split()):
        raise NameMismatchError(agency.name)
    agency.is_active = False
    agency.save(update_fields=["is_active"])


def keep_an_owner(leaving: Membership) -> None:
    """Raise `LastOwnerError` if `leaving` is the last owner; call inside a transaction.

    The agency's row is locked, so two owners cannot step down at the same moment.
    """
    if leaving.role != Role.OWNER:
        return
    Agency.objects.select_for_update().get(pk=leaving.agency_id)
    others = Membership.objects.filter(agency=leaving.agency_id, role=Role.OWNER)
    if not others.exclude(pk=leaving.pk).exists():
        raise LastOwnerError


def _taken(base: str) -> set[str]:
    return set(Agency.objects.filter(slug__startswith=base).values_list("slug", flat=True))
