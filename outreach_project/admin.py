"""Other people's tables in the admin: login, second factors, schedules."""

from allauth.account.admin import EmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django_celery_beat.admin import ClockedScheduleAdmin as BaseClockedScheduleAdmin
from django_celery_beat.admin import CrontabScheduleAdmin as BaseCrontabScheduleAdmin
from django_celery_beat.admin import PeriodicTaskAdmin as BasePeriodicTaskAdmin
from django_celery_beat.admin import PeriodicTaskForm, TaskSelectWidget
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from foundation.backstage import Backstage, ReadOnlyBackstage

for model in (
    Group,  # roles live in memberships; permissions of the admin are all or none
    EmailAddress,
    Authenticator,
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
):
    admin.site.unregister(model)


@admin.register(EmailAddress)
class LoginAddressAdmin(Backstage, EmailAddressAdmin):  # type: ignore[misc]  # allauth ships no types
    """The addresses a person may log in with."""

    raw_id_fields = ()
    autocomplete_fields = ("user",)
    list_select_related = ("user",)


@admin.register(Authenticator)
class SecondFactorAdmin(ReadOnlyBackstage):
    """Second factors; a lost one is removed here. The secret is not shown."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("data",)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Allow: a person who lost the phone asks for this."""
        return True


class _TaskWidget(UnfoldAdminSelectWidget, TaskSelectWidget):  # type: ignore[misc]  # untyped
    """The choice of a registered task, in Unfold's look."""


class ScheduledTaskForm(PeriodicTaskForm):  # type: ignore[misc]  # untyped
    """A schedule whose task is chosen from those the product has."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = _TaskWidget()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(Backstage, BasePeriodicTaskAdmin):  # type: ignore[misc]  # untyped
    """What runs when."""

    form = ScheduledTaskForm
    # Theirs brings an inline script for a hint that is not worth relaxing the policy.
    change_form_template = None
    date_hierarchy = None
    fieldsets = (
        (None, {"fields": ("name", "regtask", "task", "enabled", "description")}),
        (
            "When",
            {
                "description": "Choose one: an interval, a crontab, or a single time.",
                "fields": ("interval", "crontab", "clocked", "start_time", "one_off"),
            },
        ),
        ("Arguments", {"classes": ("collapse",), "fields": ("args", "kwargs")}),
        (
            "Delivery",
            {
                "classes": ("collapse",),
                "fields": ("expires", "expire_seconds", "queue", "priority", "last_run_at"),
            },
        ),
    )
    list_display = ("name", "task", "scheduler", "enabled", "last_run_at", "total_run_count")
    list_filter = ("enabled",)
    list_select_related = ("interval", "crontab", "solar", "clocked")
    search_fields = ("name", "task")


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(Backstage):
    """Every so often."""

    list_display = ("__str__", "every", "period")
    list_filter = ("period",)


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(Backstage, BaseCrontabScheduleAdmin):  # type: ignore[misc]  # untyped
    """At set times."""


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(Backstage, BaseClockedScheduleAdmin):  # type: ignore[misc]  # untyped
    """Once, at a time."""
