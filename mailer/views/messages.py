"""Outgoing messages: the list, one message with its whole story, and what a person may do."""

import nh3
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Role
from accounts.tenancy import AgencyRequest, member_view
from foundation.pages import render_page, say
from foundation.paging import keyset_page
from mailer.enums import MailboxStatus, MessageStatus
from mailer.models import Mailbox, Message
from mailer.selectors_messages import MESSAGE_ORDER, filtered_messages, story_of
from mailer.selectors_sources import source_of
from mailer.services.outbox import cancel_by_hand
from mailer.services.uncertain import NotAgainError, confirm_sent, give_up, send_again

EVENTS_SHOWN = 100


def _message(request: AgencyRequest, pk: int) -> Message:
    rows = Message.objects.for_agency(request.agency)
    joined = rows.select_related("agency", "mailbox", "thread", "decision", "sender_user")
    return get_object_or_404(joined, pk=pk)


@member_view(Role.MEMBER)
@require_safe
def message_list(request: AgencyRequest) -> HttpResponse:
    """List outgoing messages, newest first, filtered by the URL."""
    params = request.GET.dict()
    rows = filtered_messages(request.agency, params)
    page = keyset_page(rows, order=MESSAGE_ORDER, cursor=params.get("cursor", ""))
    context = {
        "page": page,
        "params": params,
        "filtered": any(params.get(name) for name in ("q", "status", "mailbox", "campaign")),
        "statuses": MessageStatus.choices,
        "mailboxes": Mailbox.objects.for_agency(request.agency).order_by("address")[:200],
    }
    return render_page(request, "mailer/message_list.html", "mailer/_message_table.html", context)


@member_view(Role.MEMBER)
@require_safe
def message_page(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show one message: story, headers, preview, decision, events, actions."""
    message = _message(request, pk)
    context = {
        "message": message,
        "story": story_of(message, now=timezone.now()),
        "events": list(message.events.order_by("-at", "-pk")[:EVENTS_SHOWN]),
        "decision": message.decision,
        "can_cancel": message.status in {MessageStatus.QUEUED, MessageStatus.CLAIMED},
        "is_uncertain": message.status == MessageStatus.UNCERTAIN,
        "can_retry": message.status == MessageStatus.FAILED,
        "mailbox_archived": message.mailbox.status == MailboxStatus.ARCHIVED,
    }
    return render(request, "mailer/message_page.html", context)


@member_view(Role.MEMBER)
@require_safe
@xframe_options_sameorigin
def message_preview(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show the message's HTML, sanitised, in a frame of its own without script or pictures."""
    message = _message(request, pk)
    body = nh3.clean(message.html) if message.html else ""
    context = {"body": body, "text": message.text, "subject": message.subject}
    response = HttpResponse(render_to_string("mailer/message_preview.html", context))
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; frame-ancestors 'self'; base-uri 'none';"
        " form-action 'none'"
    )
    return response


@member_view(Role.MEMBER)
@require_safe
def message_source(request: AgencyRequest, pk: int) -> HttpResponse:
    """Show the message as it goes over the wire."""
    message = _message(request, pk)
    source = source_of(message, now=message.sent_at or timezone.now())
    if "download" in request.GET and source.content:
        response = HttpResponse(source.content, content_type="message/rfc822")
        response["Content-Disposition"] = f'attachment; filename="message-{message.pk}.eml"'
        return response
    context = {"message": message, "source": source, "size": len(source.content)}
    return render(request, "mailer/message_source.html", context)


@member_view(Role.MEMBER)
@require_POST
def message_cancel(request: AgencyRequest, pk: int) -> HttpResponse:
    """Stop a message that was not handed over yet."""
    if cancel_by_hand(_message(request, pk), actor=request.user):
        say(request, "Cancelled. It will not be sent.")
    else:
        say(request, "Too late: it is no longer waiting.", tone="warn")
    return redirect("mailer:message", request.agency.slug, pk)


@member_view(Role.MEMBER)
@require_POST
def message_again(request: AgencyRequest, pk: int) -> HttpResponse:
    """Queue a failed or uncertain message again, with the same Message-ID."""
    try:
        queued = send_again(_message(request, pk))
    except NotAgainError as error:
        say(request, str(error), tone="bad")
        return redirect("mailer:message", request.agency.slug, pk)
    if queued:
        say(request, "Queued again, with the same Message-ID.")
    else:
        say(request, "Only a failed or uncertain message can be sent again.", tone="warn")
    return redirect("mailer:message", request.agency.slug, pk)


@member_view(Role.MEMBER)
@require_POST
def message_lost(request: AgencyRequest, pk: int) -> HttpResponse:
    """Settle an uncertain message: a person knows that it did not arrive."""
    words = f"{request.user} found out that it did not arrive."
    if give_up(_message(request, pk), words=words, now=timezone.now()):
        say(request, "Marked as not sent. You can send it again.")
    else:
        say(request, "It is not uncertain any more.", tone="warn")
    return redirect("mailer:message", request.agency.slug, pk)


@member_view(Role.MEMBER)
@require_POST
def message_arrived(request: AgencyRequest, pk: int) -> HttpResponse:
    """Settle an uncertain message: a person knows that it arrived."""
    evidence = f"{request.user} confirmed that it arrived."
    if confirm_sent([_message(request, pk)], evidence=evidence, now=timezone.now()):
        say(request, "Marked as sent.")
    else:
        say(request, "It is not uncertain any more.", tone="warn")
    return redirect("mailer:message", request.agency.slug, pk)
