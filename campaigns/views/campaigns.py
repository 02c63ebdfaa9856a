"""The list of campaigns; making, renaming, copying and deleting one."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clients import current_client
from accounts.enums import Role
from accounts.models import Client
from accounts.tenancy import AgencyRequest, member_view
from campaigns.enums import CampaignStatus
from campaigns.forms.campaigns import CampaignForm, RenameForm
from campaigns.models import Campaign
from campaigns.selectors.lists import campaigns_of, headlines, status_counts
from campaigns.services.campaigns import (
    CampaignError,
    create_campaign,
    delete_campaign,
    duplicate_campaign,
    rename_campaign,
)
from foundation.pages import render_page, say
from foundation.paging import keyset_page
from mailer.enums import MailboxStatus
from mailer.models import Mailbox

PAGE = 50


@member_view(Role.MEMBER)
@require_safe
def campaign_list(request: AgencyRequest) -> HttpResponse:
    """Show the agency's campaigns, one status or all, newest first."""
    status = request.GET.get("status", "")
    status = status if status in CampaignStatus.values else ""
    search = request.GET.get("q", "").strip()[:100]
    client = _client(request)
    rows = campaigns_of(request.agency, status=status, search=search, client=client)
    page = keyset_page(
        rows, order=["-created_at", "-pk"], cursor=request.GET.get("cursor", ""), size=PAGE
    )
    lines = headlines(page.rows)
    counts = status_counts(request.agency, client)
    context = {
        "page": page,
        "rows": [(campaign, lines[campaign.pk]) for campaign in page.rows],
        "status": status,
        "q": search,
        "client": client,
        "clients": Client.objects.for_agency(request.agency).filter(is_archived=False),
        "tabs": [("", "All", counts[""])]
        + [(one.value, one.label, counts.get(one.value, 0)) for one in CampaignStatus],
        "total": counts.get(status, 0),
        "is_filtered": bool(search or client or status),
    }
    return render_page(
        request, "campaigns/campaign_list.html", "campaigns/_campaign_table.html", context
    )


def _client(request: AgencyRequest) -> Client | None:
    key = request.GET.get("client")
    if key is None:
        return current_client(request)
    if not key.isdecimal():
        return None
    return Client.objects.for_agency(request.agency).filter(pk=key).first()


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_new(request: AgencyRequest) -> HttpResponse:
    """Start a campaign and open its sequence."""
    chosen = current_client(request)
    form = CampaignForm(
        request.POST or None,
        agency=request.agency,
        initial={
            "client": chosen.pk if chosen else None,
            "mailboxes": Mailbox.objects.for_agency(request.agency).filter(
                status=MailboxStatus.ACTIVE
            ),
        },
    )
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        mailboxes = fields.pop("mailboxes")
        try:
            campaign = create_campaign(
                agency=request.agency, actor=request.user, fields=fields, mailboxes=mailboxes
            )
        except CampaignError as error:
            form.add_error("name", str(error))
        else:
            say(request, f"{campaign.name} created. Write its first e-mail.")
            return redirect("campaigns:sequence", request.agency.slug, campaign.slug)
    status = 422 if form.errors else 200
    return render(request, "campaigns/campaign_form.html", {"form": form}, status=status)


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_rename(request: AgencyRequest, slug: str) -> HttpResponse:
    """Give a campaign another name."""
    campaign = get_object_or_404(Campaign.objects.for_agency(request.agency), slug=slug)
    form = RenameForm(request.POST or None, initial={"name": campaign.name})
    if request.method == "POST" and form.is_valid():
        rename_campaign(campaign, name=form.cleaned_data["name"], actor=request.user)
        say(request, f"Renamed to {campaign.name}.")
        return redirect("campaigns:settings", request.agency.slug, campaign.slug)
    context = {"form": form, "campaign": campaign, "tab": "settings"}
    status = 422 if form.errors else 200
    return render(request, "campaigns/campaign_rename.html", context, status=status)


@member_view(Role.MEMBER)
@require_POST
def campaign_duplicate(request: AgencyRequest, slug: str) -> HttpResponse:
    """Copy a campaign's sequence and settings into a new draft."""
    campaign = get_object_or_404(Campaign.objects.for_agency(request.agency), slug=slug)
    copy = duplicate_campaign(campaign, actor=request.user)
    say(request, f"{copy.name} created. Nobody is enrolled in it yet.")
    return redirect("campaigns:sequence", request.agency.slug, copy.slug)


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_delete(request: AgencyRequest, slug: str) -> HttpResponse:
    """Ask, then remove a draft nobody is enrolled in."""
    campaign = get_object_or_404(Campaign.objects.for_agency(request.agency), slug=slug)
    if request.method == "POST":
        try:
            delete_campaign(campaign, actor=request.user)
        except CampaignError as error:
            say(request, str(error), tone="bad")
            return redirect("campaigns:settings", request.agency.slug, campaign.slug)
        say(request, f"{campaign.name} deleted.")
        return redirect(reverse("campaigns:list", args=[request.agency.slug]))
    context = {"campaign": campaign, "tab": "settings"}
    return render(request, "campaigns/campaign_delete.html", context)
