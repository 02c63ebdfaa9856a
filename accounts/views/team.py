"""Members and invitations of an agency."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Role
from accounts.forms import InviteForm, RoleForm
from accounts.models import Invitation, Membership
from accounts.roles import may_change
from accounts.selectors import team, waiting_invitations
from accounts.services.agencies import LastOwnerError
from accounts.services.invitations import (
    InvitationError,
    Offer,
    invite,
    mail_invitation,
    renew,
    revoke,
    state_of,
)
from accounts.services.team import TeamRuleError, change_role, remove_member
from accounts.tenancy import AgencyRequest, member_view
from foundation.pages import say
from foundation.paging import keyset_page
from foundation.throttle import limited

# Session key of links to copy, shown once on the next team page.
_LINKS = "invitation_links"


@member_view(Role.MEMBER)
@require_safe
def team_list(request: AgencyRequest) -> HttpResponse:
    """Show who is in the agency and who is invited."""
    form = InviteForm(actor=request.membership) if _manages(request) else None
    return _team_page(request, form)


@member_view(Role.MANAGER)
@require_POST
@limited("invite")
def invitation_create(request: AgencyRequest) -> HttpResponse:
    """Invite someone by mail."""
    form = InviteForm(request.POST, actor=request.membership)
    if form.is_valid():
        try:
            offer = invite(actor=request.membership, **form.cleaned_data)
        except (InvitationError, TeamRuleError) as error:
            form.add_error("email", str(error))
        else:
            return _mail(request, offer)
    return _team_page(request, form, status=422)


@member_view(Role.MANAGER)
@require_POST
@limited("invite")
def invitation_resend(request: AgencyRequest, pk: int) -> HttpResponse:
    """Send an invitation again with a new link."""
    invitation = get_object_or_404(Invitation.objects.for_agency(request.agency), pk=pk)
    try:
        offer = renew(actor=request.membership, invitation=invitation)
    except (InvitationError, TeamRuleError) as error:
        say(request, str(error), tone="bad")
        return redirect("accounts:team", request.agency.slug)
    return _mail(request, offer)


@member_view(Role.MANAGER)
@require_POST
def invitation_revoke(request: AgencyRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = get_object_or_404(Invitation.objects.for_agency(request.agency), pk=pk)
    try:
        revoke(actor=request.membership, invitation=invitation)
    except TeamRuleError as error:
        say(request, str(error), tone="bad")
    else:
        say(request, f"The invitation of {invitation.email} no longer works.")
    return redirect("accounts:team", request.agency.slug)


@member_view(Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def member_role(request: AgencyRequest, pk: int) -> HttpResponse:
    """Change what a member may do."""
    member = get_object_or_404(team(request.agency), pk=pk)
    initial = {"role": member.role, "client": member.client_id}
    form = RoleForm(request.POST or None, actor=request.membership, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_role(actor=request.membership, member=member, **form.cleaned_data)
        except (TeamRuleError, LastOwnerError) as error:
            form.add_error("role", str(error))
        else:
            say(request, f"{member.user} is now {Role(member.role).label.lower()}.")
            return redirect("accounts:team", request.agency.slug)
    context = {
        "form": form,
        "member": member,
        "may_change": may_change(request.membership.role, member.role),
    }
    return render(request, "accounts/member_role.html", context, status=422 if form.errors else 200)


@member_view(Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def member_remove(request: AgencyRequest, pk: int) -> HttpResponse:
    """Ask whether to take a member out of the agency; POST does."""
    member = get_object_or_404(team(request.agency), pk=pk)
    name = str(member.user)
    if request.method != "POST":
        context = {
            "question": f"Remove {name} from {request.agency.name}?",
            "text": "They lose access at once. What they did stays; you can invite them again.",
            "verb": f"Remove {name}",
            "back": reverse("accounts:team", args=[request.agency.slug]),
        }
        return render(request, "accounts/confirm.html", context)
    try:
        remove_member(actor=request.membership, member=member)
    except (TeamRuleError, LastOwnerError) as error:
        say(request, str(error), tone="bad")
    else:
        say(request, f"{name} is no longer a member.")
    return redirect("accounts:team", request.agency.slug)


def _mail(request: AgencyRequest, offer: Offer) -> HttpResponse:
    address = offer.invitation.email
    if mail_invitation(offer):
        say(request, f"Invitation sent to {address}.")
    else:
        links = request.session.setdefault(_LINKS, {})
        links[str(offer.invitation.pk)] = offer.link
        request.session.modified = True
        say(request, f"The mail to {address} could not be sent. Copy the link instead.", tone="bad")
    return redirect("accounts:team", request.agency.slug)


def _team_page(
    request: AgencyRequest, form: InviteForm | None, *, status: int = 200
) -> HttpResponse:
    page = keyset_page(
        team(request.agency),
        order=["user__email", "pk"],
        cursor=request.GET.get("cursor", ""),
    )
    context = {
        "page": page,
        "rows": [_row(request, member) for member in page.rows],
        "invitations": _invitations(request) if _manages(request) else [],
        "form": form,
        "manages": _manages(request),
    }
    return render(request, "accounts/team_list.html", context, status=status)


def _row(request: AgencyRequest, member: Membership) -> dict[str, Any]:
    mine = member.pk == request.membership.pk
    changeable = may_change(request.membership.role, member.role)
    return {"member": member, "mine": mine, "changeable": changeable and not mine}


def _invitations(request: AgencyRequest) -> list[dict[str, Any]]:
    links = request.session.pop(_LINKS, {})
    return [
        {
            "invitation": invitation,
            "state": state_of(invitation),
            "link": links.get(str(invitation.pk), ""),
            "changeable": may_change(request.membership.role, invitation.role),
        }
        for invitation in waiting_invitations(request.agency).select_related("agency")
    ]


def _manages(request: AgencyRequest) -> bool:
    return request.membership.role in {Role.OWNER, Role.MANAGER}
