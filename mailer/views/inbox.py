"""The inbox: every answer in one place, worked thread by thread."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from foundation.pages import say, wants_partial
from foundation.paging import counted, keyset_page
from mailer.conversations import (
    ORDER,
    PAGE,
    VIEWS,
    aliases_of,
    colleagues,
    parts_of,
    reply_address,
    tag_of,
    threads_of_view,
)
from mailer.enums import Intent
from mailer.forms.inbox import (
    PRESETS,
    AssignForm,
    CorrectionForm,
    ReplyForm,
    SnoozeForm,
)
from mailer.models import InboundMessage, Mailbox, Message, Thread
from mailer.services import replying, threads
from mailer.services.reading import read_mailbox

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILTERS = ("view", "mailbox", "intent", "q")
# Mailboxes read at once while somebody waits.
READ_AT_ONCE = 10
# An answer that leaves within this is watched.
WATCHED = dt.timedelta(minutes=2)
FRAME_POLICY = (
    "default-src 'none'; style-src 'self'; frame-ancestors 'self'; base-uri 'none';"
    " form-action 'none'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)


def _thread(request: AgencyRequest, pk: int) -> Thread:
    rows = Thread.objects.for_agency(request.agency)
    return get_object_or_404(rows.select_related("agency", "mailbox", "assignee"), pk=pk)


def _list_context(request: AgencyRequest, params: Mapping[str, str]) -> dict[str, Any]:
    """Return what the list pane shows."""
    now = timezone.now()
    user = request.user
    rows = threads_of_view(request.agency, user, params, now=now)
    page = keyset_page(rows, order=ORDER, cursor=params.get("cursor", ""), size=PAGE)
    for thread in page.rows:
        thread.tag = tag_of(thread.intent)  # type: ignore[attr-defined]  # for the row only
    counts = {
        name: counted(threads_of_view(request.agency, user, {"view": name}, now=now), 999)
        for name in ("open", "mine", "snoozed")
    }
    return {
        "page": page,
        "params": params,
        "view": params.get("view", "open"),
        "views": [(name, label, *counts.get(name, (0, False))) for name, label in VIEWS],
        "intents": Intent.choices,
        "mailboxes": Mailbox.objects.for_agency(request.agency).in_use()[:200],
        "filtered": any(params.get(name) for name in ("mailbox", "intent", "q")),
        "keep": "&".join(f"{name}={params[name]}" for name in _FILTERS if params.get(name)),
    }


def _thread_context(request: AgencyRequest, thread: Thread, **more: Any) -> dict[str, Any]:
    """Return what the thread pane shows."""
    parts = parts_of(thread)
    heard = [part for part in parts if part.inbound]
    return {
        "thread": thread,
        "parts": parts,
        "last": parts[-1] if parts else None,
        "newest": heard[-1].inbound if heard else None,
        "reply_to": reply_address(thread, parts),
        "moving": any(part.leaves_before(timezone.now() + WATCHED) for part in parts),
        "corrections": threads.CORRECTIONS,
        "presets": PRESETS,
        "people": colleagues(request.agency),
        "aliases": aliases_of(request.agency, thread.counterpart),
        "reply_key": secrets.token_urlsafe(12),
        "draft": "",
        "errors": [],
        "params": request.GET.dict(),
        **more,
    }


@member_view(Role.MEMBER)
@require_safe
def inbox(request: AgencyRequest) -> HttpResponse:
    """List the threads of a view; under htmx only the list, or its next page."""
    context = _list_context(request, request.GET.dict())
    if wants_partial(request):
        rows_only = bool(request.GET.get("cursor"))
        template = "mailer/_inbox_rows.html" if rows_only else "mailer/_inbox_list.html"
        return render(request, template, context)
    return render(request, "mailer/inbox.html", context)


@member_view(Role.MEMBER)
@require_safe
def thread_page(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show a thread beside the list; opening it marks it read."""
    thread = _thread(request, pk)
    was_unread = thread.is_unread
    thread.tag = tag_of(thread.intent)  # type: ignore[attr-defined]  # for the row only
    threads.set_unread(thread, unread=False)
    context = _thread_context(request, thread, was_unread=was_unread)
    if wants_partial(request):
        return render(request, "mailer/_thread_opened.html", context)
    return render(request, "mailer/inbox.html", context | _list_context(request, context["params"]))


def _after(request: AgencyRequest, thread: Thread, **more: Any) -> HttpResponse:
    """Answer a POST about a thread: the thread again, with its row and toasts."""
    if not wants_partial(request):
        return redirect("mailer:thread", request.agency.slug, thread.pk)
    thread.tag = tag_of(thread.intent)  # type: ignore[attr-defined]  # for the row only
    status = more.pop("status", 200)
    context = _thread_context(request, thread, **more)
    body = render_to_string("mailer/_thread_changed.html", context, request)
    return HttpResponse(body, status=status)


def _url(request: AgencyRequest, name: str, pk: int) -> str:
    return reverse(f"mailer:{name}", args=[request.agency.slug, pk])


@member_view(Role.MEMBER)
@require_POST
def thread_done(request: AgencyRequest, pk: int) -> HttpResponse:
    """Mark a thread done."""
    thread = _thread(request, pk)
    threads.finish(thread)
    say(request, "Marked done.", undo=_url(request, "thread_reopen", pk))
    return _after(request, thread)


@member_view(Role.MEMBER)
@require_POST
def thread_reopen(request: AgencyRequest, pk: int) -> HttpResponse:
    """Put a thread back among the open ones."""
    thread = _thread(request, pk)
    threads.reopen(thread)
    say(request, "Open again.")
    return _after(request, thread)


@member_view(Role.MEMBER)
@require_POST
def thread_snooze(request: AgencyRequest, pk: int) -> HttpResponse:
    """Put a thread aside until a moment."""
    thread = _thread(request, pk)
    form = SnoozeForm(request.POST, agency=request.agency)
    if not form.is_valid():
        for errors in form.errors.values():
            say(request, str(errors[0]), tone="bad")
        return _after(request, thread)
    until = form.cleaned_data["until"]
    threads.snooze(thread, until=until)
    when = f"Snoozed until {until:%A, %-d %B, %H:%M}."
    say(request, when, undo=_url(request, "thread_reopen", pk))
    return _after(request, thread)


@member_view(Role.MEMBER)
@require_POST
def thread_assign(request: AgencyRequest, pk: int) -> HttpResponse:
    """Give a thread to a member."""
    thread = _thread(request, pk)
    form = AssignForm(request.POST, agency=request.agency)
    if form.is_valid():
        threads.assign(thread, form.user())
        say(request, f"Assigned to {form.user() or 'nobody'}.")
    else:
        say(request, "That person is not in this agency.", tone="bad")
    return _after(request, thread)


@member_view(Role.MEMBER)
@require_POST
def thread_unread(request: AgencyRequest, pk: int) -> HttpResponse:
    """Mark a thread unread and go back to the list."""
    thread = _thread(request, pk)
    threads.set_unread(thread, unread=True)
    say(request, "Marked unread.")
    if wants_partial(request):
        return _after(request, thread)
    return redirect("mailer:inbox", request.agency.slug)


@member_view(Role.MEMBER)
@require_POST
def thread_reply(request: AgencyRequest, pk: int) -> HttpResponse:
    """Queue an answer; it can be taken back for some seconds."""
    thread = _thread(request, pk)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        errors = [error for found in form.errors.values() for error in found]
        more = {"errors": errors, "draft": request.POST.get("text", "")}
        if wants_partial(request):
            return _after(request, thread, status=422, **more)
        context = _thread_context(request, thread, **more)
        page = context | _list_context(request, {})
        return render(request, "mailer/inbox.html", page, status=422)
    message = replying.send_reply(
        thread=thread,
        text=form.cleaned_data["text"],
        user=request.user,
        key=form.cleaned_data["key"],
    )
    _say_queued(request, message)
    return _after(request, thread)


def _say_queued(request: AgencyRequest, message: Message) -> None:
    if message.status == "blocked":
        say(request, f"Not sent. {message.last_error}", tone="bad")
        return
    seconds = int(replying.UNDO.total_seconds())
    undo = _url(request, "reply_take_back", message.pk)
    say(request, f"Goes out in {seconds} seconds.", tone="info", undo=undo)


@member_view(Role.MEMBER)
@require_POST
def reply_take_back(request: AgencyRequest, pk: int) -> HttpResponse:
    """Stop an answer that has not left yet and put its words back into the composer."""
    rows = Message.objects.for_agency(request.agency).select_related("agency", "thread")
    message = get_object_or_404(rows, pk=pk, kind="reply", thread__isnull=False)
    stopped = replying.take_back(message)
    thread = _thread(request, int(message.thread_id or 0))
    if not stopped:
        say(request, "Too late: it is on its way.", tone="warn")
        return _after(request, thread)
    say(request, "Taken back. Nothing was sent.")
    if wants_partial(request):
        return _after(request, thread, draft=message.text)
    context = _thread_context(request, thread, draft=message.text)
    return render(request, "mailer/inbox.html", context | _list_context(request, {}))


@member_view(Role.MEMBER)
@require_POST
def mail_correct(request: AgencyRequest, pk: int) -> HttpResponse:
    """Say what an answer really is."""
    rows = InboundMessage.objects.for_agency(request.agency)
    inbound = get_object_or_404(
        rows.select_related("agency", "thread", "original"), pk=pk, thread__isnull=False
    )
    form = CorrectionForm(request.POST)
    if form.is_valid():
        made = threads.correct(inbound, form.cleaned_data["value"], membership=request.membership)
        say(request, made.text, tone="warn" if made.tone == "warn" else "ok")
    else:
        say(request, "Choose what the answer is from the list.", tone="bad")
    return _after(request, _thread(request, int(inbound.thread_id or 0)))


@member_view(Role.MEMBER)
@require_safe
def thread_sending(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show how far the answers of a thread are; polled while one is on its way."""
    thread = _thread(request, pk)
    context = _thread_context(request, thread)
    if not wants_partial(request):
        return redirect("mailer:thread", request.agency.slug, pk)
    return render(request, "mailer/_thread_parts.html", context)


@member_view(Role.MEMBER)
@require_safe
@xframe_options_sameorigin
def mail_html(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show a mail's sanitised HTML in a frame where nothing runs or loads."""
    mail = get_object_or_404(InboundMessage.objects.for_agency(request.agency), pk=pk)
    context = {"body": mail.html, "text": mail.text, "subject": mail.subject}
    response = render(request, "mailer/message_preview.html", context)
    response["Content-Security-Policy"] = FRAME_POLICY
    return response


@member_view(Role.MEMBER)
@require_POST
def read_now(request: AgencyRequest) -> HttpResponse:
    """Read the agency's mailboxes now instead of within five minutes."""
    boxes = Mailbox.objects.for_agency(request.agency).in_use().exclude(imap_host="")
    boxes = boxes.order_by("last_read_at", "id")
    reports = {box.address: read_mailbox(box.pk, asked=True) for box in boxes[:READ_AT_ONCE]}
    for address, report in reports.items():
        if report.error:
            say(request, f"{address}: {report.error}", tone="bad")
    found = sum(report.stored for report in reports.values())
    words = f"{found} new" if found else "Nothing new"
    say(request, f"{words} in {len(reports)} mailbox{'' if len(reports) == 1 else 'es'}.")
    back = "mailer:sandbox" if request.POST.get("next") == "sandbox" else "mailer:inbox"
    return redirect(back, request.agency.slug)
