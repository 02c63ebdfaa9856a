"""A person's own settings."""

import datetime as dt

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.models import Agency, Invitation, Membership, User
from accounts.services.invitations import invite

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(owner: Membership) -> str:
    return reverse("accounts:preferences", args=[owner.agency.slug])


def test_preferences_are_saved(owner: Membership, owner_browser: Browser, url: str) -> None:
    owner_browser.post(url, {"name": "Ann Lee", "time_zone": "Asia/Tokyo"})

    user = User.objects.get(pk=owner.user.pk)
    assert (user.name, user.time_zone, user.single_key_shortcuts) == (
        "Ann Lee",
        "Asia/Tokyo",
        False,
    )


def test_name_cannot_hold_a_line_break(owner: Membership, owner_browser: Browser, url: str) -> None:
    page = owner_browser.post(url, {"name": "Ann\r\nBcc: x@y.example", "time_zone": ""})

    assert page.status_code == 422


@pytest.mark.parametrize(
    ("mine", "agencys", "shown"),
    [("", "Asia/Tokyo", "2 May 2026"), ("America/New_York", "Asia/Tokyo", "1 May 2026")],
)
def test_times_are_shown_in_the_chosen_zone(
    owner: Membership, owner_browser: Browser, mine: str, agencys: str, shown: str
) -> None:
    User.objects.update(time_zone=mine)
    Agency.objects.update(time_zone=agencys)
    Membership.objects.update(created_at=dt.datetime(2026, 5, 1, 20, tzinfo=dt.UTC))

    page = owner_browser.get(reverse("accounts:team", args=[owner.agency.slug]))

    assert shown in page.content.decode()


def test_zone_does_not_leak_into_the_next_request(
    owner: Membership, owner_browser: Browser
) -> None:
    Agency.objects.update(time_zone="Asia/Tokyo")

    owner_browser.get(reverse("accounts:team", args=[owner.agency.slug]))

    assert timezone.get_current_timezone_name() == "UTC"


def test_open_invitation_of_a_member_is_not_offered_twice(
    owner: Membership, owner_browser: Browser
) -> None:
    invite(actor=owner, email="new@agency.example", role="member")
    Invitation.objects.update(email=owner.user.email)

    assert owner_browser.get(reverse("agencies")).context["invitations"] == []
