"""One backlink: its terms against what was found, its checks, moves and changes."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clients import current_client
from accounts.enums import Role
from accounts.models import TargetPage
from accounts.roles import includes
from accounts.tenancy import AgencyRequest, member_view
from directory.enums import BacklinkStatus
from directory.forms import BacklinkForm, BacklinkNewForm
from directory.models import Backlink
from directory.selectors.register import next_statuses, terms
from directory.services import work
from directory.services.checking import CheckError, check_now, source_of, target_of
from directory.services.moves import BacklinkMoveError, move_backlink
from directory.services.register import (
    RegisterError,
    add_backlink,
    delete_backlink,
    save_backlink,
)
from foundation.pages import say

EVENTS = 50
CHECKS = 20


# The page known of these is where a competitor is linked from: no link of the client’s yet.
_UNWORKED = {BacklinkStatus.OPPORTUNITY, BacklinkStatus.NOT_APPLICABLE}


@member_view(Role.MEMBER)
@require_safe
def backlink_detail(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show a link from its first e-mail to its last check."""
    backlink = _found(request, pk)
    checks = list(backlink.checks.order_by("-at", "-pk")[:CHECKS])
    context = {
        "backlink": backlink,
        "checks": checks,
        "terms": terms(backlink, checks[0] if checks else None),
        "statuses": next_statuses(backlink),
        "can_check": bool(
            backlink.status not in _UNWORKED and source_of(backlink) and target_of(backlink)
        ),
        "is_manager": includes(request.membership.role, Role.MANAGER),
        "events": list(backlink.events.select_related("actor").order_by("-at", "-pk")[:EVENTS]),
    }
    return render(request, "directory/backlink_detail.html", context)


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def backlink_new(request: AgencyRequest) -> HttpResponse:
    """Add a link by hand."""
    chosen = request.GET.get("client") or current_client(request)
    form = BacklinkNewForm(request.POST or None, agency=request.agency, initial={"client": chosen})
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        try:
            made = add_backlink(client=fields.pop("client"), fields=fields, actor=request.user)
        except RegisterError as error:
            form.add_error("source_url", str(error))
        else:
            say(request, "Added.")
            return redirect("directory:backlink", request.agency.slug, made.pk)
    return _form_page(request, form, None)


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def backlink_edit(request: AgencyRequest, pk: int) -> HttpResponse:
    """Change what is known of a link, and its terms."""
    backlink = _found(request, pk)
    form = BacklinkForm(request.POST or None, instance=backlink, agency=request.agency)
    if request.method == "POST" and form.is_valid():
        save_backlink(backlink, fields=form.cleaned_data, actor=request.user)
        say(request, "Saved.")
        return redirect("directory:backlink", request.agency.slug, pk)
    return _form_page(request, form, backlink)


@member_view(Role.MEMBER)
@require_POST
def backlink_move(request: AgencyRequest, pk: int) -> HttpResponse:
    """Move a link to a status that follows its own (`to=`, `reason=`)."""
    backlink, to = _found(request, pk), request.POST.get("to", "")
    reason = request.POST.get("reason", "").strip()[:300]
    try:
        if to == BacklinkStatus.NOT_APPLICABLE:
            work.dismiss(backlink, actor=request.user, reason=reason)
        elif to == BacklinkStatus.COMPLETED:
            work.complete(backlink, actor=request.user)
        else:
            move_backlink(backlink, to, actor=request.user, note=reason)
    except (work.WorkError, BacklinkMoveError) as error:
        say(request, str(error), tone="bad")
    else:
        say(request, f"Moved to {backlink.get_status_display().lower()}.")
    return redirect("directory:backlink", request.agency.slug, pk)


@member_view(Role.MEMBER)
@require_POST
def backlink_check(request: AgencyRequest, pk: int) -> HttpResponse:
    """Have the page looked at as soon as a worker is free."""
    try:
        check_now(_found(request, pk))
    except CheckError as error:
        say(request, str(error), tone="bad")
    else:
        say(request, "The page is being checked. Look again in a minute.")
    return redirect("directory:backlink", request.agency.slug, pk)


@member_view(Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def backlink_delete(request: AgencyRequest, pk: int) -> HttpResponse:
    """Ask, then forget a link with its history."""
    backlink = _found(request, pk)
    if request.method != "POST":
        return render(request, "directory/backlink_delete.html", {"backlink": backlink})
    try:
        delete_backlink(backlink)
    except RegisterError as error:
        say(request, str(error), tone="bad")
        return redirect("directory:backlink", request.agency.slug, pk)
    say(request, f"The link from {backlink.source_domain} is deleted.")
    return redirect("directory:backlinks", request.agency.slug)


def _found(request: AgencyRequest, pk: int) -> Backlink:
    rows = Backlink.objects.for_agency(request.agency)
    return get_object_or_404(rows.select_related("client", "directory", "assignee"), pk=pk)


def _form_page(
    request: AgencyRequest, form: BacklinkForm, backlink: Backlink | None
) -> HttpResponse:
    client: Any = backlink.client if backlink else current_client(request)
    pages = TargetPage.objects.for_agency(request.agency).filter(client=client)
    context = {
        "form": form,
        "backlink": backlink,
        "pages": list(pages.order_by("pk").values_list("url", flat=True)[:200]) if client else [],
    }
    status = 422 if form.errors else 200
    return render(request, "directory/backlink_form.html", context, status=status)
