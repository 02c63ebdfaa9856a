"""Mailboxes, threads, messages and events in the admin; secrets are never shown."""

from django.contrib import admin

from foundation.backstage import Backstage, ReadOnlyBackstage
from mailer.models import (
    DkimKey,
    Mailbox,
    MailboxCheck,
    MailboxGrant,
    MailboxIncident,
    Message,
    MessageEvent,
    OutboxCheck,
    SpoolPosition,
    Thread,
    TrackingDomain,
)


@admin.register(Mailbox)
class MailboxAdmin(Backstage):
    """Sending identities; passwords are set by the agency and shown to nobody."""

    list_display = ("address", "agency", "status", "status_reason", "daily_cap", "last_sent_at")
    list_filter = ("status", "provider", "smtp_security")
    list_select_related = ("agency",)
    search_fields = ("address", "display_name", "agency__name", "smtp_host")
    autocomplete_fields = ("agency", "owner")
    readonly_fields = (
        "status",
        "status_reason",
        "status_at",
        "retry_at",
        "failures",
        "last_sent_at",
        "next_send_at",
        "last_read_at",
        "last_read_error",
        "slow_until",
        "read_slow_until",
        "tested_at",
        "read_uidvalidity",
        "read_uid",
        "read_tries",
        "read_stuck_at",
        "lease_owner",
        "lease_until",
        "fence",
        "read_lease_owner",
        "read_lease_until",
        "created_at",
    )


@admin.register(MailboxGrant)
class MailboxGrantAdmin(ReadOnlyBackstage):
    """Sign-ins at Google and Microsoft; their tokens are shown to nobody."""

    list_display = ("mailbox", "agency", "provider", "account", "problem", "granted_at")
    list_filter = ("provider",)
    list_select_related = ("mailbox", "agency")
    search_fields = ("=account",)
    ordering = ("-granted_at",)


@admin.register(MailboxIncident)
class MailboxIncidentAdmin(ReadOnlyBackstage):
    """When mailboxes could not send or read, and whether people were told."""

    list_display = ("mailbox", "kind", "tries", "began_at", "ended_at", "alerted_at", "agency")
    list_filter = ("kind", "reading")
    list_select_related = ("agency", "mailbox")
    search_fields = ("=mailbox__address", "reason")
    ordering = ("-began_at",)


@admin.register(Thread)
class ThreadAdmin(Backstage):
    """Conversations."""

    list_display = ("counterpart", "subject", "agency", "mailbox", "status", "last_message_at")
    list_filter = ("status",)
    list_select_related = ("agency", "mailbox")
    search_fields = ("counterpart", "subject")
    autocomplete_fields = ("agency", "mailbox", "assignee")


@admin.register(OutboxCheck)
class OutboxCheckAdmin(ReadOnlyBackstage):
    """What the nightly look at the outbox found; each finding names rows."""

    list_display = ("at", "broken", "messages", "seconds")
    ordering = ("-at",)


@admin.register(Message)
class MessageAdmin(ReadOnlyBackstage):
    """The outbox; messages move by the product's own services only."""

    list_display = ("to_address", "subject", "agency", "mailbox", "status", "due_at", "sent_at")
    list_filter = ("status", "kind", "held")
    list_select_related = ("agency", "mailbox")
    search_fields = ("=to_address", "=message_id", "=idempotency_key", "=campaign_key")
    raw_id_fields = ("thread", "decision")
    ordering = ("-id",)
    date_hierarchy = None


@admin.register(MessageEvent)
class MessageEventAdmin(ReadOnlyBackstage):
    """What happened to messages; append-only."""

    list_display = ("message", "kind", "agent", "at", "agency")
    list_filter = ("kind", "agent")
    list_select_related = ("message", "agency")
    search_fields = ("=message__to_address", "=message__message_id")
    ordering = ("-id",)


@admin.register(DkimKey)
class DkimKeyAdmin(ReadOnlyBackstage):
    """Signing keys; the private half is shown to nobody."""

    list_display = ("domain", "selector", "algorithm", "status", "agency", "created_at")
    list_filter = ("status", "algorithm")
    list_select_related = ("agency",)
    search_fields = ("domain", "selector")
    exclude = ("private_key",)


@admin.register(MailboxCheck)
class MailboxCheckAdmin(ReadOnlyBackstage):
    """What the DNS says of mailboxes."""

    list_display = ("mailbox", "state", "checked_at", "worse_at", "agency")
    list_filter = ("state",)
    list_select_related = ("mailbox", "agency")
    search_fields = ("mailbox__address",)


@admin.register(SpoolPosition)
class SpoolPositionAdmin(ReadOnlyBackstage):
    """How far the web hosts' spools of visits were read."""

    list_display = ("name", "position", "moved_at")
    search_fields = ("=name",)
    ordering = ("-moved_at", "-id")


@admin.register(TrackingDomain)
class TrackingDomainAdmin(ReadOnlyBackstage):
    """Agencies' own link domains that were seen to lead here."""

    list_display = ("host", "agency", "verified_at")
    list_select_related = ("agency",)
    search_fields = ("=host",)
    ordering = ("host",)
