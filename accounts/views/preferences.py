"""A person's own settings."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.enums import Role
from accounts.forms import PreferencesForm
from accounts.services.people import change_preferences
from accounts.tenancy import AgencyRequest, member_view
from foundation.pages import say


@member_view(Role.CLIENT)
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: AgencyRequest) -> HttpResponse:
    """Change one's name, time zone and shortcuts; links to address, password and MFA."""
    form = PreferencesForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        change_preferences(user=request.user, changes=form.cleaned_data)
        say(request, "Preferences saved.")
        return redirect("accounts:preferences", request.agency.slug)
    if form.errors:
        request.user.refresh_from_db()
    return render(
        request, "accounts/preferences.html", {"form": form}, status=422 if form.errors else 200
    )
