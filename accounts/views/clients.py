"""An agency's clients: list, page, editing, archive, and the client switcher."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clients import choose_client
from accounts.enums import Role
from accounts.forms import ClientForm, CompetitorsForm
from accounts.models import Client
from accounts.selectors import client_counts, clients
from accounts.services.clients import (
    ClientRuleError,
    archive_client,
    change_client,
    create_client,
)
from accounts.tenancy import AgencyRequest, member_view
from foundation.pages import go_back, render_page, say
from foundation.paging import keyset_page


@member_view(Role.MEMBER)
@require_safe
def client_list(request: AgencyRequest) -> HttpResponse:
    """Show the agency's clients, or those put away."""
    search = request.GET.get("q", "").strip()[:100]
    archived = request.GET.get("archived") == "1"
    rows = clients(request.agency, search=search, archived=archived)
    context = {
        "page": keyset_page(rows, order=["name", "pk"], cursor=request.GET.get("cursor", "")),
        "q": search,
        "archived": archived,
        "counts": client_counts(request.agency),
    }
    return render_page(request, "accounts/client_list.html", "accounts/_client_table.html", context)


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def client_new(request: AgencyRequest) -> HttpResponse:
    """Add a client."""
    form = ClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            client = create_client(agency=request.agency, fields=form.cleaned_data)
        except ClientRuleError as error:
            form.add_error("name", str(error))
        else:
            say(request, f"{client.name} added.")
            return redirect("accounts:client", request.agency.slug, client.pk)
    context = {"form": form, "client": None}
    return render(request, "accounts/client_form.html", context, status=422 if form.errors else 200)


@member_view(Role.MEMBER)
@require_safe
def client_detail(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show a client with its service context, competitors and target pages."""
    client = get_object_or_404(Client.objects.for_agency(request.agency), pk=pk)
    return render(request, "accounts/client_detail.html", client_context(client))


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def client_edit(request: AgencyRequest, pk: int) -> HttpResponse:
    """Change a client."""
    client = get_object_or_404(Client.objects.for_agency(request.agency), pk=pk)
    form = ClientForm(request.POST or None, instance=client)
    if request.method == "POST" and form.is_valid():
        try:
            change_client(client=client, fields=form.cleaned_data)
        except ClientRuleError as error:
            form.add_error("name", str(error))
        else:
            say(request, f"{client.name} saved.")
            return redirect("accounts:client", request.agency.slug, client.pk)
    if form.errors:
        client.refresh_from_db()
    context = {"form": form, "client": client}
    return render(request, "accounts/client_form.html", context, status=422 if form.errors else 200)


@member_view(Role.MANAGER)
@require_POST
def client_archive(request: AgencyRequest, pk: int) -> HttpResponse:
    """Put a client away."""
    client = get_object_or_404(Client.objects.for_agency(request.agency), pk=pk)
    archive_client(client=client, archived=True)
    undo = reverse("accounts:client_unarchive", args=[request.agency.slug, client.pk])
    say(request, f"{client.name} archived.", undo=undo)
    return redirect("accounts:clients", request.agency.slug)


@member_view(Role.MANAGER)
@require_POST
def client_unarchive(request: AgencyRequest, pk: int) -> HttpResponse:
    """Bring a client back."""
    client = get_object_or_404(Client.objects.for_agency(request.agency), pk=pk)
    archive_client(client=client, archived=False)
    say(request, f"{client.name} is back.")
    return redirect("accounts:client", request.agency.slug, client.pk)


@member_view(Role.MEMBER)
@require_POST
def client_choose(request: AgencyRequest) -> HttpResponse:
    """Narrow the lists to one client (`client=pk`), or widen them to all (`client=`)."""
    pk, client = request.POST.get("client", ""), None
    if pk:
        ours = Client.objects.for_agency(request.agency).filter(is_archived=False)
        client = get_object_or_404(ours, pk=pk if pk.isdecimal() else 0)
    choose_client(request, client)
    return go_back(request, reverse("overview", args=[request.agency.slug]))


def client_context(client: Client) -> dict[str, object]:
    """Return what the client's page shows."""
    return {
        "client": client,
        "competitors": list(client.competitors.order_by("domain")),
        "pages": list(client.target_pages.all()),
        "competitors_form": CompetitorsForm(),
    }
