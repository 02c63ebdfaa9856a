"""An agency's accounts at other companies: add, change, test, remove."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from foundation.pages import say
from foundation.throttle import limited
from integrations.forms import AccountForm
from integrations.models import ProviderAccount
from integrations.selectors import account_rows, own_accounts
from integrations.services import providers
from integrations.vendors.link_data import VendorError


@member_view(Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def provider_list(request: AgencyRequest) -> HttpResponse:
    """Show the accounts with what they used, and add or change one."""
    known = own_accounts(request.agency).first()
    initial = {"login": known.login, "monthly_limit": known.monthly_limit} if known else None
    has_secret = bool(known and known.secret)
    form = AccountForm(request.POST or None, initial=initial, has_secret=has_secret)
    if request.method == "POST" and form.is_valid():
        providers.save_account(agency=request.agency, **form.cleaned_data)
        say(request, "Account saved. Test it to see whether the key works.")
        return redirect("integrations:providers", request.agency.slug)
    rows = account_rows(request.agency, month=providers.this_month())
    context = {"form": form, "rows": rows}
    status = 422 if form.errors else 200
    return render(request, "integrations/provider_list.html", context, status=status)


@member_view(Role.MANAGER)
@require_POST
@limited("provider_test")
def provider_test(request: AgencyRequest, pk: int) -> HttpResponse:
    """Ask the provider whether the key works."""
    account = get_object_or_404(ProviderAccount.objects.for_agency(request.agency), pk=pk)
    try:
        say(request, providers.test_account(account))
    except VendorError as error:
        say(request, str(error), tone="bad")
    return redirect("integrations:providers", request.agency.slug)


@member_view(Role.MANAGER)
@require_POST
def provider_remove(request: AgencyRequest, pk: int) -> HttpResponse:
    """Forget an account and its key."""
    account = get_object_or_404(ProviderAccount.objects.for_agency(request.agency), pk=pk)
    providers.remove_account(account)
    say(request, f"The {account.get_provider_display()} account and its key are removed.")
    return redirect("integrations:providers", request.agency.slug)
