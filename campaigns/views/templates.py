"""The template library."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.clients import current_client
from accounts.enums import Role
from accounts.models import Client
from accounts.tenancy import AgencyRequest, member_view
from campaigns.forms.templates import TemplateForm
from campaigns.models import Campaign, EmailTemplate
from campaigns.selectors.library import categories_of, lead_of, sample_leads, templates_of
from campaigns.selectors.previews import Preview, preview_of, variable_groups
from campaigns.services.templates import (
    TemplateError,
    add_starters,
    duplicate_template,
    save_template,
)
from foundation.pages import render_page, say
from foundation.paging import counted, keyset_page

PAGE = 50
_PREFILLED = ("name", "category", "subject", "body")


@member_view(Role.MEMBER)
@require_safe
def template_list(request: AgencyRequest) -> HttpResponse:
    """Show the library, one category or all."""
    category = request.GET.get("category", "")[:60]
    search = request.GET.get("q", "").strip()[:100]
    rows = templates_of(request.agency, search=search, category=category)
    total, more = counted(rows)
    context = {
        "page": keyset_page(
            rows,
            order=["category", "name", "pk"],
            cursor=request.GET.get("cursor", ""),
            size=PAGE,
        ),
        "q": search,
        "category": category,
        "categories": categories_of(request.agency),
        "total": f"{total:,}{'+' if more else ''}",
        "is_filtered": bool(search or category),
    }
    return render_page(
        request, "campaigns/template_list.html", "campaigns/_template_table.html", context
    )


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def template_new(request: AgencyRequest) -> HttpResponse:
    """Write a new template."""
    template = EmailTemplate(agency=request.agency, owner=request.user)
    if "prefill" in request.POST:
        form = TemplateForm(initial={name: request.POST.get(name, "") for name in _PREFILLED})
    else:
        form = TemplateForm(request.POST or None)
    return _edit(request, template, form, said="kept in the library")


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def template_edit(request: AgencyRequest, pk: int) -> HttpResponse:
    """Change a template; e-mails written from it before stay as they are."""
    template = get_object_or_404(EmailTemplate.objects.for_agency(request.agency), pk=pk)
    initial = {name: getattr(template, name) for name in _PREFILLED}
    form = TemplateForm(request.POST or None, initial=initial)
    return _edit(request, template, form, said="saved")


def _edit(
    request: AgencyRequest, template: EmailTemplate, form: TemplateForm, *, said: str
) -> HttpResponse:
    wants_preview = bool({"preview", "prefill"} & set(request.POST))
    if request.method == "POST" and not wants_preview and form.is_valid():
        try:
            save_template(template, fields=form.cleaned_data)
        except TemplateError as error:
            form.add_error("name", str(error))
        else:
            say(request, f"{template.name} {said}.")
            return redirect("campaigns:templates", request.agency.slug)
    source = request.POST if request.method == "POST" else form.initial
    context = {
        "form": form,
        "template": template if template.pk else None,
        "categories": categories_of(request.agency),
        "variable_groups": variable_groups(request.agency),
        "leads": sample_leads(request.agency, search=request.POST.get("lead_q", "")),
        "lead_q": request.POST.get("lead_q", "")[:100],
        "preview": _preview(request, str(source.get("subject", "")), str(source.get("body", ""))),
    }
    status = 422 if form.is_bound and not wants_preview and form.errors else 200
    return render(request, "campaigns/template_form.html", context, status=status)


@member_view(Role.MEMBER)
@require_POST
def template_preview(request: AgencyRequest) -> HttpResponse:
    """Show what is being written as a lead would get it; nothing is kept."""
    preview = _preview(request, request.POST.get("subject", ""), request.POST.get("body", ""))
    return render(request, "campaigns/_mail_preview.html", {"preview": preview})


def _preview(request: AgencyRequest, subject: str, body: str) -> Preview:
    among = sample_leads(request.agency, search=request.POST.get("lead_q", ""))
    lead = lead_of(request.agency, request.POST.get("lead", ""), among)
    client = (lead.client if lead else None) or current_client(request)
    client = client or Client.objects.for_agency(request.agency).filter(is_archived=False).first()
    return preview_of(
        subject, body, agency=request.agency, lead=lead, client=client, user=request.user
    )


@member_view(Role.MEMBER)
@require_safe
def preview_leads(request: AgencyRequest) -> HttpResponse:
    """Offer leads to try a text on, as options of the picker."""
    search = request.GET.get("lead_q", "")[:100]
    slug = request.GET.get("campaign", "")[:140]
    campaign = Campaign.objects.for_agency(request.agency).filter(slug=slug).first()
    leads = sample_leads(
        request.agency, search=search, campaign_id=campaign.pk if campaign else None
    )
    context = {"leads": leads, "lead_q": search}
    return render(request, "campaigns/_lead_options.html", context)


@member_view(Role.MEMBER)
@require_POST
def template_duplicate(request: AgencyRequest, pk: int) -> HttpResponse:
    """Copy a template and open the copy."""
    template = get_object_or_404(EmailTemplate.objects.for_agency(request.agency), pk=pk)
    copy = duplicate_template(template, actor=request.user)
    say(request, f"{copy.name} created.")
    return redirect("campaigns:template_edit", request.agency.slug, copy.pk)


@member_view(Role.MEMBER)
@require_http_methods(["GET", "HEAD", "POST"])
def template_delete(request: AgencyRequest, pk: int) -> HttpResponse:
    """Ask, then remove a template; campaigns keep what they took from it."""
    template = get_object_or_404(EmailTemplate.objects.for_agency(request.agency), pk=pk)
    if request.method == "POST":
        template.delete()
        say(request, f"{template.name} deleted.")
        return redirect(reverse("campaigns:templates", args=[request.agency.slug]))
    return render(request, "campaigns/template_delete.html", {"template": template})


@member_view(Role.MEMBER)
@require_POST
def template_starters(request: AgencyRequest) -> HttpResponse:
    """Add the starter templates that are not there yet."""
    added = add_starters(request.agency, actor=request.user)
    say(request, f"{added} starter templates added." if added else "They are all there already.")
    return redirect("campaigns:templates", request.agency.slug)
