"""One opportunity: its checklist, notes, proof, and how it ends."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from directory.enums import BacklinkStatus
from directory.forms import EndForm, WorkForm
from directory.models import Backlink
from directory.selectors.worklist import visible_opportunities
from directory.services import work
from directory.services.work import BacklinkMoveError, WorkError
from foundation.pages import say, wants_partial

EVENTS = 30


@member_view(Role.CLIENT)
@require_safe
def opportunity_detail(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show what is to be done, step by step."""
    return _page(request, _found(request, pk))


@member_view(Role.CLIENT)
@require_POST
def opportunity_step(request: AgencyRequest, pk: int) -> HttpResponse:
    """Tick a step (`step=0`, `done=1`), or take the tick back (`done=`)."""
    backlink = _found(request, pk)
    number = request.POST.get("step", "")
    index = int(number) if number.isdecimal() and len(number) < 4 else -1  # noqa: PLR2004  # steps are few
    try:
        work.tick_step(backlink, index, done=bool(request.POST.get("done")), actor=request.user)
    except (WorkError, BacklinkMoveError) as error:
        say(request, str(error), tone="bad")
    return _answer(request, backlink.pk)


@member_view(Role.CLIENT)
@require_POST
def opportunity_save(request: AgencyRequest, pk: int) -> HttpResponse:
    """Store notes, time spent and proof."""
    backlink = _found(request, pk)
    form = _form(request, backlink, request.POST)
    if not form.is_valid():
        return _page(request, _found(request, pk), form=form, status=422)
    fresh = _found(request, pk)  # the form has written on the other
    work.save_work(fresh, fields=form.cleaned_data, actor=request.user)
    say(request, "Saved.")
    return redirect("directory:opportunity", request.agency.slug, pk)


@member_view(Role.CLIENT)
@require_POST
def opportunity_move(request: AgencyRequest, pk: int) -> HttpResponse:
    """Start it, complete it, dismiss it, or take that back (`to=`)."""
    backlink = _found(request, pk)
    act = _ACTS.get(request.POST.get("to", ""))
    form = EndForm(request.POST)
    if act is None or not form.is_valid():
        return _page(request, backlink, end_form=form, status=422)
    try:
        said = act(backlink, request, form.cleaned_data)
    except (WorkError, BacklinkMoveError) as error:
        say(request, str(error), tone="bad")
        return redirect("directory:opportunity", request.agency.slug, pk)
    say(request, said)
    return redirect("directory:opportunity", request.agency.slug, pk)


def _start(backlink: Backlink, request: AgencyRequest, _: dict[str, Any]) -> str:
    work.start(backlink, actor=request.user)
    return "Started."


def _complete(backlink: Backlink, request: AgencyRequest, fields: dict[str, Any]) -> str:
    work.complete(backlink, actor=request.user, proof_url=fields["proof_url"])
    checked = " The page is checked within the hour." if backlink.proof_url else ""
    return f"Completed.{checked}"


def _dismiss(backlink: Backlink, request: AgencyRequest, fields: dict[str, Any]) -> str:
    work.dismiss(backlink, actor=request.user, reason=fields["reason"])
    return "Not applicable. It will not be offered again."


def _undo(backlink: Backlink, request: AgencyRequest, _: dict[str, Any]) -> str:
    work.undo(backlink, actor=request.user)
    return f"Back to {backlink.get_status_display().lower()}."


_ACTS: dict[str, Callable[[Backlink, AgencyRequest, dict[str, Any]], str]] = {
    "start": _start,
    "complete": _complete,
    "dismiss": _dismiss,
    "undo": _undo,
}


def _found(request: AgencyRequest, pk: int) -> Backlink:
    rows = visible_opportunities(request).select_related("client", "directory", "assignee")
    return get_object_or_404(rows, pk=pk)


def _form(request: AgencyRequest, backlink: Backlink, data: Any = None) -> WorkForm:
    is_client = request.membership.role == Role.CLIENT
    return WorkForm(data, instance=backlink, agency=None if is_client else request.agency)


def _answer(request: AgencyRequest, pk: int) -> HttpResponse:
    if not wants_partial(request):
        return redirect(reverse("directory:opportunity", args=[request.agency.slug, pk]) + "#steps")
    return _page(request, _found(request, pk), template="directory/_opportunity_swap.html")


def _page(
    request: AgencyRequest,
    backlink: Backlink,
    *,
    form: WorkForm | None = None,
    end_form: EndForm | None = None,
    template: str = "directory/opportunity_detail.html",
    status: int = 200,
) -> HttpResponse:
    is_client = request.membership.role == Role.CLIENT
    context = {
        "backlink": backlink,
        "directory": backlink.directory,
        "is_client": is_client,
        "is_open": backlink.status in {BacklinkStatus.OPPORTUNITY, BacklinkStatus.IN_PROGRESS},
        "form": form or _form(request, backlink),
        "end_form": end_form or EndForm(initial={"proof_url": backlink.proof_url}),
        "events": []
        if is_client
        else list(backlink.events.select_related("actor").order_by("-at", "-pk")[:EVENTS]),
    }
    return render(request, template, context, status=status)
