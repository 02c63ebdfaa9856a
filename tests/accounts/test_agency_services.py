"""Founding, leaving and closing agencies."""

import pytest

from accounts.enums import Role
from accounts.models import Agency, Membership
from accounts.services.agencies import (
    LastOwnerError,
    NameMismatchError,
    close_agency,
    found_agency,
    found_wanted_agency,
    leave_agency,
)
from tests.factories.accounts import AgencyFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_founder_owns_the_agency() -> None:
    user = UserFactory.create()

    agency = found_agency(name="Fieldstone Agency", owner=user)

    assert list(Membership.objects.values_list("user", "agency", "role")) == [
        (user.pk, agency.pk, Role.OWNER)
    ]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Fieldstone Agency", "fieldstone-agency"),
        ("Straße & Söhne", "strae-sohne"),
        ("株式会社", "agency"),
        ("new", "new-1"),
        ("x" * 120, "x" * 52),
    ],
)
def test_slug_is_derived_from_the_name(name: str, slug: str) -> None:
    assert found_agency(name=name, owner=UserFactory.create()).slug == slug


def test_slugs_of_the_same_name_differ() -> None:
    slugs = [found_agency(name="Acme", owner=UserFactory.create()).slug for _ in range(3)]

    assert slugs == ["acme", "acme-2", "acme-3"]


def test_wanted_agency_is_founded_once() -> None:
    user = UserFactory.create(wanted_agency="Acme")

    found_wanted_agency(user=user)
    found_wanted_agency(user=user)

    assert list(Agency.objects.values_list("name", flat=True)) == ["Acme"]


def test_user_who_wants_none_gets_none() -> None:
    assert found_wanted_agency(user=UserFactory.create()) is None


def test_last_owner_cannot_leave() -> None:
    seat = MembershipFactory.create(role=Role.OWNER)

    with pytest.raises(LastOwnerError):
        leave_agency(membership=seat)


def test_one_of_two_owners_can_leave() -> None:
    seat = MembershipFactory.create(role=Role.OWNER)
    other = MembershipFactory.create(role=Role.OWNER, agency=seat.agency)

    leave_agency(membership=other)

    assert list(Membership.objects.all()) == [seat]


def test_member_can_leave() -> None:
    seat = MembershipFactory.create(role=Role.MEMBER)

    leave_agency(membership=seat)

    assert not Membership.objects.exists()


def test_agency_is_closed_when_its_name_is_typed() -> None:
    agency = AgencyFactory.create(name="Fieldstone Agency")

    close_agency(agency=agency, typed_name=" Fieldstone  Agency ")

    assert Agency.objects.get().is_active is False


def test_agency_stays_open_when_another_name_is_typed() -> None:
    agency = AgencyFactory.create(name="Fieldstone Agency")

    with pytest.raises(NameMismatchError):
        close_agency(agency=agency, typed_name="fieldstone")

    assert Agency.objects.get().is_active is True
