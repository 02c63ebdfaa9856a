"""What is remembered of crawled sites, in the admin site."""

from django import forms
from django.contrib import admin

from foundation.backstage import Backstage, ReadOnlyBackstage
from integrations.models import (
    CrawlTurn,
    ProviderAccount,
    ProviderCall,
    ProviderUsage,
    RobotsFile,
)


class AccountAdminForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """An account; the secret is written, never shown, and empty keeps the stored one."""

    secret = forms.CharField(
        label="API password",
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=False),
    )

    class Meta:
        model = ProviderAccount
        fields = "__all__"  # noqa: DJ007  # superadmins see every column

    def clean_secret(self) -> str:
        """Keep the stored secret when none is given."""
        return str(self.cleaned_data["secret"]) or self.instance.secret


@admin.register(RobotsFile)
class RobotsFileAdmin(Backstage):
    """robots.txt files; one that is deleted is read again at the next visit."""

    list_display = ["origin", "status", "fetched_at", "expires_at"]
    list_filter = ["status"]
    search_fields = ["origin"]
    readonly_fields = ["origin", "status", "body", "fetched_at", "expires_at"]
    ordering = ["-expires_at"]

    def has_add_permission(self, request: object) -> bool:
        """Refuse: they come from the sites."""
        return False


@admin.register(CrawlTurn)
class CrawlTurnAdmin(ReadOnlyBackstage):
    """Whose turn it is at each host."""

    list_display = ["host", "free_at", "holder"]
    search_fields = ["=host"]
    ordering = ["-free_at"]


@admin.register(ProviderAccount)
class ProviderAccountAdmin(Backstage):
    """Accounts at providers; one without agency pays for everyone's calls."""

    form = AccountAdminForm
    list_display = ["provider", "agency", "login", "monthly_limit", "is_active", "last_ok_at"]
    list_filter = ["provider", "is_active"]
    list_select_related = ["agency"]
    search_fields = ["login", "agency__name"]
    autocomplete_fields = ["agency"]
    readonly_fields = ["last_ok_at", "last_error", "last_error_at"]
    ordering = ["-pk"]


@admin.register(ProviderUsage)
class ProviderUsageAdmin(ReadOnlyBackstage):
    """What accounts used, by month."""

    list_display = ["account", "month", "units", "cost"]
    list_select_related = ["account__agency"]
    search_fields = ["account__login"]
    ordering = ["-month", "-pk"]


@admin.register(ProviderCall)
class ProviderCallAdmin(ReadOnlyBackstage):
    """Calls to providers."""

    list_display = ["account", "purpose", "outcome", "latency_ms", "cost", "at"]
    list_filter = ["outcome", "purpose"]
    list_select_related = ["account__agency"]
    search_fields = ["account__login"]
    ordering = ["-at", "-pk"]
