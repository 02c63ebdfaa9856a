"""The source of a sequence's e-mail, byte for byte as it would be sent to one lead."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from campaigns.models import Campaign
from campaigns.selectors.library import lead_of, sample_leads
from campaigns.selectors.sequence import place_in
from campaigns.selectors.sequence_sources import sequence_source_of


@member_view(Role.MEMBER)
@require_safe
def sequence_source(request: AgencyRequest, slug: str) -> HttpResponse:
    """Show headers and body of a saved step for one lead, or hand them over as a file."""
    rows = Campaign.objects.for_agency(request.agency).select_related("agency", "client", "owner")
    campaign = get_object_or_404(rows, slug=slug)
    place = place_in(campaign, request.GET.get("step", ""), request.GET.get("variant", ""))
    if place is None:
        raise Http404
    leads = sample_leads(request.agency, campaign_id=campaign.pk)
    lead = lead_of(request.agency, request.GET.get("lead", ""), leads)
    source = sequence_source_of(campaign, place, lead, now=timezone.now())
    if "download" in request.GET and source.content:
        response = HttpResponse(source.content, content_type="message/rfc822")
        name = f"{campaign.slug[:60]}-step-{place.step.order}.eml"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    context = {"campaign": campaign, "tab": "sequence", "place": place, "lead": lead,
               "source": source, "size": len(source.content)}  # fmt: skip
    return render(request, "campaigns/sequence_source.html", context)
