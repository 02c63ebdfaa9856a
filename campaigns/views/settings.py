"""A campaign's settings."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from campaigns.enums import CampaignStatus
from campaigns.forms.settings import SettingsForm
from campaigns.models import Campaign
from campaigns.services.content import ContentError, save_settings
from foundation.pages import say


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_settings(request: AgencyRequest, slug: str) -> HttpResponse:
    """Show and change when, how much and from where a campaign sends."""
    rows = Campaign.objects.for_agency(request.agency).select_related("client", "agency")
    campaign = get_object_or_404(rows, slug=slug)
    form = SettingsForm(request.POST or None, campaign=campaign, agency=request.agency)
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        mailboxes = list(fields.pop("mailboxes"))
        before = campaign.status
        try:
            changed = save_settings(
                campaign, fields=fields, mailboxes=mailboxes, actor=request.user
            )
        except ContentError as error:
            form.add_error(None, str(error))
        else:
            say(
                request,
                said_after(campaign, before, "Settings saved.")
                if changed
                else "Nothing was changed.",
            )
            return redirect("campaigns:settings", request.agency.slug, campaign.slug)
    context = {"form": form, "campaign": campaign, "tab": "settings"}
    status = 422 if form.errors else 200
    return render(request, "campaigns/campaign_settings.html", context, status=status)


def said_after(campaign: Campaign, before: str, saved: str) -> str:
    """Return what a change did, and what it did to the campaign."""
    if campaign.status == before:
        return saved
    if before == CampaignStatus.RUNNING:
        return f"{saved} The campaign is paused until it is approved again."
    return f"{saved} The approval is void: submit the campaign again."
