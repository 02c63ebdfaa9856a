"""Campaigns, their sequence, who is enrolled, their e-mails and figures in the admin."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from unfold.admin import TabularInline

from campaigns.models import (
    Campaign,
    DailyStat,
    EmailTemplate,
    Enrolment,
    EnrolmentRun,
    EnrolmentSkip,
    SequenceStep,
    StepEmail,
    StepVariant,
)
from campaigns.services.content import begin_change
from foundation.backstage import Backstage, ReadOnlyBackstage

# What may be changed without anyone looking at the campaign again.
_HARMLESS = frozenset({"name", "slug", "owner"})


class StepInline(TabularInline):  # type: ignore[misc]  # Unfold ships no types
    """The steps of a campaign, to look at; the designer changes them and voids approvals."""

    model = SequenceStep
    fields = readonly_fields = ("order", "wait", "wait_unit", "thread_mode")
    extra = 0
    can_delete = False
    show_change_link = True


class VariantInline(TabularInline):  # type: ignore[misc]  # Unfold ships no types
    """The wordings of a step, to look at."""

    model = StepVariant
    fields = readonly_fields = ("label", "subject", "weight", "status")
    extra = 0
    can_delete = False
    show_change_link = True


@admin.register(Campaign)
class CampaignAdmin(Backstage):
    """Campaigns; what they are approved for and where they stand moves in the product only."""

    list_display = ("name", "agency", "client", "status", "total_enrolled", "launched_at")
    list_filter = ("status", "kind", "prospect_type", "approval_mode")
    list_select_related = ("agency", "client")
    search_fields = ("name", "slug", "agency__name", "client__name")
    autocomplete_fields = ("agency", "client", "owner", "approved_by", "mailboxes")
    readonly_fields = (
        "status",
        "content_version",
        "approved_version",
        "approved_by",
        "approved_at",
        "total_enrolled",
        "launched_at",
        "completed_at",
        "created_at",
    )
    ordering = ("-id",)
    inlines = (StepInline,)

    @transaction.atomic
    def save_model(self, request: Any, obj: Campaign, form: Any, change: bool) -> None:  # noqa: FBT001  # Django's
        """Store what was changed; anything but names and owners voids the approval."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        columns = {field.name for field in Campaign._meta.concrete_fields}
        changed = [name for name in form.changed_data if name in columns]
        if set(form.changed_data) - _HARMLESS:
            stored = Campaign.objects.select_related("agency").get(pk=obj.pk)
            begin_change(stored, actor=request.user, what="edited in the admin")
        if changed:
            obj.save(update_fields=changed)


@admin.register(SequenceStep)
class SequenceStepAdmin(ReadOnlyBackstage):
    """Steps; the designer changes them."""

    list_display = ("campaign", "order", "wait", "wait_unit", "thread_mode", "agency")
    list_filter = ("thread_mode", "wait_unit")
    list_select_related = ("campaign", "agency")
    search_fields = ("campaign__name", "agency__name")
    ordering = ("-id",)
    inlines = (VariantInline,)


@admin.register(StepVariant)
class StepVariantAdmin(ReadOnlyBackstage):
    """Wordings; the designer changes them."""

    list_display = ("step", "label", "subject", "weight", "status", "agency")
    list_filter = ("status",)
    list_select_related = ("step", "agency")
    search_fields = ("subject", "step__campaign__name")
    ordering = ("-id",)


@admin.register(EmailTemplate)
class EmailTemplateAdmin(Backstage):
    """The agencies' template libraries."""

    list_display = ("name", "category", "agency", "owner", "updated_at")
    list_filter = ("category",)
    list_select_related = ("agency", "owner")
    search_fields = ("name", "subject", "agency__name")
    autocomplete_fields = ("agency", "owner")
    readonly_fields = ("created_at", "updated_at")


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnlyBackstage):
    """Who is where in which sequence; the product's own services move them."""

    list_display = ("lead", "campaign", "status", "next_step", "due_at", "stop_reason", "agency")
    list_filter = ("status", "stop_reason")
    list_select_related = ("lead", "campaign", "agency")
    search_fields = ("=lead__email", "campaign__name")
    raw_id_fields = ("campaign", "lead", "mailbox", "thread")
    ordering = ("-id",)


@admin.register(StepEmail)
class StepEmailAdmin(ReadOnlyBackstage):
    """Each e-mail with its review and the message it became."""

    list_display = ("enrolment", "step", "variant", "review", "reviewed_by", "agency")
    list_filter = ("review", "edited")
    list_select_related = (
        "enrolment__lead",
        "enrolment__campaign",
        "step",
        "variant__step",
        "reviewed_by",
        "agency",
    )
    search_fields = ("=enrolment__lead__email", "campaign__name")
    raw_id_fields = ("campaign", "enrolment", "step", "variant", "message")
    ordering = ("-id",)


@admin.register(DailyStat)
class DailyStatAdmin(ReadOnlyBackstage):
    """Daily figures; `rebuild_stats` proves them equal to what happened."""

    list_display = ("campaign", "date", "step", "variant", "mailbox", "sent", "replied", "bounced")
    list_filter = ("date",)
    list_select_related = ("campaign", "step", "variant__step", "mailbox")
    search_fields = ("campaign__name", "=mailbox__address")
    ordering = ("-date", "-id")


@admin.register(EnrolmentRun)
class EnrolmentRunAdmin(ReadOnlyBackstage):
    """Enrolments of many leads at once, and how far they have come."""

    list_display = ("campaign", "status", "total", "done", "enrolled", "actor", "created_at")
    list_filter = ("status",)
    list_select_related = ("campaign", "actor")
    search_fields = ("campaign__name", "=actor__email")
    ordering = ("-id",)


@admin.register(EnrolmentSkip)
class EnrolmentSkipAdmin(ReadOnlyBackstage):
    """Leads that were left out, and why."""

    list_display = ("lead", "run", "reason", "detail", "agency")
    list_filter = ("reason",)
    list_select_related = ("lead", "run__campaign", "agency")
    search_fields = ("=lead__email", "run__campaign__name")
    raw_id_fields = ("run", "lead")
    ordering = ("-id",)
