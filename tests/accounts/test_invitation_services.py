"""Offering seats and taking them."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone

from accounts.enums import InvitationState, Role
from accounts.models import Invitation, Membership
from accounts.selectors import invitation_by_token
from accounts.services import invitations
from accounts.services.invitations import (
    InvitationError,
    accept,
    invite,
    is_proved,
    mail_invitation,
    renew,
    revoke,
    state_of,
)
from accounts.services.team import TeamRuleError
from tests.factories.accounts import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
ADDRESS = "new@agency.example"


def test_token_is_not_stored(owner: Membership) -> None:
    offer = invite(actor=owner, email=ADDRESS, role=Role.MEMBER)

    assert offer.token not in str(Invitation.objects.values().get())


def test_link_leads_to_the_invitation(owner: Membership) -> None:
    offer = invite(actor=owner, email=ADDRESS, role=Role.MEMBER)

    assert invitation_by_token(offer.token) == offer.invitation


def test_second_invitation_replaces_the_first(owner: Membership) -> None:
    first = invite(actor=owner, email=ADDRESS, role=Role.MEMBER)
    invite(actor=owner, email=ADDRESS.upper(), role=Role.MANAGER)

    assert list(Invitation.objects.values_list("role", flat=True)) == [Role.MANAGER]
    assert invitation_by_token(first.token) is None


def test_member_is_not_invited_again(owner: Membership) -> None:
    with pytest.raises(InvitationError, match="already a member"):
        invite(actor=owner, email=owner.user.email, role=Role.MEMBER)


def test_manager_invites_no_owner(owner: Membership) -> None:
    manager = MembershipFactory.create(agency=owner.agency, role=Role.MANAGER)

    with pytest.raises(TeamRuleError):
        invite(actor=manager, email=ADDRESS, role=Role.OWNER)


def test_client_role_needs_a_client(owner: Membership) -> None:
    with pytest.raises(InvitationError):
        invite(actor=owner, email=ADDRESS, role=Role.CLIENT)


def test_open_invitations_are_limited(owner: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "OPEN_LIMIT", 1)
    invite(actor=owner, email=ADDRESS, role=Role.MEMBER)

    with pytest.raises(InvitationError, match="open"):
        invite(actor=owner, email="other@agency.example", role=Role.MEMBER)


def test_accepting_seats_the_user(owner: Membership) -> None:
    offer = invite(actor=owner, email=ADDRESS, role=Role.MANAGER)
    user = UserFactory.create(email=ADDRESS)

    seat = accept(invitation=offer.invitation, user=user)

    assert (seat.user, seat.agency, seat.role) == (user, owner.agency, Role.MANAGER)


def test_accepting_twice_is_refused(owner: Membership) -> None:
    offer = invite(actor=owner, email=ADDRESS, role=Role.MANAGER)
    user = UserFactory.create(email=ADDRESS)
    accept(invitation=offer.invitation, user=user)

    with pytest.raises(InvitationError, match="has been used"):
        accept(invitation=offer.invitation, user=user)


def test_another_address_is_refused(owner: Membership) -> None:
    offer = invite(actor=owner, email=ADDRESS, role=Role.MEMBER)

    with pytest.raises(InvitationError, match=ADDRESS):
        accept(invitation=offer.invitation, user=UserFactory.create())


def test_second_confirmed_address_may_accept(owner: Membership) -> None:
    offer = invite(actor=owner, email=ADDRESS, role=Role.MEMBER)
    user = UserFactory.create()
    EmailAddress.objects.create(user=user, email=ADDRESS, verified=True)

    assert accept(invitation=offer.invitation, user=user).user == user


def test_unconfirmed_second_address_may_not_accept(owner: Membership) -> None:
    offer = invite(actor=owner, email=ADDRESS, role=Role.MEMBER)
    user = UserFactory.create()
    EmailAddress.objects.create(user=user, email=ADDRESS, verified=False)

    with pytest.raises(InvitationError):
        accept(invitation=offer.invitation, user=user)


def test_revoked_invitation_is_refused(owner: Membership) -> None:
    offer = invite(actor=owner, email=ADDRESS, role=Role.MEMBER)
    revoke(actor=owner, invitation=offer.invitation)

    with pytest.raises(InvitationError, match="withdrawn"):
        accept(invitation=offer.invitation, user=UserFactory.create(email=ADDRESS))


def test_expired_invitation_is_refused(owner: Membership) -> None:
    offer = invite(actor=owner, email=ADDRESS, role=Role.MEMBER)
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))

    with pytest.raises(InvitationError, match="expired"):
        accept(invitation=offer.invitation, user=UserFactory.create(email=ADDRESS))


def test_expired_invitation_can_be_renewed(owner: Membership) -> None:
    offer = invite(actor=owner, email=ADDRESS, role=Role.MEMBER)
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))

    again = renew(actor=owner, invitation=offer.invitation)

    assert state_of(again.invitation) == InvitationState.OPEN


def test_manager_does_not_revoke_an_owners_invitation(owner: Membership) -> None:
    offer = invite(actor=owner, email=ADDRESS, role=Role.OWNER)
    manager = MembershipFactory.create(agency=owner.agency, role=Role.MANAGER)

    with pytest.raises(TeamRuleError):
        revoke(actor=manager, invitation=offer.invitation)


def test_only_the_mailed_link_proves_the_address(owner: Membership) -> None:
    offer = invite(actor=owner, email=ADDRESS, role=Role.MEMBER)
    proof = offer.mailed_link.partition("?mail=")[2]

    assert is_proved(offer.token, proof)
    assert "?" not in offer.link
    assert not is_proved(offer.token, "")
    assert not is_proved(offer.token + "x", proof)


def test_mail_names_agency_role_and_link(owner: Membership) -> None:
    offer = invite(actor=owner, email=ADDRESS, role=Role.MEMBER)

    assert mail_invitation(offer)

    (sent,) = mail.outbox
    assert sent.to == [ADDRESS]
    assert sent.subject == f"Join {owner.agency.name} on Outreach Desk"
    assert offer.mailed_link in sent.body
    assert "as member" in sent.body
    assert offer.mailed_link in str(sent.alternatives[0].content)


def test_agency_name_cannot_break_the_subject(owner: Membership) -> None:
    owner.agency.name = "Evil\r\nBcc: all@agency.example"
    owner.agency.save()
    offer = invite(actor=owner, email=ADDRESS, role=Role.MEMBER)

    mail_invitation(offer)

    assert "\n" not in mail.outbox[0].subject
    assert mail.outbox[0].message()["Bcc"] is None


def test_mail_server_away_is_remembered(owner: Membership, settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    offer = invite(actor=owner, email=ADDRESS, role=Role.MEMBER)

    assert not mail_invitation(offer)
    assert Invitation.objects.get().mail_error != ""
