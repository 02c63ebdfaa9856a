"""Changing roles and removing members."""

import pytest

from accounts.enums import Role
from accounts.models import Membership
from accounts.services.agencies import LastOwnerError
from accounts.services.team import TeamRuleError, change_role, remove_member
from tests.factories.accounts import ClientFactory, MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(owner: Membership) -> Membership:
    return MembershipFactory.create(role=Role.MANAGER, agency=owner.agency)


@pytest.fixture
def member(owner: Membership) -> Membership:
    return MembershipFactory.create(role=Role.MEMBER, agency=owner.agency)


def test_owner_makes_a_member_owner(owner: Membership, member: Membership) -> None:
    change_role(actor=owner, member=member, role=Role.OWNER)

    assert Membership.objects.get(pk=member.pk).role == Role.OWNER


def test_member_becomes_client_of_one_client(owner: Membership, member: Membership) -> None:
    client = ClientFactory.create(agency=owner.agency)

    change_role(actor=owner, member=member, role=Role.CLIENT, client=client)

    assert Membership.objects.get(pk=member.pk).client == client


def test_client_who_becomes_member_is_bound_to_none(join, owner: Membership) -> None:
    seat = join(Role.CLIENT)

    change_role(actor=owner, member=seat, role=Role.MEMBER)

    assert Membership.objects.get(pk=seat.pk).client is None


def test_client_of_another_agency_is_refused(owner: Membership, member: Membership) -> None:
    with pytest.raises(TeamRuleError):
        change_role(actor=owner, member=member, role=Role.CLIENT, client=ClientFactory.create())


def test_last_owner_is_not_demoted(owner: Membership) -> None:
    with pytest.raises(LastOwnerError):
        change_role(actor=owner, member=owner, role=Role.MEMBER)


def test_last_owner_is_not_removed(owner: Membership) -> None:
    with pytest.raises(LastOwnerError):
        remove_member(actor=owner, member=owner)


def test_manager_does_not_demote_an_owner(owner: Membership, manager: Membership) -> None:
    with pytest.raises(TeamRuleError):
        change_role(actor=manager, member=owner, role=Role.MEMBER)


def test_manager_does_not_remove_an_owner(owner: Membership, manager: Membership) -> None:
    with pytest.raises(TeamRuleError):
        remove_member(actor=manager, member=owner)


def test_manager_makes_nobody_owner(manager: Membership, member: Membership) -> None:
    with pytest.raises(TeamRuleError):
        change_role(actor=manager, member=member, role=Role.OWNER)


def test_manager_removes_a_member(manager: Membership, member: Membership) -> None:
    remove_member(actor=manager, member=member)

    assert not Membership.objects.filter(pk=member.pk).exists()


def test_member_changes_nobody(member: Membership, manager: Membership) -> None:
    with pytest.raises(TeamRuleError):
        change_role(actor=member, member=manager, role=Role.MEMBER)


def test_member_of_another_agency_is_refused(owner: Membership, stranger: Membership) -> None:
    with pytest.raises(TeamRuleError):
        remove_member(actor=owner, member=stranger)
