"""A client's competitors and target pages: added, corrected and removed in place."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.enums import Role
from accounts.forms import (
    AnchorFormSet,
    CompetitorForm,
    CompetitorsForm,
    TargetPageForm,
    wanted_anchors,
)
from accounts.models import Client, TargetPage
from accounts.services.clients import (
    ClientRuleError,
    add_competitors,
    change_competitor,
    delete_row,
    save_target_page,
)
from accounts.tenancy import AgencyRequest, member_view
from accounts.views.clients import client_context
from foundation.pages import after_post, render_page, say, wants_partial

_COMPETITORS = "accounts/_client_competitors.html"
_PAGES = "accounts/_client_pages.html"


@member_view(Role.MEMBER)
@require_POST
def competitors_add(request: AgencyRequest, pk: int) -> HttpResponse:
    """Add competitors to a client."""
    client = _client(request, pk)
    form = CompetitorsForm(request.POST)
    if form.is_valid():
        try:
            added = add_competitors(client=client, domains=form.cleaned_data["domains"])
        except ClientRuleError as error:
            form.add_error("domains", str(error))
        else:
            say(request, f"{added} added." if added else "All of them were there already.")
            return _back(request, client, _COMPETITORS)
    context = client_context(client) | {"competitors_form": form}
    return render_page(request, "accounts/client_detail.html", _COMPETITORS, context, status=422)


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def competitor_edit(request: AgencyRequest, pk: int, row: int) -> HttpResponse:
    """Correct a competitor's domain."""
    client = _client(request, pk)
    competitor = get_object_or_404(client.competitors, pk=row)
    form = CompetitorForm(request.POST or None, initial={"domain": competitor.domain})
    if request.method == "POST" and form.is_valid():
        try:
            change_competitor(competitor=competitor, domain=form.cleaned_data["domain"])
        except ClientRuleError as error:
            form.add_error("domain", str(error))
        else:
            say(request, f"{competitor.domain} saved.")
            return _back(request, client, _COMPETITORS)
    context = {"client": client, "competitor": competitor, "form": form}
    return _form_page(request, "competitor", context, invalid=bool(form.errors))


@member_view(Role.MEMBER)
@require_POST
def competitor_delete(request: AgencyRequest, pk: int, row: int) -> HttpResponse:
    """Remove a competitor."""
    client = _client(request, pk)
    competitor = get_object_or_404(client.competitors, pk=row)
    delete_row(row=competitor)
    say(request, f"{competitor.domain} removed.")
    return _back(request, client, _COMPETITORS)


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def page_new(request: AgencyRequest, pk: int) -> HttpResponse:
    """Add a target page to a client."""
    client = _client(request, pk)
    return _save_page(request, client, TargetPage(client=client))


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def page_edit(request: AgencyRequest, pk: int, row: int) -> HttpResponse:
    """Change a target page and its anchors."""
    client = _client(request, pk)
    page = get_object_or_404(client.target_pages.select_related("client"), pk=row)
    return _save_page(request, client, page)


@member_view(Role.MEMBER)
@require_POST
def page_delete(request: AgencyRequest, pk: int, row: int) -> HttpResponse:
    """Remove a target page."""
    client = _client(request, pk)
    page = get_object_or_404(client.target_pages, pk=row)
    delete_row(row=page)
    say(request, f"{page} removed.")
    return _back(request, client, _PAGES)


def _save_page(request: AgencyRequest, client: Client, page: TargetPage) -> HttpResponse:
    form = TargetPageForm(request.POST or None, instance=page)
    anchors = AnchorFormSet(request.POST or None, initial=page.anchors, prefix="anchors")
    invalid = False
    if request.method == "POST":
        invalid = not (form.is_valid() and anchors.is_valid())
        if not invalid:
            fields = form.cleaned_data | {"anchors": wanted_anchors(anchors)}
            try:
                save_target_page(page=page, fields=fields)
            except ClientRuleError as error:
                form.add_error("url", str(error))
                invalid = True
            else:
                say(request, f"{page} saved.")
                return _back(request, client, _PAGES)
    context = {"client": client, "page": page, "form": form, "anchors": anchors}
    return _form_page(request, "page", context, invalid=invalid)


def _form_page(
    request: AgencyRequest, noun: str, context: dict[str, Any], *, invalid: bool
) -> HttpResponse:
    return render(
        request, f"accounts/client_{noun}_form.html", context, status=422 if invalid else 200
    )


def _client(request: AgencyRequest, pk: int) -> Client:
    return get_object_or_404(Client.objects.for_agency(request.agency), pk=pk)


def _back(request: AgencyRequest, client: Client, partial: str) -> HttpResponse:
    url = reverse("accounts:client", args=[request.agency.slug, client.pk])
    context = client_context(client) if wants_partial(request) else None
    return after_post(request, url, partial=partial, context=context)
