"""What templates of leads ask besides the shell's tags; `{% load leads %}`."""

from typing import Any

from django import template
from django.template.context import RequestContext

from leads.enums import EventKind
from leads.models import Lead
from leads.rules.places import country_name
from leads.selectors.filters import FIELD

register = template.Library()

_ICONS = {
    EventKind.CREATED: "plus",
    EventKind.UPDATED: "pencil-square",
    EventKind.ENROLLED: "megaphone",
    EventKind.SENT: "paper-airplane",
    EventKind.OPENED: "envelope-open",
    EventKind.CLICKED: "cursor-arrow-rays",
    EventKind.REPLIED: "chat-bubble-left-right",
    EventKind.OUT_OF_OFFICE: "calendar-days",
    EventKind.BOUNCED: "exclamation-triangle",
    EventKind.UNSUBSCRIBED: "no-symbol",
    EventKind.COMPLAINED: "hand-raised",
    EventKind.STOPPED: "stop-circle",
    EventKind.STATUS: "tag",
    EventKind.NOTE: "chat-bubble-bottom-center-text",
}


@register.filter
def event_icon(kind: str) -> str:
    """Return the icon of a kind of event."""
    return _ICONS.get(EventKind(kind), "clock")


@register.filter
def country_named(code: str) -> str:
    """Return the English name of a country code."""
    return country_name(code)


@register.simple_tag
def custom_value(lead: Lead, name: str) -> str:
    """Return one custom field of a lead, "" when it has none."""
    return str(lead.custom.get(name, ""))


@register.simple_tag(takes_context=True)
def custom_wanted(context: RequestContext, name: str) -> str:
    """Return the value the page filters a custom field by."""
    request: Any = context["request"]
    return str(request.GET.get(f"{FIELD}{name}", ""))


@register.simple_tag(takes_context=True)
def kept_params(context: RequestContext, left_out: str) -> list[tuple[str, str]]:
    """Return the page's parameters that a form about `left_out` must carry along."""
    request: Any = context["request"]
    dropped = {"cursor", "peek", *left_out.split()}
    fields = FIELD in dropped
    return [
        (name, value)
        for name in request.GET
        if name not in dropped and not (fields and name.startswith(FIELD))
        for value in request.GET.getlist(name)
        if value
    ]
