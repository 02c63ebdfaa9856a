"""Agencies, users, memberships, clients."""

import factory

from accounts.enums import Role
from accounts.models import Agency, Client, Membership, User


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"user{n}@agency.example")
    name = factory.Sequence(lambda n: f"User {n}")


class AgencyFactory(factory.django.DjangoModelFactory[Agency]):
    class Meta:
        model = Agency

    name = factory.Sequence(lambda n: f"Agency {n}")
    slug = factory.Sequence(lambda n: f"agency-{n}")
    postal_address = "1 Test Street, Testville"
    sender_name = "Test Agency Ltd"


class ClientFactory(factory.django.DjangoModelFactory[Client]):
    class Meta:
        model = Client

    agency = factory.SubFactory(AgencyFactory)
    name = factory.Sequence(lambda n: f"Client {n}")
    domain = factory.Sequence(lambda n: f"client{n}.example")


class MembershipFactory(factory.django.DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    agency = factory.SubFactory(AgencyFactory)
    role = Role.OWNER
