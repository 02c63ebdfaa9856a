"""Incoming mail in the admin: what was taken in, and what could not be."""

from django.contrib import admin

from foundation.backstage import ReadOnlyBackstage
from mailer.models import Alias, InboundMessage, SetAsideMail


@admin.register(InboundMessage)
class InboundMessageAdmin(ReadOnlyBackstage):
    """Answers, reports and programs' mail, as they were read."""

    list_display = ("from_address", "subject", "agency", "mailbox", "kind", "intent", "received_at")
    list_filter = ("kind", "intent", "intent_source")
    list_select_related = ("agency", "mailbox")
    search_fields = ("=from_address", "=message_id")
    ordering = ("-id",)


@admin.register(SetAsideMail)
class SetAsideMailAdmin(ReadOnlyBackstage):
    """Mail that could not be taken in after three tries; it still lies in its folder."""

    list_display = ("mailbox", "sender", "subject", "tries", "reason", "status", "at", "agency")
    list_select_related = ("agency", "mailbox")
    search_fields = ("=mailbox__address", "reason")
    ordering = ("-at",)


@admin.register(Alias)
class AliasAdmin(ReadOnlyBackstage):
    """Other addresses people answered from."""

    list_display = ("alias", "address", "is_rejected", "created_at", "agency")
    list_select_related = ("agency",)
    search_fields = ("=alias", "=address")
    ordering = ("-id",)
