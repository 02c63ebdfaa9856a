"""What allows us to write: consent records, region rules, the interest assessment."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Role
from accounts.roles import includes
from accounts.tenancy import AgencyRequest, member_view
from compliance import selectors, services
from compliance.enums import Region, Requirement
from compliance.forms import AssessmentForm, ConsentForm, LogFilterForm, RegionRulesForm
from compliance.models import Consent
from foundation.pages import render_page, say
from foundation.paging import counted, keyset_page

_REGION_NOTES = {
    Region.EU: "27 EU countries, Iceland, Liechtenstein, Norway",
    Region.OTHER: "Also where neither the country nor the domain ending tells",
}


@member_view(Role.MEMBER)
@require_safe
def consent_list(request: AgencyRequest) -> HttpResponse:
    """Show who agreed to be written to."""
    search = LogFilterForm(request.GET).values().get("q", "")
    rows = selectors.consent_list(request.agency, q=search)
    total, more = counted(rows)
    context = {
        "page": keyset_page(
            rows, order=["-created_at", "-pk"], cursor=request.GET.get("cursor", "")
        ),
        "total": f"{total:,}{'+' if more else ''}",
        "q": search,
        "may_change": includes(request.membership.role, Role.MANAGER),
    }
    return render_page(
        request, "compliance/consent_list.html", "compliance/_consent_table.html", context
    )


@member_view(Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def consent_add(request: AgencyRequest) -> HttpResponse:
    """Record the evidence that people agreed."""
    form = ConsentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        rows = services.record_consents(
            agency=request.agency, actor=request.user, **form.cleaned_data
        )
        say(request, f"Recorded for {len(rows)} {'address' if len(rows) == 1 else 'addresses'}.")
        return redirect("compliance:consents", request.agency.slug)
    return render(
        request, "compliance/consent_add.html", {"form": form}, status=422 if form.errors else 200
    )


@member_view(Role.MANAGER)
@require_POST
def consent_withdraw(request: AgencyRequest, pk: int) -> HttpResponse:
    """Let a consent no longer hold."""
    consent = get_object_or_404(Consent.objects.for_agency(request.agency), pk=pk)
    services.withdraw_consent(agency=request.agency, consent_id=consent.pk, now=timezone.now())
    say(request, f"The record for {consent.address} no longer holds.")
    return redirect("compliance:consents", request.agency.slug)


@member_view(Role.MEMBER)
@require_safe
def rules(request: AgencyRequest) -> HttpResponse:
    """Show what every region asks for, and the assessment."""
    requirements = selectors.region_requirements(request.agency)
    return _show_rules(request, RegionRulesForm(requirements=requirements))


@member_view(Role.MANAGER)
@require_POST
def rules_save(request: AgencyRequest) -> HttpResponse:
    """Set what every region asks for."""
    requirements = selectors.region_requirements(request.agency)
    form = RegionRulesForm(request.POST, requirements=requirements)
    if not form.is_valid():
        return _show_rules(request, form, status=422)
    services.set_region_rules(agency=request.agency, rules=form.rules())
    say(request, "Region rules saved.")
    return redirect("compliance:rules", request.agency.slug)


def _show_rules(request: AgencyRequest, form: RegionRulesForm, status: int = 200) -> HttpResponse:
    requirements = selectors.region_requirements(request.agency)
    assessment = selectors.standing_assessment(request.agency)
    needs_one = any(needs == Requirement.LEGITIMATE_INTEREST for needs in requirements.values())
    context = {
        "form": form,
        "rows": [
            {
                "field": form[region.value],
                "region": region,
                "note": _REGION_NOTES.get(region, ""),
                "needs": requirements[region],
                "default": selectors.DEFAULT_REQUIREMENT[region],
            }
            for region in Region
        ],
        "assessment": assessment,
        "missing": needs_one and assessment is None,
        "may_change": includes(request.membership.role, Role.MANAGER),
    }
    return render(request, "compliance/rules.html", context, status=status)


@member_view(Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def assessment(request: AgencyRequest) -> HttpResponse:
    """Record the assessment of legitimate interest, or write it anew."""
    standing = selectors.standing_assessment(request.agency)
    names = ("purpose", "necessity", "balancing")
    initial = {name: getattr(standing, name) for name in names} if standing else {}
    form = AssessmentForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.record_assessment(
            agency=request.agency, actor=request.user, now=timezone.now(), **form.cleaned_data
        )
        say(request, "Assessment recorded.")
        return redirect("compliance:rules", request.agency.slug)
    context = {"form": form, "standing": standing}
    return render(
        request, "compliance/assessment.html", context, status=422 if form.errors else 200
    )


@member_view(Role.MANAGER)
@require_POST
def assessment_withdraw(request: AgencyRequest) -> HttpResponse:
    """Let the assessment no longer hold."""
    if services.withdraw_assessment(agency=request.agency, now=timezone.now()):
        say(request, "The assessment no longer holds.", tone="warn")
    return redirect("compliance:rules", request.agency.slug)
