"""Founding an agency, changing between agencies, and an agency's settings."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.enums import Role
from accounts.forms import AgencyForm, CloseAgencyForm, NewAgencyForm
from accounts.selectors import invitations_to, memberships_of, missing_for_mail, owner_count
from accounts.services.agencies import (
    LastOwnerError,
    NameMismatchError,
    change_agency,
    close_agency,
    found_agency,
    leave_agency,
)
from accounts.tenancy import AgencyRequest, UserRequest, member_view
from foundation.pages import say
from foundation.throttle import Rate, limited


@login_required
@require_safe
def agency_list(request: UserRequest) -> HttpResponse:
    """Show the agencies one belongs to and the invitations one could take."""
    context = {
        "seats": list(memberships_of(request.user)),
        "invitations": list(invitations_to(request.user)),
    }
    return render(request, "accounts/agency_list.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@limited("agency_new", (Rate(5, 3600), Rate(20, 86400)))
def agency_new(request: UserRequest) -> HttpResponse:
    """Found an agency."""
    form = NewAgencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        agency = found_agency(owner=request.user, **form.cleaned_data)
        say(request, f"{agency.name} is ready.")
        return redirect("overview", agency.slug)
    context = {
        "form": form,
        "seats": list(memberships_of(request.user)),
        "invitations": list(invitations_to(request.user)),
    }
    return render(request, "accounts/agency_new.html", context, status=422 if form.errors else 200)


@member_view(Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def agency_settings(request: AgencyRequest) -> HttpResponse:
    """Change the agency's name, sender identity, caps and approval mode."""
    agency, name = request.agency, request.agency.name
    form = AgencyForm(request.POST or None, instance=agency)
    if request.method == "POST" and form.is_valid():
        change_agency(agency=agency, changes=form.cleaned_data)
        say(request, "Agency settings saved.")
        return redirect("accounts:agency", agency.slug)
    if form.errors:
        # The form wrote what was typed into the agency; the page shows what is stored.
        agency.refresh_from_db()
    context = {
        "form": form,
        "missing": missing_for_mail(agency),
        "close_form": CloseAgencyForm(agency=agency),
        "agency_name": name,
    }
    return render(
        request, "accounts/agency_settings.html", context, status=422 if form.errors else 200
    )


@member_view(Role.CLIENT)
@require_http_methods(["GET", "HEAD", "POST"])
def agency_leave(request: AgencyRequest) -> HttpResponse:
    """Ask whether to leave the agency; POST leaves."""
    if request.method != "POST":
        context = {
            "question": f"Leave {request.agency.name}?",
            "text": "You lose access at once. Only an invitation brings you back.",
            "verb": f"Leave {request.agency.name}",
            "back": reverse("accounts:preferences", args=[request.agency.slug]),
        }
        return render(request, "accounts/confirm.html", context)
    try:
        leave_agency(membership=request.membership)
    except LastOwnerError as error:
        say(request, str(error), tone="bad")
        return redirect("accounts:preferences", request.agency.slug)
    say(request, f"You have left {request.agency.name}.")
    return redirect("home")


@member_view(Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
def agency_close(request: AgencyRequest) -> HttpResponse:
    """Close the agency once its name has been typed."""
    agency = request.agency
    form = CloseAgencyForm(request.POST or None, agency=agency)
    if request.method == "POST" and form.is_valid():
        try:
            close_agency(agency=agency, typed_name=form.cleaned_data["typed_name"])
        except NameMismatchError as error:
            form.add_error("typed_name", str(error))
        else:
            say(request, f"{agency.name} is closed. Nothing more is sent for it.", tone="warn")
            return redirect("home")
    context = {"form": form, "owners": owner_count(agency)}
    return render(
        request, "accounts/agency_close.html", context, status=422 if form.errors else 200
    )
