"""The team page and what it posts to."""

import pytest
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Invitation, Membership
from accounts.services.invitations import invite
from tests.factories.accounts import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(owner: Membership) -> str:
    return reverse("accounts:team", args=[owner.agency.slug])


def post(browser: Browser, owner: Membership, name: str, *args: object, **data: object):
    return browser.post(reverse(f"accounts:{name}", args=[owner.agency.slug, *args]), data)


@pytest.mark.parametrize("members", [1, 3])
def test_team_page_asks_as_much_for_three_as_for_one(
    owner: Membership, owner_browser: Browser, url: str, members: int, django_assert_num_queries
) -> None:
    for number in range(members):
        MembershipFactory.create(agency=owner.agency, role=Role.MEMBER)
        invite(actor=owner, email=f"new{number}@agency.example", role=Role.MEMBER)

    with django_assert_num_queries(8):
        page = owner_browser.get(url)

    assert len(page.context["rows"]) == members + 1


def test_team_of_another_agency_is_not_shown(
    owner_browser: Browser, url: str, stranger: Membership
) -> None:
    assert stranger.user.email not in owner_browser.get(url).content.decode()


def test_member_sees_the_team_but_no_invitations(
    owner: Membership, join, browser_of, url: str
) -> None:
    invite(actor=owner, email="new@agency.example", role=Role.MEMBER)
    page = browser_of(join(Role.MEMBER)).get(url).content.decode()

    assert owner.user.email in page
    assert "new@agency.example" not in page


def test_inviting_sends_the_mail(owner: Membership, owner_browser: Browser) -> None:
    response = post(owner_browser, owner, "invite", email="new@agency.example", role=Role.MEMBER)

    assert response.status_code == 302
    assert [sent.to for sent in mail.outbox] == [["new@agency.example"]]


def test_invitation_with_an_error_is_shown_again(owner: Membership, owner_browser: Browser) -> None:
    page = post(owner_browser, owner, "invite", email=owner.user.email, role=Role.MEMBER)

    assert page.status_code == 422
    assert "already a member" in page.content.decode()


def test_link_is_offered_once_when_the_mail_fails(
    owner: Membership, owner_browser: Browser, url: str, settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    post(owner_browser, owner, "invite", email="new@agency.example", role=Role.MEMBER)

    first, second = owner_browser.get(url).content.decode(), owner_browser.get(url).content.decode()

    assert f"{settings.SITE_URL}/invitations/" in first
    assert "/invitations/" in second
    assert f"{settings.SITE_URL}/invitations/" not in second


def test_sending_again_makes_a_new_link(owner: Membership, owner_browser: Browser) -> None:
    offer = invite(actor=owner, email="new@agency.example", role=Role.MEMBER)
    before = offer.invitation.token_digest

    post(owner_browser, owner, "invitation_resend", offer.invitation.pk)

    assert Invitation.objects.get().token_digest != before
    assert len(mail.outbox) == 1


def test_revoking_closes_the_invitation(owner: Membership, owner_browser: Browser) -> None:
    offer = invite(actor=owner, email="new@agency.example", role=Role.MEMBER)

    post(owner_browser, owner, "invitation_revoke", offer.invitation.pk)

    assert Invitation.objects.get().revoked_at is not None


def test_revoked_invitation_is_not_sent_again(owner: Membership, owner_browser: Browser) -> None:
    offer = invite(actor=owner, email="new@agency.example", role=Role.MEMBER)
    post(owner_browser, owner, "invitation_revoke", offer.invitation.pk)

    post(owner_browser, owner, "invitation_resend", offer.invitation.pk)

    assert mail.outbox == []


def test_role_is_changed(owner: Membership, owner_browser: Browser, join) -> None:
    member = join(Role.MEMBER)

    post(owner_browser, owner, "member_role", member.pk, role=Role.MANAGER)

    assert Membership.objects.get(pk=member.pk).role == Role.MANAGER


def test_last_owner_is_told_why_they_stay(owner: Membership, owner_browser: Browser) -> None:
    page = post(owner_browser, owner, "member_role", owner.pk, role=Role.MEMBER)

    assert page.status_code == 422
    assert "needs an owner" in page.content.decode()


def test_removing_asks_first(owner: Membership, owner_browser: Browser, join) -> None:
    member = join(Role.MEMBER)
    url = reverse("accounts:member_remove", args=[owner.agency.slug, member.pk])

    page = owner_browser.get(url)

    assert f"Remove {member.user}" in page.content.decode()
    assert Membership.objects.filter(pk=member.pk).exists()


def test_member_is_removed(owner: Membership, owner_browser: Browser, join) -> None:
    member = join(Role.MEMBER)

    post(owner_browser, owner, "member_remove", member.pk)

    assert not Membership.objects.filter(pk=member.pk).exists()


def test_manager_removes_no_owner(owner: Membership, join, browser_of) -> None:
    post(browser_of(join(Role.MANAGER)), owner, "member_remove", owner.pk)

    assert Membership.objects.filter(pk=owner.pk).exists()


def test_inviting_is_limited(owner: Membership, owner_browser: Browser) -> None:
    codes = [
        post(owner_browser, owner, "invite", email="bad", role=Role.MEMBER).status_code
        for _ in range(11)
    ]

    assert codes == [422] * 10 + [429]
