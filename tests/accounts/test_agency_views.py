"""Founding, choosing, changing, leaving and closing agencies through the pages."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Agency, Membership
from tests.factories.accounts import AgencyFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db

SETTINGS = {
    "name": "Fieldstone",
    "time_zone": "Europe/London",
    "sender_name": "Fieldstone Ltd",
    "postal_address": "1 Test Street",
    "user_daily_cap": 50,
    "recipient_domain_daily_cap": 5,
    "cooldown_days": 10,
    "approval_mode": "each_email",
}


@pytest.fixture
def loner_browser() -> Browser:
    """A person without an agency."""
    browser = Browser()
    browser.force_login(UserFactory.create(), backend="django.contrib.auth.backends.ModelBackend")
    return browser


def test_person_without_an_agency_is_asked_to_found_one(loner_browser: Browser) -> None:
    assert loner_browser.get("/")["Location"] == reverse("agency_new")


def test_founding_leads_into_the_agency(loner_browser: Browser) -> None:
    response = loner_browser.post(
        reverse("agency_new"), {"name": "Fieldstone", "time_zone": "Europe/London"}
    )

    assert response["Location"] == reverse("overview", args=["fieldstone"])


def test_agency_needs_a_name(loner_browser: Browser) -> None:
    response = loner_browser.post(reverse("agency_new"), {"name": " ", "time_zone": "UTC"})

    assert response.status_code == 422


def test_superadmin_without_an_agency_goes_to_the_admin() -> None:
    browser = Browser()
    browser.force_login(
        UserFactory.create(is_staff=True, is_superuser=True),
        backend="django.contrib.auth.backends.ModelBackend",
    )

    assert browser.get("/")["Location"] == reverse("admin:index")


def test_start_page_is_the_agency_last_worked_in(owner: Membership, owner_browser: Browser) -> None:
    other = MembershipFactory.create(user=owner.user, agency=AgencyFactory.create())
    first = reverse("overview", args=[owner.agency.slug])
    owner_browser.get(first)

    assert other.pk > owner.pk
    assert owner_browser.get("/")["Location"] == first


def test_start_page_forgets_an_agency_one_has_left(
    owner: Membership, owner_browser: Browser
) -> None:
    owner_browser.cookies["agency"] = "somewhere-else"

    assert owner_browser.get("/")["Location"] == reverse("overview", args=[owner.agency.slug])


def test_agencies_page_lists_ones_own(
    owner: Membership, owner_browser: Browser, stranger: Membership
) -> None:
    page = owner_browser.get(reverse("agencies")).content.decode()

    assert owner.agency.name in page
    assert stranger.agency.slug not in page


def test_settings_are_saved(owner: Membership, owner_browser: Browser) -> None:
    owner_browser.post(reverse("accounts:agency", args=[owner.agency.slug]), SETTINGS)

    saved = Agency.objects.filter(pk=owner.agency.pk).values(*SETTINGS).get()
    assert saved == SETTINGS


def test_setting_out_of_bounds_is_not_saved(owner: Membership, owner_browser: Browser) -> None:
    page = owner_browser.post(
        reverse("accounts:agency", args=[owner.agency.slug]), SETTINGS | {"user_daily_cap": 0}
    )

    assert page.status_code == 422
    assert Agency.objects.get(pk=owner.agency.pk).name == owner.agency.name


def test_what_keeps_mail_back_is_named(owner: Membership, owner_browser: Browser) -> None:
    Agency.objects.update(postal_address=" ", sender_name="")

    page = owner_browser.get(reverse("accounts:agency", args=[owner.agency.slug]))

    assert [lack.text for lack in page.context["missing"]] == [
        "the postal address",
        "the legal sender name",
    ]


def test_nothing_is_missing_once_it_is_there(owner: Membership, owner_browser: Browser) -> None:
    page = owner_browser.get(reverse("accounts:agency", args=[owner.agency.slug]))

    assert page.context["missing"] == []


def test_leaving_asks_first(owner: Membership, browser_of, join) -> None:
    member = join(Role.MEMBER)
    browser_of(member).get(reverse("accounts:leave", args=[owner.agency.slug]))

    assert Membership.objects.filter(pk=member.pk).exists()


def test_member_leaves(owner: Membership, browser_of, join) -> None:
    member = join(Role.MEMBER)
    browser_of(member).post(reverse("accounts:leave", args=[owner.agency.slug]))

    assert not Membership.objects.filter(pk=member.pk).exists()


def test_last_owner_stays_and_is_told_why(owner: Membership, owner_browser: Browser) -> None:
    page = owner_browser.post(
        reverse("accounts:leave", args=[owner.agency.slug]), follow=True
    ).content.decode()

    assert "needs an owner" in page
    assert Membership.objects.filter(pk=owner.pk).exists()


def test_agency_is_closed_by_its_name(owner: Membership, owner_browser: Browser) -> None:
    url = reverse("accounts:close", args=[owner.agency.slug])

    owner_browser.post(url, {"typed_name": owner.agency.name})

    assert owner_browser.get(url).status_code == 404


def test_agency_stays_open_without_its_name(owner: Membership, owner_browser: Browser) -> None:
    page = owner_browser.post(
        reverse("accounts:close", args=[owner.agency.slug]), {"typed_name": "x"}
    )

    assert page.status_code == 422
    assert Agency.objects.get(pk=owner.agency.pk).is_active


def test_founding_is_limited(loner_browser: Browser) -> None:
    url = reverse("agency_new")

    codes = [loner_browser.post(url, {"name": ""}).status_code for _ in range(6)]

    assert codes == [422] * 5 + [429]


def test_htmx_is_sent_to_log_in_as_a_whole_page(owner: Membership) -> None:
    url = reverse("overview", args=[owner.agency.slug])

    response = Browser().get(
        url, headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}?x=1"}
    )

    assert response.status_code == 401
    assert response["HX-Redirect"] == f"/accounts/login/?next=%2Fw%2F{owner.agency.slug}%2F%3Fx%3D1"
