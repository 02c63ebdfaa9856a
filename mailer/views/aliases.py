"""Undoing that an address was taken for somebody's other one."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from foundation.pages import say
from mailer.models import Alias
from mailer.services.aliases import reject_alias


@member_view(Role.MEMBER)
@require_POST
def alias_reject(request: AgencyRequest, pk: int) -> HttpResponse:
    """Note that an alias is somebody else's address."""
    rows = Alias.objects.for_agency(request.agency).select_related("inbound")
    alias = get_object_or_404(rows, pk=pk)
    reject_alias(alias)
    say(request, f"{alias.alias} and {alias.address} are two people from now on.")
    thread = alias.inbound.thread_id if alias.inbound else None
    if thread:
        return redirect("mailer:thread", request.agency.slug, thread)
    return redirect("mailer:inbox", request.agency.slug)
