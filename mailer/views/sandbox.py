"""The sandbox: what prospects received, and answering as one of them (DEBUG only)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from foundation.pages import say
from mailer.forms.sandbox import ProspectForm
from mailer.models import Mailbox
from mailer.sandbox import store
from mailer.sanitising import sanitise
from mailer.views.inbox import FRAME_POLICY

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage

PAGE = 50
MAX_SOURCE = 200_000
_UNSUBSCRIBE = re.compile(r"<(https?://[^<>\s]{1,500})>")


def in_sandbox(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Hide a view wherever the sandbox is not open."""

    @wraps(view)
    def wrapper(request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        if not settings.SANDBOX:
            raise Http404
        return view(request, **kwargs)

    return wrapper


@dataclass(frozen=True)
class Shown:
    """A mail as the sandbox shows it."""

    text: str
    html: str
    headers: list[tuple[str, str]]
    source: str
    unsubscribe: str


def _logins(request: AgencyRequest) -> list[str]:
    """Return the names this agency's mailboxes log in with."""
    rows = Mailbox.objects.for_agency(request.agency).values_list("address", "smtp_username")
    return sorted({name.lower() for pair in rows for name in pair if name})


def _own(request: AgencyRequest, pk: int) -> store.Received:
    mail = store.get(pk)
    if mail is None or mail.login not in _logins(request):
        raise Http404
    return mail


def _page(request: HttpRequest, logins: list[str]) -> dict[str, Any]:
    """Return a page of mails received, newest first; `before` is the cursor."""
    cursor, words = request.GET.get("before", ""), request.GET.get("q", "").strip()[:200]
    before = int(cursor) if cursor.isdigit() else 0
    found = store.received(
        recipient=words, logins=logins, before_id=before, limit=PAGE + 1, newest_first=True
    )
    return {
        "mails": found[:PAGE],
        "next": found[PAGE - 1].id if len(found) > PAGE else "",
        "q": words,
        "total": store.count(recipient=words, logins=logins),
    }


def _shown(mail: store.Received) -> Shown:
    parsed = store.parse(mail.raw)
    listed = _UNSUBSCRIBE.search(str(parsed.get("List-Unsubscribe", "")))
    return Shown(
        text=_part(parsed, "plain"),
        html=sanitise(_part(parsed, "html")),
        headers=[(name, " ".join(str(value).split())) for name, value in parsed.items()],
        source=mail.raw[:MAX_SOURCE].decode("utf-8", "replace"),
        unsubscribe=listed.group(1) if listed else "",
    )


def _part(parsed: EmailMessage, subtype: str) -> str:
    part = parsed.get_body((subtype,))
    return str(part.get_content()) if part else ""


@in_sandbox
@member_view(Role.MEMBER)
@require_safe
def sandbox(request: AgencyRequest) -> HttpResponse:
    """List what prospects received from this agency."""
    return render(request, "mailer/sandbox_list.html", _page(request, _logins(request)))


@in_sandbox
@member_view(Role.MEMBER)
@require_safe
def sandbox_mail(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show one mail, rendered and raw, and the form that answers it."""
    return _mail_page(request, _own(request, pk), ProspectForm())


def _mail_page(
    request: AgencyRequest, mail: store.Received, form: ProspectForm, status: int = 200
) -> HttpResponse:
    answered = request.GET.get("answered") == "1"
    context = {"mail": mail, "shown": _shown(mail), "form": form, "answered": answered}
    return render(request, "mailer/sandbox_mail.html", context, status=status)


@in_sandbox
@member_view(Role.MEMBER)
@require_safe
@xframe_options_sameorigin
def sandbox_frame(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show a mail's HTML in a frame where nothing runs or loads."""
    return _frame(request, _own(request, pk))


def _frame(request: HttpRequest, mail: store.Received) -> HttpResponse:
    shown = _shown(mail)
    context = {"body": shown.html, "text": shown.text, "subject": mail.subject}
    response = render(request, "mailer/message_preview.html", context)
    response["Content-Security-Policy"] = FRAME_POLICY
    return response


@in_sandbox
@member_view(Role.MEMBER)
@require_POST
def sandbox_answer(request: AgencyRequest, pk: int) -> HttpResponse:
    """Answer a mail as its recipient would."""
    mail = _own(request, pk)
    form = ProspectForm(request.POST)
    if not form.is_valid():
        return _mail_page(request, mail, form, status=422)
    chosen = form.cleaned_data
    store.reply_as_prospect(mail.id, chosen["preset"], chosen["text"], chosen["return_date"])
    say(request, f"{mail.recipient} has answered. Read the inbox to see what becomes of it.")
    response = redirect("mailer:sandbox_mail", request.agency.slug, pk)
    response["Location"] += "?answered=1"
    return response


@in_sandbox
@require_safe
def platform_mail(request: HttpRequest) -> HttpResponse:
    """List what the platform itself sent: confirmations, invitations, resets."""
    return render(request, "mailer/sandbox_platform.html", _page(request, [""]))


@in_sandbox
@require_safe
def platform_mail_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one mail the platform sent, its links alive."""
    mail = store.get(pk)
    if mail is None or mail.login:
        raise Http404
    return render(
        request, "mailer/sandbox_platform_mail.html", {"mail": mail, "shown": _shown(mail)}
    )
