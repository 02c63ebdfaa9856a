"""The admin site: superadmins only, entered through the product's own login."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.apps import apps
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.sites import UnfoldAdminSite

from accounts.models import User
from accounts.tenancy import to_login
from mailer.selectors_checks import check_alarm

# Unfold's Alpine evaluates expressions in attributes and sets inline styles.
_UNFOLD_CSP = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}

# Heading of each group in the sidebar, by app, in order.
_GROUPS = {
    "accounts": "People",
    "account": "Login",
    "mfa": "Login",
    "leads": "Prospects",
    "campaigns": "Campaigns",
    "mailer": "Mail",
    "directory": "Links",
    "integrations": "Other companies",
    "compliance": "Compliance",
    "django_celery_beat": "Schedules",
}
# Material symbols, by model.
_ICONS = {
    "accounts.agency": "apartment",
    "accounts.user": "person",
    "accounts.membership": "badge",
    "accounts.client": "work",
    "accounts.invitation": "mail",
    "accounts.competitor": "swords",
    "accounts.targetpage": "ads_click",
    "account.emailaddress": "alternate_email",
    "mfa.authenticator": "key",
    "leads.lead": "contacts",
    "leads.leadimport": "upload_file",
    "leads.leadevent": "history",
    "leads.savedview": "bookmark",
    "campaigns.campaign": "campaign",
    "campaigns.emailtemplate": "draft",
    "campaigns.enrolment": "how_to_reg",
    "campaigns.stepemail": "rate_review",
    "campaigns.dailystat": "bar_chart",
    "mailer.mailbox": "inbox",
    "mailer.thread": "forum",
    "mailer.message": "send",
    "mailer.inboundmessage": "move_to_inbox",
    "mailer.messageevent": "bolt",
    "mailer.outboxcheck": "verified",
    "directory.directory": "menu_book",
    "directory.directorystep": "checklist",
    "directory.backlink": "link",
    "directory.backlinkcheck": "health_and_safety",
    "directory.backlinkevent": "history",
    "directory.matchingpreference": "tune",
    "directory.matchrun": "join_inner",
    "integrations.crawlturn": "hourglass",
    "integrations.robotsfile": "smart_toy",
    "integrations.provideraccount": "key",
    "integrations.providerusage": "data_usage",
    "integrations.providercall": "call",
    "compliance.suppression": "block",
    "compliance.consent": "thumb_up",
    "compliance.policydecision": "gavel",
    "compliance.auditentry": "fact_check",
    "compliance.securityevent": "security",
    "django_celery_beat.clockedschedule": "event",
    "django_celery_beat.crontabschedule": "calendar_month",
    "django_celery_beat.intervalschedule": "timelapse",
    "django_celery_beat.periodictask": "schedule",
}


class BackstageSite(UnfoldAdminSite):  # type: ignore[misc]  # Unfold ships no types
    """Django's admin for superadmins; for everybody else it is not there."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the visitor is a superadmin."""
        user = request.user
        return bool(user.is_active and user.is_staff and user.is_superuser)

    def admin_view(
        self,
        view: Callable[..., HttpResponseBase],
        cacheable: bool = False,  # noqa: FBT001, FBT002  # Django's signature
    ) -> Callable[..., HttpResponseBase]:
        """Send visitors to log in, give others 404, and let Unfold's scripts run."""
        inner = super().admin_view(view, cacheable)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_login(request)
            if not self.has_permission(request):
                raise Http404
            response: HttpResponseBase = inner(request, *args, **kwargs)
            return response

        relaxed: Callable[..., HttpResponseBase] = csp_update(_UNFOLD_CSP)(guarded)
        return relaxed

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Leave logging in to the product's login, with its limits and second factor."""
        return self.admin_view(self.index)(request)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """Show the tables, and ask for a second factor where there is none."""
        if isinstance(request.user, User) and not is_mfa_enabled(request.user):
            text = format_html(
                'This account opens everything. <a class="underline" href="{}">'
                "Turn on two-factor login</a>.",
                reverse("mfa_index"),
            )
            messages.warning(request, text)
        if alarm := check_alarm(timezone.now()):
            link = reverse("admin:mailer_outboxcheck_changelist")
            text = format_html('{} <a class="underline" href="{}">Outbox checks</a>', alarm, link)
            messages.error(request, text)
        response: HttpResponseBase = super().index(request, extra_context)
        return response


def favicon(request: HttpRequest) -> str:
    """Return the product's icon; settings name this function."""
    return static("img/favicon.svg")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the sidebar: every registered table, grouped; settings name this function."""
    groups: dict[str, list[dict[str, Any]]] = {title: [] for title in _GROUPS.values()}
    for model in filter(admin.site.is_registered, apps.get_models()):
        label = model._meta.label_lower
        group = groups.setdefault(_GROUPS.get(model._meta.app_label, "Other"), [])
        group.append(
            {
                "title": str(model._meta.verbose_name_plural).capitalize(),
                "icon": _ICONS.get(label, "table"),
                "link": reverse(f"admin:{label.replace('.', '_')}_changelist"),
            }
        )
    return [
        {"title": title, "separator": True, "collapsible": True, "items": items}
        for title, items in groups.items()
        if items
    ]
