"""A person's data: see what is held on an address, hand it over, erase it."""

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from compliance import personal_data
from compliance.forms import ErasePersonForm, PersonForm
from foundation.pages import say


@member_view(Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: AgencyRequest) -> HttpResponse:
    """Look an address up. A POST, so that no address stands in a URL or a proxy's log."""
    form = PersonForm(request.POST or None)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        address = form.cleaned_data["address"]
        held = personal_data.everything_on(request.agency, address)["data"]
        sections = [
            (section.replace("_", " ").capitalize(), len(rows))
            for holder in held.values()
            for section, rows in holder.items()
        ]
        context |= {
            "address": address,
            "sections": sections,
            "found": any(count for _, count in sections),
            "erase_form": ErasePersonForm(initial={"address": address}),
        }
    return render(request, "compliance/people.html", context, status=422 if form.errors else 200)


@member_view(Role.MANAGER)
@require_POST
def person_export(request: AgencyRequest) -> HttpResponse:
    """Hand over everything held on an address, as a JSON file."""
    form = PersonForm(request.POST)
    if not form.is_valid():
        return render(request, "compliance/people.html", {"form": form}, status=422)
    held = personal_data.everything_on(request.agency, form.cleaned_data["address"])
    return HttpResponse(
        json.dumps(held, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2),
        content_type="application/json; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="person-{timezone.localdate()}.json"'
        },
    )


@member_view(Role.MANAGER)
@require_POST
def person_erase(request: AgencyRequest) -> HttpResponse:
    """Erase an address everywhere in the agency; it stays suppressed by its digest."""
    # Otherwise the audit log would keep the very address that was erased.
    request.audit_hidden = frozenset({"address"})  # type: ignore[attr-defined]  # read by AuditMiddleware
    form = ErasePersonForm(request.POST)
    if not form.is_valid():
        context = {"form": PersonForm(request.POST), "erase_form": form}
        if "address" in form.cleaned_data:
            context["address"] = form.cleaned_data["address"]
        return render(request, "compliance/people.html", context, status=422)
    counts = personal_data.erase_person(
        agency=request.agency, address=form.cleaned_data["address"], actor=request.user
    )
    done = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()) if count)
    say(request, f"Erased: {done or 'nothing more was held'}. The address stays suppressed.")
    return redirect("compliance:people", request.agency.slug)
