"""What the frame of a campaign's pages asks for."""

from django import template
from django.template import Context

from campaigns.models import Campaign
from campaigns.selectors.header import Header, header_of

register = template.Library()


@register.simple_tag(takes_context=True)
def campaign_header(context: Context, campaign: Campaign) -> Header:
    """Return the tabs' and buttons' facts of a campaign for the member who looks."""
    return header_of(campaign, context["membership"].role)
