"""Where an invitation link leads, for everyone and in every state."""

import datetime as dt

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Invitation, Membership
from accounts.services.invitations import Offer, invite
from compliance.models import SecurityEvent
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
ADDRESS = "new@agency.example"


@pytest.fixture
def offer(owner: Membership) -> Offer:
    return invite(actor=owner, email=ADDRESS, role=Role.MEMBER)


@pytest.fixture
def url(offer: Offer) -> str:
    return reverse("invitation", args=[offer.token])


def browser_of_user(email: str) -> Browser:
    browser = Browser()
    browser.force_login(
        UserFactory.create(email=email), backend="django.contrib.auth.backends.ModelBackend"
    )
    return browser


def test_visitor_is_told_who_invites_them(client: Browser, url: str, owner: Membership) -> None:
    page = client.get(url).content.decode()

    assert owner.agency.name in page
    assert ADDRESS in page


def test_opening_the_link_changes_nothing(client: Browser, url: str) -> None:
    client.get(url)
    client.head(url)

    assert Invitation.objects.get().accepted_at is None
    assert list(client.session.keys()) == []


def test_logged_in_person_joins(url: str, owner: Membership) -> None:
    response = browser_of_user(ADDRESS).post(url)

    assert response["Location"] == reverse("overview", args=[owner.agency.slug])
    assert Membership.objects.filter(user__email=ADDRESS, agency=owner.agency).exists()


def test_person_with_another_address_is_told_so(url: str) -> None:
    page = browser_of_user("other@agency.example").get(url).content.decode()

    assert "other@agency.example" in page
    assert "Log out" in page


def test_person_with_another_address_does_not_join(url: str) -> None:
    browser_of_user("other@agency.example").post(url)

    assert not Membership.objects.filter(user__email="other@agency.example").exists()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"accepted_at": timezone.now()}, "has been used"),
        ({"revoked_at": timezone.now()}, "has withdrawn"),
        ({"expires_at": timezone.now() - dt.timedelta(days=1)}, "has expired"),
    ],
)
def test_closed_invitation_says_why(
    client: Browser, url: str, change: dict[str, object], word: str
) -> None:
    Invitation.objects.update(**change)

    page = client.get(url)

    assert page.status_code == 410
    assert word in page.content.decode()


def test_closed_agency_seats_nobody(url: str, owner: Membership) -> None:
    owner.agency.is_active = False
    owner.agency.save()

    assert browser_of_user(ADDRESS).post(url).status_code == 410


def test_forged_link_gives_a_plain_page(client: Browser) -> None:
    page = client.get(reverse("invitation", args=["forged"]))

    assert page.status_code == 404
    assert "newer invitation" in page.content.decode()


def test_invitation_on_the_start_page_is_taken(offer: Offer) -> None:
    response = browser_of_user(ADDRESS).post(reverse("invitation_take", args=[offer.invitation.pk]))

    assert response["Location"] == reverse("overview", args=[offer.invitation.agency.slug])


def test_invitation_of_someone_else_is_not_found(offer: Offer) -> None:
    browser = browser_of_user("other@agency.example")

    assert browser.post(reverse("invitation_take", args=[offer.invitation.pk])).status_code == 404


def test_forged_link_is_kept_as_a_security_event(client: Browser) -> None:
    client.get(reverse("invitation", args=["forged"]))

    assert list(SecurityEvent.objects.values_list("kind", flat=True)) == ["forged_token"]
