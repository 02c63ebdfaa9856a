"""Changing what members may do, and removing them."""

from django.db import transaction

from accounts.enums import Role
from accounts.models import Client, Membership
from accounts.roles import grantable, may_change
from accounts.services.agencies import keep_an_owner


class TeamRuleError(Exception):
    """The actor's role does not allow this change; the message says so in a sentence."""


@transaction.atomic
def change_role(
    *, actor: Membership, member: Membership, role: str, client: Client | None = None
) -> Membership:
    """Give a member another role. Raises `TeamRuleError` or `LastOwnerError`."""
    _check(actor, member)
    if Role(role) not in grantable(actor.role):
        raise TeamRuleError("Only an owner can make someone an owner.")
    _check_client(member, role, client)
    if role != Role.OWNER:
        keep_an_owner(member)
    member.role = role
    member.client = client if role == Role.CLIENT else None
    member.save(update_fields=["role", "client"])
    return member


@transaction.atomic
def remove_member(*, actor: Membership, member: Membership) -> None:
    """Take someone out of the agency. Raises `TeamRuleError` or `LastOwnerError`."""
    _check(actor, member)
    keep_an_owner(member)
    member.delete()


def _check(actor: Membership, member: Membership) -> None:
    if actor.agency_id != member.agency_id:
        raise TeamRuleError("This person belongs to another agency.")
    if not may_change(actor.role, member.role):
        raise TeamRuleError("Only an owner can change or remove an owner.")


def _check_client(member: Membership, role: str, client: Client | None) -> None:
    if role != Role.CLIENT:
        return
    if client is None or client.agency_id != member.agency_id:
        raise TeamRuleError("Choose the client whose campaigns this person may see.")
