"""Mailboxes in the settings: list, page, form, connection test, pause and resume."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from foundation.pages import render_page, say
from foundation.throttle import limited
from mailer.enums import MailboxStatus, SetAsideStatus
from mailer.forms.mailboxes import MailboxForm
from mailer.models import Mailbox, MailboxGrant
from mailer.oauth import OAuthProvider, oauth_providers
from mailer.providers import known_providers
from mailer.selectors import capacity
from mailer.selectors_incidents import incidents_of
from mailer.selectors_links import link_host
from mailer.services import grants
from mailer.services import mailboxes as services
from mailer.services.link_domains import check_link_domain
from mailer.services.probing import probe_mailbox
from mailer.services.trial import queue_trial

PAGE_SIZE = 50


def mailbox_or_404(request: AgencyRequest, pk: int) -> Mailbox:
    """Return a mailbox of the agency, its last look at the DNS at hand."""
    rows = Mailbox.objects.for_agency(request.agency).select_related("agency", "check_result")
    return get_object_or_404(rows, pk=pk)


def _page_of(request: AgencyRequest, mailbox: Mailbox) -> str:
    return reverse("mailer:mailbox", args=[request.agency.slug, mailbox.pk])


def _sign_ins(preset: str) -> list[OAuthProvider]:
    """Return where a mailbox of this provider can be signed in instead of with a password."""
    every = oauth_providers().values()
    return [one for one in every if preset in {one.preset, ""}]


@member_view(Role.MEMBER)
@require_safe
def mailbox_list(request: AgencyRequest) -> HttpResponse:
    """List the agency's mailboxes with what each may still send today."""
    archived = request.GET.get("archived") == "1"
    every = Mailbox.objects.for_agency(request.agency)
    rows = every.filter(status=MailboxStatus.ARCHIVED) if archived else every.in_use()
    page = Paginator(
        rows.select_related("check_result").order_by("address", "pk"), PAGE_SIZE
    ).get_page(request.GET.get("page"))
    room = capacity(page.object_list, now=timezone.now())
    context = {
        "page": page,
        "rows": [(mailbox, room[mailbox.pk]) for mailbox in page.object_list],
        "archived": archived,
        "archived_count": every.filter(status=MailboxStatus.ARCHIVED).count(),
    }
    return render_page(request, "mailer/mailbox_list.html", "mailer/_mailbox_table.html", context)


@member_view(Role.MEMBER)
@require_safe
def mailbox_page(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show one mailbox: health, room, connection test, settings in short."""
    mailbox = mailbox_or_404(request, pk)
    context = {
        "link_host": link_host(),
        "mailbox": mailbox,
        "tab": "overview",
        "room": capacity([mailbox], now=timezone.now())[mailbox.pk],
        "provider": known_providers().get(mailbox.provider),
        "has_messages": mailbox.messages.exists(),
        "grant": MailboxGrant.objects.for_agency(request.agency).filter(mailbox=mailbox).first(),
        "sign_ins": _sign_ins(mailbox.provider or "custom"),
        "incidents": incidents_of(mailbox),
        "not_read": mailbox.set_aside.filter(status=SetAsideStatus.WAITING).count(),
    }
    return render(request, "mailer/mailbox_page.html", context)


@member_view(Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox_new(request: AgencyRequest) -> HttpResponse:
    """Add a mailbox, its servers filled in from a known provider."""
    provider = known_providers().get(request.GET.get("provider", ""))
    form = MailboxForm(
        request.POST or None, instance=Mailbox(agency=request.agency), provider=provider
    )
    if request.method == "POST" and form.is_valid():
        try:
            mailbox = services.create_mailbox(
                agency=request.agency, owner=request.user, values=form.cleaned_data
            )
        except services.AddressTakenError:
            form.add_error("address", "The agency already has a mailbox of this address.")
        else:
            say(request, f"{mailbox.address} is added. Test its connection next.")
            return redirect(_page_of(request, mailbox))
    context = {
        "form": form,
        "providers": known_providers().values(),
        "provider": provider,
        "sign_ins": _sign_ins(provider.key if provider else ""),
    }
    return render(request, "mailer/mailbox_form.html", context, status=422 if form.errors else 200)


@member_view(Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def mailbox_edit(request: AgencyRequest, pk: int) -> HttpResponse:
    """Change a mailbox."""
    mailbox = mailbox_or_404(request, pk)
    form = MailboxForm(request.POST or None, instance=mailbox)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_mailbox(mailbox_or_404(request, pk), values=form.cleaned_data)
        except services.AddressTakenError:
            form.add_error("address", "The agency already has a mailbox of this address.")
        else:
            say(request, "Mailbox saved.")
            return redirect(_page_of(request, mailbox))
    context = {"form": form, "mailbox": mailbox_or_404(request, pk)}
    return render(request, "mailer/mailbox_form.html", context, status=422 if form.errors else 200)


@member_view(Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
@limited("mailbox_test")
def mailbox_test(request: AgencyRequest, pk: int) -> HttpResponse:
    """Try the mailbox's servers step by step."""
    mailbox = mailbox_or_404(request, pk)
    probe = probe_mailbox(mailbox) if request.method == "POST" else None
    mailbox.refresh_from_db()
    context: dict[str, Any] = {"mailbox": mailbox, "probe": probe}
    return render_page(request, "mailer/mailbox_test.html", "mailer/_mailbox_test.html", context)


@member_view(Role.MANAGER)
@require_POST
@limited("mailbox_links")
def mailbox_links(request: AgencyRequest, pk: int) -> HttpResponse:
    """See whether the mailbox's own link domain leads to us."""
    mailbox = mailbox_or_404(request, pk)
    if mailbox.tracking_domain:
        check_link_domain(mailbox)
    if not request.htmx:
        return redirect(_page_of(request, mailbox))
    context = {"mailbox": mailbox, "link_host": link_host()}
    return render(request, "mailer/_mailbox_links.html", context)


@member_view(Role.MANAGER)
@require_POST
@limited("mailbox_trial")
def mailbox_trial(request: AgencyRequest, pk: int) -> HttpResponse:
    """Send a test e-mail to oneself."""
    message = queue_trial(mailbox_or_404(request, pk), to=request.user)
    return redirect("mailer:message", request.agency.slug, message.pk)


@member_view(Role.MANAGER)
@require_POST
def mailbox_pause(request: AgencyRequest, pk: int) -> HttpResponse:
    """Stop a mailbox."""
    mailbox = mailbox_or_404(request, pk)
    reason = request.POST.get("reason", "").strip()[:200]
    who = f"Paused by {request.user}"
    if mailbox.is_trying:
        services.pause_mailbox(mailbox, reason=f"{who}: {reason}" if reason else f"{who}.")
        say(request, f"{mailbox.address} is paused. Nothing more is handed over.")
    return redirect(_page_of(request, mailbox))


@member_view(Role.MANAGER)
@require_POST
def mailbox_resume(request: AgencyRequest, pk: int) -> HttpResponse:
    """Let a mailbox send again."""
    mailbox = mailbox_or_404(request, pk)
    if mailbox.status != MailboxStatus.ACTIVE:
        services.resume_mailbox(mailbox)
        say(request, f"{mailbox.address} is {mailbox.get_status_display().lower()}.")
    return redirect(_page_of(request, mailbox))


@member_view(Role.MANAGER)
@require_POST
def mailbox_archive(request: AgencyRequest, pk: int) -> HttpResponse:
    """Take a mailbox out of use."""
    mailbox = mailbox_or_404(request, pk)
    if mailbox.status != MailboxStatus.ARCHIVED:
        services.archive_mailbox(mailbox)
        say(request, f"{mailbox.address} is archived. Its messages stay.")
    return redirect("mailer:mailboxes", request.agency.slug)


@member_view(Role.MANAGER)
@require_POST
def mailbox_delete(request: AgencyRequest, pk: int) -> HttpResponse:
    """Delete a mailbox that was never used."""
    mailbox = mailbox_or_404(request, pk)
    if grants.delete_mailbox(mailbox):
        say(request, f"{mailbox.address} is deleted.")
        return redirect("mailer:mailboxes", request.agency.slug)
    say(
        request,
        f"{mailbox.address} has messages, which would go with it. Archive it instead.",
        tone="bad",
    )
    return redirect(_page_of(request, mailbox))
