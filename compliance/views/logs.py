"""The audit log and the security events of an agency."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from compliance import selectors
from compliance.enums import SecurityKind
from compliance.forms import LogFilterForm
from foundation.pages import render_page
from foundation.paging import keyset_page

# What the actions that can be asked for begin with, and its name on screen.
_AREAS = (
    ("accounts", "Agency and clients"),
    ("leads", "Leads"),
    ("campaign", "Campaigns"),
    ("mailer", "Mail"),
    ("directory", "Opportunities and gaps"),
    ("compliance", "Compliance"),
)


@member_view(Role.MANAGER)
@require_safe
def audit_list(request: AgencyRequest) -> HttpResponse:
    """Show who changed what."""
    filters = LogFilterForm(request.GET).values()
    names = ("q", "actor", "action", "since", "until")
    chosen = {name: filters[name] for name in names if name in filters}
    rows = selectors.audit_list(request.agency, **chosen)
    context = {
        "page": keyset_page(rows, order=["-at", "-pk"], cursor=request.GET.get("cursor", "")),
        "filters": chosen,
        "members": request.agency.memberships.select_related("user").order_by("user__email"),
        "areas": _AREAS,
    }
    return render_page(
        request, "compliance/audit_list.html", "compliance/_audit_table.html", context
    )


@member_view(Role.MANAGER)
@require_safe
def security_list(request: AgencyRequest) -> HttpResponse:
    """Show who was refused."""
    filters = LogFilterForm(request.GET).values()
    chosen = {name: filters[name] for name in ("kind", "since", "until") if name in filters}
    rows = selectors.security_list(request.agency, **chosen)
    context = {
        "page": keyset_page(rows, order=["-at", "-pk"], cursor=request.GET.get("cursor", "")),
        "filters": chosen,
        "kinds": SecurityKind.choices,
    }
    return render_page(
        request, "compliance/security_list.html", "compliance/_security_table.html", context
    )
