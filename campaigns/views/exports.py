"""A campaign's leads, e-mails and replies as CSV."""

from django.http import Http404, HttpResponseBase
from django.views.decorators.http import require_safe

from accounts.tenancy import AgencyRequest, member_view
from campaigns.selectors import enrolments
from campaigns.views.lookup import campaign_or_404
from foundation.exports import csv_response


@require_safe
@member_view()
def export(request: AgencyRequest, slug: str, what: str) -> HttpResponseBase:
    """Stream one of the three files; leads follow the list's filters."""
    campaign = campaign_or_404(request, slug)
    name = f"{campaign.slug}-{what}.csv"
    if what == "leads":
        rows = enrolments.filtered_enrolments(campaign, request.GET.dict())
        return csv_response(name, enrolments.LEAD_HEADER, enrolments.lead_lines(rows))
    if what == "messages":
        lines = enrolments.message_lines(campaign)
        return csv_response(name, enrolments.MESSAGE_HEADER, lines)
    if what == "replies":
        return csv_response(name, enrolments.REPLY_HEADER, enrolments.reply_lines(campaign))
    raise Http404
