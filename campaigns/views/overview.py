"""A campaign's overview, forecast and replies."""

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.tenancy import AgencyRequest, member_view
from campaigns.models import Campaign
from campaigns.selectors import overview
from campaigns.selectors.attention import needs_attention
from campaigns.selectors.enrolments import campaign_replies
from campaigns.selectors.forecast_page import forecast_page
from campaigns.views.lookup import campaign_or_404
from foundation.pages import render_page
from foundation.paging import counted, keyset_page
from mailer.enums import Intent


@require_safe
@member_view()
def detail(request: AgencyRequest, slug: str) -> HttpResponse:
    """Show how a campaign is doing."""
    campaign = campaign_or_404(request, slug)
    figures = _figures(request, campaign)
    if request.htmx and request.htmx.target == "stats":
        return render_page(
            request, "campaigns/campaign_overview.html", "campaigns/_overview_stats.html", figures
        )
    steps, mailboxes = overview.performance(campaign)
    context = figures | {
        "steps": steps,
        "mailboxes": mailboxes,
        "waiting": overview.in_sequence(campaign),
        "funnel": overview.funnel(campaign),
        "machines": overview.machine_touches(campaign),
        "attention": needs_attention(campaign, timezone.now()),
        "activity": overview.recent_activity(campaign),
    }
    page = "campaigns/campaign_overview.html"
    return render_page(request, page, page, context)


def _figures(request: AgencyRequest, campaign: Campaign) -> dict[str, Any]:
    """Return the strip and the chart of the period and metric the query string asks for."""
    asked = request.GET.get("period", "")
    days = int(asked) if asked in {str(one) for one in overview.PERIODS} else 30
    metric = request.GET.get("metric", "")
    metric = metric if metric in overview.METRICS else "replied"
    today = timezone.now().astimezone(request.agency.zone).date()
    since = today - dt.timedelta(days=2 * days - 1)
    by_day = overview.figures_by_day(campaign, since)
    now, before = overview.period(by_day, today, days)
    return {
        "campaign": campaign,
        "tab": "overview",
        "days": days,
        "periods": overview.PERIODS,
        "metric": metric,
        "metrics": overview.metrics(now, before),
        "series": overview.series(by_day, today, days, metric),
    }


@require_safe
@member_view()
def replies(request: AgencyRequest, slug: str) -> HttpResponse:
    """Show what people answered."""
    campaign = campaign_or_404(request, slug)
    intent = request.GET.get("intent", "")
    intent = intent if intent in Intent.values else ""
    rows = campaign_replies(campaign, intent)
    page = keyset_page(rows, order=["-received_at", "-pk"], cursor=request.GET.get("cursor", ""))
    total, more = counted(rows)
    context = {
        "campaign": campaign,
        "tab": "replies",
        "page": page,
        "total": f"{total:,}{'+' if more else ''}",
        "intent": intent,
        "intents": Intent,
    }
    return render_page(
        request, "campaigns/campaign_replies.html", "campaigns/_replies_table.html", context
    )


@require_safe
@member_view()
def forecast(request: AgencyRequest, slug: str) -> HttpResponse:
    """Show what will be sent when, from which mailbox, and what waits for what."""
    campaign = campaign_or_404(request, slug)
    context = {"campaign": campaign, "tab": "forecast", **forecast_page(campaign, timezone.now())}
    page = "campaigns/campaign_forecast.html"
    return render_page(request, page, page, context)
