"""What the shell around every page shows."""

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest

from outreach_project.navigation import Shell

if TYPE_CHECKING:
    from accounts.models import Membership
    from accounts.tenancy import AgencyRequest


def shell(request: HttpRequest) -> dict[str, object]:
    """Return the agency, membership and navigation of the page, when it has them."""
    membership: Membership | None = getattr(request, "membership", None)
    return {
        "agency": getattr(request, "agency", None),
        "membership": membership,
        "shell": Shell(cast("AgencyRequest", request), membership) if membership else None,
    }
