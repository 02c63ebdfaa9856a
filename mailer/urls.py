"""URLs of the mailer app inside an agency."""

from django.urls import URLPattern, path

from mailer.views import (
    aliases,
    connecting,
    deliverability,
    inbox,
    mailboxes,
    messages,
    sandbox,
    set_aside,
)

app_name = "mailer"

_mailbox = "settings/mailboxes/<int:pk>/"
_message = "messages/<int:pk>/"

OUTGOING: list[URLPattern] = [
    path("settings/mailboxes/", mailboxes.mailbox_list, name="mailboxes"),
    path("settings/mailboxes/new/", mailboxes.mailbox_new, name="mailbox_new"),
    path(
        "settings/mailboxes/connect/<slug:provider>/",
        connecting.connect_start,
        name="connect_start",
    ),
    path(_mailbox, mailboxes.mailbox_page, name="mailbox"),
    path(f"{_mailbox}disconnect/", connecting.mailbox_disconnect, name="mailbox_disconnect"),
    path(f"{_mailbox}edit/", mailboxes.mailbox_edit, name="mailbox_edit"),
    path(f"{_mailbox}test/", mailboxes.mailbox_test, name="mailbox_test"),
    path(
        f"{_mailbox}deliverability/",
        deliverability.mailbox_deliverability,
        name="mailbox_deliverability",
    ),
    path(f"{_mailbox}deliverability/check/", deliverability.mailbox_check, name="mailbox_check"),
    path(f"{_mailbox}signing/<slug:act>/", deliverability.mailbox_signing, name="mailbox_signing"),
    path(f"{_mailbox}links/", mailboxes.mailbox_links, name="mailbox_links"),
    path(f"{_mailbox}trial/", mailboxes.mailbox_trial, name="mailbox_trial"),
    path(f"{_mailbox}pause/", mailboxes.mailbox_pause, name="mailbox_pause"),
    path(f"{_mailbox}resume/", mailboxes.mailbox_resume, name="mailbox_resume"),
    path(f"{_mailbox}archive/", mailboxes.mailbox_archive, name="mailbox_archive"),
    path(f"{_mailbox}delete/", mailboxes.mailbox_delete, name="mailbox_delete"),
    path("messages/", messages.message_list, name="messages"),
    path(_message, messages.message_page, name="message"),
    path(f"{_message}preview/", messages.message_preview, name="message_preview"),
    path(f"{_message}source/", messages.message_source, name="message_source"),
    path(f"{_message}cancel/", messages.message_cancel, name="message_cancel"),
    path(f"{_message}again/", messages.message_again, name="message_again"),
    path(f"{_message}arrived/", messages.message_arrived, name="message_arrived"),
    path(f"{_message}lost/", messages.message_lost, name="message_lost"),
]

_not_read = "settings/mailboxes/not-read/<int:pk>/"
_thread = "inbox/<int:pk>/"
_caught = "sandbox/<int:pk>/"

INCOMING: list[URLPattern] = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read_now, name="read_now"),
    path(_thread, inbox.thread_page, name="thread"),
    path(f"{_thread}done/", inbox.thread_done, name="thread_done"),
    path(f"{_thread}reopen/", inbox.thread_reopen, name="thread_reopen"),
    path(f"{_thread}snooze/", inbox.thread_snooze, name="thread_snooze"),
    path(f"{_thread}assign/", inbox.thread_assign, name="thread_assign"),
    path(f"{_thread}unread/", inbox.thread_unread, name="thread_unread"),
    path("inbox/aliases/<int:pk>/reject/", aliases.alias_reject, name="alias_reject"),
    path(f"{_thread}reply/", inbox.thread_reply, name="thread_reply"),
    path(f"{_thread}sending/", inbox.thread_sending, name="thread_sending"),
    path("inbox/replies/<int:pk>/take-back/", inbox.reply_take_back, name="reply_take_back"),
    path("inbox/mails/<int:pk>/html/", inbox.mail_html, name="mail_html"),
    path("inbox/mails/<int:pk>/correct/", inbox.mail_correct, name="mail_correct"),
    path(f"{_mailbox}not-read/", set_aside.set_aside_list, name="set_aside"),
    path(
        "settings/mailboxes/not-read/<int:pk>/again/",
        set_aside.set_aside_again,
        name="set_aside_again",
    ),
    path(
        "settings/mailboxes/not-read/<int:pk>/dismiss/",
        set_aside.set_aside_dismiss,
        name="set_aside_dismiss",
    ),
    path("sandbox/", sandbox.sandbox, name="sandbox"),
    path(_caught, sandbox.sandbox_mail, name="sandbox_mail"),
    path(f"{_caught}html/", sandbox.sandbox_frame, name="sandbox_frame"),
    path(f"{_caught}answer/", sandbox.sandbox_answer, name="sandbox_answer"),
]

urlpatterns: list[URLPattern] = [*OUTGOING, *INCOMING]
