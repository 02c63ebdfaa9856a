"""Why e-mails were sent and not sent."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from compliance import selectors
from compliance.enums import Outcome
from compliance.forms import LogFilterForm
from compliance.models import PolicyDecision
from foundation.pages import render_page
from foundation.paging import keyset_page


@member_view(Role.MEMBER)
@require_safe
def decision_list(request: AgencyRequest) -> HttpResponse:
    """Show what the policy decided, the latest first."""
    filters = LogFilterForm(request.GET).values()
    names = ("q", "outcome", "since", "until")
    chosen = {name: filters[name] for name in names if name in filters}
    rows = selectors.decision_list(request.agency, **chosen)
    context = {
        "page": keyset_page(rows, order=["-at", "-pk"], cursor=request.GET.get("cursor", "")),
        "filters": chosen,
        "outcomes": Outcome.choices,
    }
    return render_page(
        request, "compliance/decision_list.html", "compliance/_decision_table.html", context
    )


@member_view(Role.MEMBER)
@require_safe
def decision_detail(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show one decision with every check."""
    decision = get_object_or_404(PolicyDecision.objects.for_agency(request.agency), pk=pk)
    return render(request, "compliance/decision_detail.html", {"decision": decision})
