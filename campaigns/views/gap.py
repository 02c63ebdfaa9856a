"""From a competitor gap to leads in a campaign, in one step."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from campaigns.forms.enrol import EnrolForm
from campaigns.services.gaps import enrol_gap
from directory.models import GapRun
from directory.selectors.gaps import chosen_domains
from foundation.pages import say
from foundation.paging import counted


@member_view(Role.MEMBER)
@require_POST
def gap_enrol(request: AgencyRequest, pk: int) -> HttpResponse:
    """Ask which campaign the chosen domains join, then make them leads."""
    rows = GapRun.objects.for_agency(request.agency).select_related("client", "agency")
    run = get_object_or_404(rows, pk=pk)
    chosen = chosen_domains(run, request.POST).open()
    total, more = counted(chosen)
    if not total:
        say(request, "Tick some open domains, then choose what to do with them.", tone="bad")
        return redirect("directory:gap", request.agency.slug, run.pk)
    asked = "asked" in request.POST
    form = _form(request, asked=asked)
    if asked and form.is_valid():
        made = enrol_gap(run, chosen, campaign=form.cleaned_data["campaign"], actor=request.user)
        if made is not None:
            return redirect("leads:import_detail", request.agency.slug, made.pk)
    context = {
        "run": run,
        "form": form,
        "total": total,
        "more": more,
        "ids": request.POST.getlist("ids")[:500],
        "scope": request.POST.get("scope", ""),
        "query": request.POST.get("query", ""),
    }
    return render(
        request, "campaigns/gap_enrol.html", context, status=422 if asked and form.errors else 200
    )


def _form(request: AgencyRequest, *, asked: bool) -> EnrolForm:
    form = EnrolForm(request.POST if asked else None, agency=request.agency)
    field = form.fields["campaign"]
    field.required = False
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = "No campaign yet, only leads"
    return form
