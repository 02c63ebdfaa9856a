"""Searching for opportunities, and what a client wants of them."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Role
from accounts.models import Client
from accounts.tenancy import AgencyRequest, member_view
from directory.enums import MatchStatus
from directory.forms import PreferenceForm
from directory.models import MatchingPreference, MatchRun
from directory.services.searches import save_preference, start_search
from foundation.pages import render_page, say


@member_view(Role.MEMBER)
@require_POST
def search_start(request: AgencyRequest) -> HttpResponse:
    """Look for opportunities for one client (`client=pk`), or for all."""
    pk, client = request.POST.get("client", ""), None
    if pk:
        ours = Client.objects.for_agency(request.agency)
        client = get_object_or_404(ours, pk=pk if pk.isdecimal() and len(pk) < 19 else 0)  # noqa: PLR2004  # bigint
    run = start_search(agency=request.agency, client=client, actor=request.user)
    return redirect("directory:search", request.agency.slug, run.pk)


@member_view(Role.MEMBER)
@require_safe
def search_detail(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show how far a search has come, and what it found."""
    runs = MatchRun.objects.for_agency(request.agency).select_related("client")
    run = get_object_or_404(runs, pk=pk)
    context = {"run": run, "running": run.status in {MatchStatus.QUEUED, MatchStatus.RUNNING}}
    return render_page(
        request, "directory/search_detail.html", "directory/_search_progress.html", context
    )


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def preference_edit(request: AgencyRequest, pk: int) -> HttpResponse:
    """Say which directories are worth a client's time, and search again."""
    client = get_object_or_404(Client.objects.for_agency(request.agency), pk=pk)
    there = MatchingPreference.objects.for_agency(request.agency).filter(client=client).first()
    form = PreferenceForm(request.POST or None, instance=there)
    if request.method == "POST" and form.is_valid():
        save_preference(client=client, fields=form.cleaned_data)
        run = start_search(agency=request.agency, client=client, actor=request.user)
        say(request, "Saved. Looking for what fits now.")
        return redirect("directory:search", request.agency.slug, run.pk)
    back = f"{reverse('directory:opportunities', args=[request.agency.slug])}?client={client.pk}"
    context = {"form": form, "client": client, "back": back}
    status = 422 if form.errors else 200
    return render(request, "directory/preference_form.html", context, status=status)
